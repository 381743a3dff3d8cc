# A server that is not bibd's: ready when it answers, the reason word for word when it does not; its password in keeper
# alone; two nodes that migrate it at once; lost and found again
# engines: none
. "$(dirname "$0")/../postgres.sh"
requires psql python3
PGPORT=5432
server=$WORK/server
as_server() { setpriv --reuid=nobody --regid=nogroup --clear-groups -- "$@"; }
install -d -o nobody -m 755 "$server"
printf 'hunter2-swordfish' >"$WORK/pw"; chmod 644 "$WORK/pw"
as_server initdb -D "$server/data" -U postgres -A scram-sha-256 --pwfile="$WORK/pw" --locale=C.UTF-8 >/dev/null 2>&1 ||
    fail "initdb"
server_start() {
	as_server postgres -D "$server/data" -k "$server" -p 15499 -c listen_addresses=127.0.0.1 >>"$server.log" \
	    2>&1 & SERVER_PID=$!
	started+=("$SERVER_PID")
	until_true 10 pg_isready -h "$server" -p 15499
}
server_stop() { kill -INT "$(head -n 1 "$server/data/postmaster.pid")"; wait "$SERVER_PID"; }
by_password() { PGPASSWORD=hunter2-swordfish psql -h "$server" -p 15499 -U postgres -X -qAt "$@"; }
external() { # NAME [PASSWORD]
	configure_postgres "$1"
	sed -i '/^  postgres:/,$d' "$CONFIG"; chmod 600 "$CONFIG"
	cat >>"$CONFIG" <<YAML
  postgres:
    managed: false
    pool: {size: 5}
    advanced: {host: 127.0.0.1, port: 15499, database: bibd, user: postgres, ssl_mode: disable,
      password: "${2-hunter2-swordfish}"}
${DATABASE:-}
YAML
}
# nobody there
external gone; begin=$(now_ms); refused 69 30
grep -qxF '✗ storage ping failed: connection refused' "$DIR/log" || grep -qF 'storage ping failed: connection refused' \
    "$DIR/log" ||
    fail "no fixed line: $(cat "$DIR/log")"
say "nobody there: exit 69 after $(($(now_ms) - begin)) ms"
server_start || fail "the server does not start"
external nodb; refused 69 30 'storage ping failed' bibd
by_password -d postgres -c 'create database bibd' || fail "create database"
external wrong not-the-password; refused 69 30 'storage ping failed' 'password authentication failed'
case $(cat "$DIR/log") in *not-the-password*) fail "the password is in the log" ;; esac
# ready; the processes that it takes; the password in one place
mkdir "$WORK/m"; chmod 755 "$WORK/m"
echo 'create table first (a int primary key); select pg_sleep(1); insert into first values (1);' \
    >"$WORK/m/0001_first.sql"; chmod 644 "$WORK"/m/*
DATABASE="  migrations_dir: $WORK/m"
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 200ms"
external node; launch; one=$PID; external second; launch; two=$PID
DIR=$WORK/node PID=$one; wait_ready; DIR=$WORK/second PID=$two; wait_ready
equal "$(sql 'select a from first')" 1 "what two nodes migrated at once"
PID=$two; stop_node; DIR=$WORK/node PID=$one
for role in admin write query audit; do equal "$(sql -U $role 'select 1')" 1 "role $role"; done
[ -z "$(worker bibd-container)" ] || fail "a container worker for an external server"
[ ! -d "$DIR/data/postgres" ] || fail "there is a $DIR/data/postgres"
[ "$(log_lines 'world|everyone|readable')" = 0 ] ||
    fail "a warning for a file of mode 600: $(grep -E 'world|everyone|readable' "$DIR/log")"
echo hunter2-swordfish >"$WORK/word"
for p in "$PID" "$(worker bibd-control)"; do
	python3 "$tests/passwords.py" "$p" "$WORK/word" ||
	    fail "the password is in the memory of $(cat "/proc/$p/comm")"
done
python3 "$tests/passwords.py" "$(worker bibd-postgres)" "$WORK/word"
equal $? 1 "the same look at the worker that has the password"
# lost, and found again, without a restart of bibd
before=$(event_count)
session() { psql -h "$DIR/run" -X -qAt -c "select 1" -c "select pg_sleep(600)" -c "select 2" >"$WORK/session" 2>&1 & }
session; sleep 1
kill -9 "$(head -n 1 "$server/data/postmaster.pid")"; wait "$SERVER_PID" 2>/dev/null
until_true 20 event_since "$before" server || fail "the loss is no event: $(bibctl events)"
until_true 5 grep -q 57P01 "$WORK/session" || until_true 5 grep -q 'terminat\|closed the connection' "$WORK/session" ||
    fail "the running statement: $(cat "$WORK/session")"
rm -f "$server"/.s.PGSQL*; sleep 1
server_start || fail "the server does not start again"
until_true 30 answers || fail "not back: $(tail -n 4 "$DIR/log")"
alive "$PID" || fail "bibd ended"
stop_node; server_stop
grep -rlF hunter2-swordfish "$DIR/data" && fail "the password is stored in the clear"
# readable for everyone: a warning, and it works
server_start; external open; chmod 644 "$CONFIG"; launch; wait_ready
[ "$(grep -c "$CONFIG" "$DIR/log")" -ge 1 ] || fail "no warning of the readable password: $(cat "$DIR/log")"
stop_node; server_stop
