# With backup.wait: repository nothing acknowledged is lost with the machine; a repository that is away holds nobody up
. "$(dirname "$0")/../lib.sh"
requires psql python3
EXTRA="backup: {repository: $WORK/repository, wait: repository, wait_timeout: 2s, spool: 16}"
start_node
history() { python3 "$tests/history.py" "$@"; }
await_backup 20
bibctl backup key >"$WORK/key" || fail "no recovery key"
sql "create table h(n int primary key, v int, filler text); create table last(n int); insert into last values (0)" \
    >/dev/null || fail "tables"

# Everything dies at once, and the data are gone; what was acknowledged is in the repository.
python3 "$tests/history.py" load "$DIR/run" "$WORK/log" 2>/dev/null & load=$!
started+=("$load")
some() { [ "$(wc -l <"$WORK/log")" -ge "$1" ]; }
until_true 40 some 60 || fail "only $(wc -l <"$WORK/log") transactions"
mapfile -t kids < <(children "$PID")
kill -KILL "$PID" "${kids[@]}" "$load"; wait "$PID" "$load" 2>/dev/null
for kid in "${kids[@]}"; do until_true 20 gone "$kid" || fail "worker $kid is still there"; done
mv "$DIR/data" "$WORK/burnt"
all=$(wc -l <"$WORK/log")
bibctl restore --into "$WORK/elsewhere" --from "$WORK/repository" --key "$WORK/key" >/dev/null || fail "the restore"
history check "$WORK/elsewhere/sqlite/cache.db" "$WORK/log" "$all" "$((all + 1))" >/dev/null ||
    fail "acknowledged are $all"

# The repository does not answer: COMMIT is answered with a warning after the time, the next ones at once, and a session
# that does not wait for it does not; afterwards it catches up, and all wait again.
mv "$WORK/burnt" "$DIR/data"; launch; wait_ready
sql "create table t(n int)" >/dev/null
waits() { sql "insert into t values (0)" >/dev/null && ! sql "insert into t values (1)" | grep -q WARNING; }
until_true 20 waits || fail "commits are answered without the repository at the start"
chmod 0 "$WORK/repository"; mv "$WORK/repository" "$WORK/away"
equal "$(sql "set synchronous_commit to local; insert into t values (1)")" "" "a session that does not wait"
# What is set for a transaction alone counts for its COMMIT: who does not wait there, and who does there alone.
local_() { # SESSION LOCAL: what a transaction so is told
	sql -c "set synchronous_commit to $1" -c begin -c "set local synchronous_commit to $2" \
	    -c "insert into t values (1)" -c commit -c "set synchronous_commit to local" \
	    "insert into t values (1)"
}
equal "$(local_ on local)" "" "a transaction that does not wait"
contains "$(local_ local on)" "WARNING:  committed on this machine only" "a transaction that waits"
mv "$WORK/away" "$WORK/repository"; chmod 700 "$WORK/repository"
until_true 60 waits || fail "it has not caught up: $(bibctl events | tail -n 5)"
chmod 0 "$WORK/repository"; mv "$WORK/repository" "$WORK/away"
# The configuration changes while one waits: it goes on; and who was there before the change waits after it.
set_wait() { # WAIT TIMEOUT
	sed -i "s/wait: [a-z]*, wait_timeout: [0-9a-z]*/wait: $1, wait_timeout: $2/" "$CONFIG"
	bibctl reload >/dev/null || fail "reload: wait $1"
}
mv "$WORK/away" "$WORK/repository"; chmod 700 "$WORK/repository"
until_true 60 waits || fail "it has not caught up: $(bibctl events | tail -n 5)"
chmod 0 "$WORK/repository"; mv "$WORK/repository" "$WORK/away"
set_wait repository 1h
mkfifo "$WORK/before"
psql -h "$DIR/run" -X -qAt <"$WORK/before" >>"$WORK/said" 2>&1 & psql_before=$!
started+=("$psql_before"); exec 8>"$WORK/before"
printf '%s\n' 'insert into t values (5); \echo told' >&8
told() { grep -q told "$WORK/said"; }
sleep 1; told && fail "a commit was answered without the repository: $(cat "$WORK/said")"
set_wait local 1h
until_true 5 told || fail "who waited when the configuration changed waits for ever"
contains "$(cat "$WORK/said")" "is not waited for any more (backup.wait)" "what it is told"
equal "$(sql "insert into t values (5)")" "" "a commit after the change"
set_wait repository 2s; : >"$WORK/said"
printf '%s\n' 'insert into t values (6); \echo told' >&8
until_true 20 told || fail "who was there before the change is not answered"
contains "$(cat "$WORK/said")" "has not answered in time" "who was there before the change"
exec 8>&-; wait "$psql_before"
mv "$WORK/away" "$WORK/repository"; chmod 700 "$WORK/repository"
until_true 60 waits || fail "it has not caught up: $(bibctl events | tail -n 5)"
chmod 0 "$WORK/repository"; mv "$WORK/repository" "$WORK/away"
start=$(now_ms)
contains "$(sql "insert into t values (2)")" "WARNING:  committed on this machine only" "the commit's answer"
took=$(($(now_ms) - start)); [ "$took" -ge 1500 ] || fail "answered after $took ms"
start=$(now_ms)
contains "$(sql "insert into t values (3)")" "WARNING:  committed on this machine only" "the next one's answer"
less $(($(now_ms) - start)) 1500 "ms without waiting"
contains "$(bibctl events)" "the repository has not answered" "the event"

# The disk is bounded: 16 MiB in the spool, as much in the log, then the gap is named.
# What is random does not shrink: each round is some 4 MB.
sql "create table big as select n, 'x' as t from generate_series(1, 2000) s(n)" >/dev/null
for round in $(seq 1 16); do
	sql "update big set t = (select string_agg(md5(random()::text || n::text || g::text), '') from
	    generate_series(1, 120) g)" >/dev/null || fail "round $round"
done
used=$(du -cm "$DIR/data/archive" "$DIR/data/sqlite/cache.db-wal" | tail -n 1 | cut -f 1)
[ "$used" -lt 60 ] || fail "$used MB are kept for the repository"
mv "$WORK/away" "$WORK/repository"; chmod 700 "$WORK/repository"
caught_up() { ! sql "insert into t values (4)" | grep -q WARNING; }
until_true 90 caught_up || fail "it has not caught up: $(bibctl status | head -n 2; bibctl events | tail -n 5)"
stored() { bibctl restore-point after >/dev/null; }
until_true 90 stored || fail "no base leads to what is committed now: $(bibctl status | head -n 1)"
contains "$(bibctl events)" "backup.gap" "the gap"
bibctl restore --into "$WORK/after" --to after -f "$CONFIG" >"$WORK/said" 2>&1 || fail "after it: $(cat "$WORK/said")"
count='import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("select count(*) from big").fetchone()[0])'
rows=$(python3 -c "$count" "$WORK/after/sqlite/cache.db")
equal "$rows" 2000 "rows afterwards"

# bibd-archive stands still: the log stays within its bound, and clients are served.
kill -STOP "$(worker bibd-archive)"
start=$(now_ms)
for round in $(seq 1 12); do sql "set synchronous_commit to local; update big set n = n" >/dev/null; done
less $(($(now_ms) - start)) 20000 "ms beside a bibd-archive that stands still"
wal=$(stat -c %s "$DIR/data/sqlite/cache.db-wal")
less "$wal" 50000000 "bytes of the write-ahead log"
stop_node
