# An engine that is later than bibd, or away for longer than all retries, is waited for and not counted: the node comes
# up by itself; one that does not come within startup_timeout ends the start with 69
. "$(dirname "$0")/../postgres.sh"
requires psql
HEALTH="interval: 500ms, action: retry_limit, max_retries: 1, retry_backoff: 200ms"
engine_stop "$ENGINE"
HEALTH="$HEALTH, startup_timeout: 2s" configure_postgres never
refused 69 30 "$(socket_of "$ENGINE")" "waiting for the container engine"
[ ! -e "$PGDIR/data" ] || fail "there is a database"
configure_postgres node; launch
until_true 10 grep -q 'waiting for the container engine' "$DIR/log" || fail "no word of waiting: $(cat "$DIR/log")"
sleep 2; alive "$PID" || fail "bibd ended before the engine was there"
equal "$(log_lines 'waiting for the container engine')" 1 "lines about it"
waits() {
	bibctl status | head -n 1 |
	    grep -q '^not ready: clients are not served since .*PostgreSQL waits for the container engine, next try in '
}
until_true 5 waits || fail "status does not say that the engine is away: $(bibctl status)"
engine_start "$ENGINE" || fail "the engine does not start"
wait_ready
sql 'create table t (a int); insert into t values (1)' || fail "insert"
equal "$(bibctl --json status | python3 -c 'import json, sys; print(json.load(sys.stdin)["server"]["restarts"])')" 0 \
    "restarts"
# away while it runs, for longer than a restart and its backoff: its server with it
engine_cli kill "$(container_name)" >/dev/null & engine_stop "$ENGINE"
until_true 20 sh -c "! '$BIBCTL' -s '$DIR/run/control.sock' ready" || say "the server outlived its engine"
sleep 4; alive "$PID" || fail "bibd ended while the engine was away"
engine_start "$ENGINE" || fail "the engine does not start"
back() { [ "$(sql 'select a from t')" = 1 ]; }
until_true 60 back || fail "not back: $(bibctl status)"
stop_node
contains "$(tail -n 5 "$DIR/log")" "PostgreSQL was shut down cleanly" "the log after a server that ran"
# a node whose server never ran, on the database that the last one has closed, says nothing of how it ended
engine_stop "$ENGINE"; mv "$DIR/log" "$DIR/log.before"; launch
until_true 10 grep -q 'waiting for the container engine' "$DIR/log" || fail "no word of waiting: $(cat "$DIR/log")"
kill -TERM "$PID"; reap 30; equal "$STATUS" 0 "a stop while the engine is away"
equal "$(log_lines 'shut ?down cleanly|shut down')" 0 "words about how a server ended that never ran: $(cat "$DIR/log")"
mv "$DIR/log.before" "$DIR/log"
say "$(grep -m 1 'the PostgreSQL server failed' "$DIR/log" | cut -d' ' -f4-)"
