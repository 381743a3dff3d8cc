# No password in argv, an environment, the engine's view, any log, core pattern or file in the clear, also at
# log_statement = all through restarts, adoption and a reset; and those passwords are there to be found, in one process
. "$(dirname "$0")/../postgres.sh"
requires psql python3
EXTRA="log: {level: debug}"
start_postgres
sql 'create table t (a int); insert into t values (1)' || fail "insert"
for statement in "alter system set log_statement = 'all'" 'alter system set log_connections = on' \
    'alter system set log_min_messages = debug1' 'select pg_reload_conf()'; do
	superuser "$statement" >/dev/null || fail "$statement"
done
look() {
	# what a process could be asked, and what the engine tells
	{ for p in $PID $(children "$PID") $(pgrep -u _bibpg); do
		tr '\0' '\n' <"/proc/$p/cmdline"; tr '\0' '\n' <"/proc/$p/environ"
	done
	  engine_cli inspect "$(container_name)"; engine_cli logs "$(container_name)" 2>&1; cat "$DIR/log"
	  bibctl events; bibctl status
	  bibctl --json status; } >>"$WORK/seen" 2>/dev/null
	python3 "$tests/passwords.py" "$(worker bibd-postgres)" >>"$WORK/passwords" ||
	    fail "no password in the worker that needs them"
}
look
for role in admin write query audit; do sql -U $role 'select 1' >/dev/null; done
engine_cli kill "$(container_name)" >/dev/null; sleep 1; until_true 30 answers || fail "not back"; look
kill -9 "$(worker bibd-postgres)"; sleep 1; until_true 30 answers || fail "not back"; look
kill -9 "$PID"; wait "$PID" 2>/dev/null; sleep 1; launch; wait_ready; look
stop_node; rm "$DIR/data/secrets/credentials"
bibctl credentials reset -f "$CONFIG" >>"$WORK/seen" 2>&1 || fail "reset: $(tail -n 1 "$WORK/seen")"
launch; wait_ready; look
# a failing statement, a failing login
sql -U query 'select nope' >/dev/null; look
sort -u -o "$WORK/passwords" "$WORK/passwords"
[ "$(wc -l <"$WORK/passwords")" -ge 8 ] || fail "only $(wc -l <"$WORK/passwords") passwords were found to look for"
grep -q 'log_statement\|select 1' "$WORK/seen" || fail "the server's log has no statements: log_statement is not on"
grep -cF -f "$WORK/passwords" "$WORK/seen" | grep -qx 0 ||
    fail "a password is seen: $(grep -nF -f "$WORK/passwords" "$WORK/seen" | cut -c1-60 | head -n 5)"
grep -niE "password *[=:'] *[^ ,;)]|PGPASSWORD|POSTGRES_PASSWORD|BEGIN [A-Z ]*PRIVATE" "$WORK/seen" |
    grep -viE 'scram-sha-256|password_encryption|\*\*\*' | head -n 5 >"$WORK/words"
[ ! -s "$WORK/words" ] || fail "what looks like one: $(cut -c1-200 "$WORK/words")"
stop_node
grep -rlaF -f "$WORK/passwords" "$DIR" >"$WORK/files" 2>/dev/null &&
    fail "a password in the clear in $(cat "$WORK/files")"
grep -rlaE 'BEGIN [A-Z ]*PRIVATE' "$DIR" | grep -v '/secrets/identity.pem$' && fail "a private key outside identity.pem"
# the processes that may not hold any
launch; wait_ready
python3 "$tests/passwords.py" "$(worker bibd-postgres)" >"$WORK/passwords" || fail "no password to look for"
for p in "$PID" "$(worker bibd-control)" "$(worker bibd-container)"; do
	python3 "$tests/passwords.py" "$p" "$WORK/passwords" ||
	    fail "a password in the memory of $(tr '\0' ' ' <"/proc/$p/cmdline")"
	equal "$(grep -h '^Max core' "/proc/$p/limits" | awk '{ print $5 }')" 0 \
	    "core dumps of $(cat "/proc/$p/comm")" || true
done
stop_node
