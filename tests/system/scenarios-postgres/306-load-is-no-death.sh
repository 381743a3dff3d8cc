# A server without a free connection, and one whose statements are slow, is under load: it is not started again for that
# engines: docker
# alone: the load is its own
. "$(dirname "$0")/../postgres.sh"
requires psql python3
HEALTH="interval: 500ms, timeout: 1s, action: shutdown"
POSTGRES="    max_connections: 20
    pool: {size: 10}"
start_postgres
start=$(superuser 'select pg_postmaster_start_time()') before=$(event_count)
# every connection taken, also those for superusers
python3 - "$PGDIR/run" "$WORK/held" <<'PY' & holder=$!
import subprocess, sys, time
held = []
for _ in range(40):
    held.append(subprocess.Popen(["psql", "-h", sys.argv[1], "-U", "postgres", "-Xqc", "select pg_sleep(12)"],
        stderr=subprocess.PIPE))
    time.sleep(.05)
open(sys.argv[2], "w").close()
for p in held: p.wait()
PY
until_true 20 test -e "$WORK/held"
contains "$(superuser 'select 1')" 'too many' "the server is full"
sleep 4; alive "$PID" || fail "bibd ended: $(tail -n 3 "$DIR/log")"
wait $holder
until_true 20 answers || fail "no answer afterwards: $(tail -n 3 "$DIR/log")"
for _ in 1 2 3 4 5 6 7 8 9 10; do sql 'select pg_sleep(4)' >/dev/null & done
sleep 3; alive "$PID" || fail "slow statements ended bibd"; sleep 3
until_true 10 answers || fail "no answer after slow statements"
equal "$(superuser 'select pg_postmaster_start_time()')" "$start" "the server's start time"
event_since "$before" 'server\.(unresponsive|killed|exited|late)' &&
    fail "an event: $(bibctl events | tail -n +$((before + 1)))"
stop_node
