# The engine itself stopped and started under load. Docker takes the container along, Podman leaves it running: then
# clients notice nothing. Either way the container is watched again afterwards
. "$(dirname "$0")/../postgres.sh"
requires psql python3
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 500ms"
start_postgres
load_start
start=$(superuser 'select pg_postmaster_start_time()') before=$(event_count)
engine_stop "$ENGINE"
if [ "$ENGINE" = docker ]; then
	until_true 10 event_since "$before" 'server.engine_lost|server.stopped|server.exited' ||
	    fail "no event: $(bibctl events)"
	sleep 3; alive "$PID" || fail "bibd ended, though action is retry_always"
else
	load_goes_on 5 || fail "no insert while the engine's service is down"
	out=$(bibctl logs 2>&1) && fail "bibctl logs works without the engine: $out"
	sleep 3; load_goes_on 5 || fail "no insert while the engine's service is down"
fi
begin=$(now_ms)
engine_start "$ENGINE" || fail "the engine does not start"
load_goes_on 40 || fail "no insert after the engine was started again"
took=$(($(now_ms) - begin))
[ "$ENGINE" = docker ] || equal "$(superuser 'select pg_postmaster_start_time()')" "$start" "the server's start time"
until_true 15 bibctl logs || fail "bibctl logs does not come back: $(bibctl logs 2>&1)"
sleep 2; before=$(event_count); engine_cli kill "$(container_name)" >/dev/null
until_true 10 event_since "$before" server.killed ||
    fail "a death is not noticed afterwards: $(bibctl events | tail -n 4)"
load_goes_on 30 || fail "no insert after the kill"
load_stop; stop_node
say "inserts $took ms after the engine's start; $ROWS acknowledged, none lost"
