# A server that stands still for once, longer than health.timeout, is not started again: it is asked a second time
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
HEALTH="interval: 500ms, timeout: 2s, action: shutdown"
start_postgres
start=$(superuser 'select pg_postmaster_start_time()') before=$(event_count) server=$(postmaster)
# The first probe is late after 2.5 s at most, the second after 4 s at least.
for _ in 1 2; do
	kill -STOP "$server"; sleep 3.2; kill -CONT "$server"
	until_true 10 answers || fail "no answer: $(tail -n 4 "$DIR/log")"
	sleep 1
done
alive "$PID" || fail "bibd ended: $(tail -n 4 "$DIR/log")"
event_since "$before" 'server\.|lifecycle|storage\.' && fail "an event: $(bibctl events | tail -n +$((before + 1)))"
equal "$(superuser 'select pg_postmaster_start_time()')" "$start" "the server's start time"
# One that stays so is ended.
kill -STOP "$server"
until_true 15 event_since "$before" server.unresponsive ||
    fail "a server that hangs is not noticed: $(bibctl events | tail -n 4)"
until_true 90 gone "$PID" || fail "bibd did not stop"
