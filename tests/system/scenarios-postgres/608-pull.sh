# An image that is absent is pulled, with progress in the status; a stop in the middle of it works; one that can't be
# had is an error that names it and the registry's reason
. "$(dirname "$0")/../postgres.sh"
requires psql python3
python3 "$tests/registry.py" "$IMAGE_ROOT" 5000 "$WORK/slow" >"$WORK/registry.log" 2>&1 & registry=$!
started+=("$registry")
serving() { curl -sf http://127.0.0.1:5000/v2/; }
until_true 60 serving || fail "no registry: $(cat "$WORK/registry.log")"
HEALTH="interval: 500ms, startup_timeout: 15s"
USE_IMAGE=127.0.0.1:5000/absent:1 HEALTH="action: shutdown" configure_postgres absent
refused 69 40 127.0.0.1:5000/absent:1
say "absent: $(grep -m 1 absent:1 "$DIR/log" | cut -c1-300)"
USE_IMAGE=127.0.0.1:5000/postgres:15
touch "$WORK/slow"
configure_postgres stop; launch
pulling() { bibctl status | grep -qi pull; }
until_true 20 pulling || fail "no progress in the status: $(bibctl status)"
kill -TERM "$PID"; begin=$(now_ms); reap 20; equal "$STATUS" 0 "exit status in the middle of a pull"
took=$(($(now_ms) - begin))
configure_postgres node; launch; sleep 17 # longer than startup_timeout: progress extends the wait
alive "$PID" || fail "a pull that goes on was given up: $(tail -n 3 "$DIR/log")"
contains "$(bibctl status)" ull "status during a pull"
rm "$WORK/slow"; wait_ready
equal "$(sql 'select 1')" 1 "after the pull"
grep -q '127.0.0.1:5000/postgres:15' "$DIR/log" || fail "the log does not name the image"
stop_node
engine_cli rmi -f 127.0.0.1:5000/postgres:15 >/dev/null
say "stopped $took ms into a pull; $(grep -ic pull "$DIR/log") lines of progress"
