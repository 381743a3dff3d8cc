# A server that is there and does not answer (frozen) is noticed by the probe, said so, and started again; a stop that
# it does not follow is ended by force after its time
# alone: a server that is slow to answer is one that hangs
. "$(dirname "$0")/../postgres.sh"
requires psql python3
HEALTH="interval: 500ms, timeout: 1s, action: retry_always, retry_backoff: 500ms"
start_postgres
load_start
before=$(event_count) old=$(inspect '{{.Id}}') begin=$(now_ms)
engine_cli pause "$(container_name)" >/dev/null || fail "pause"
until_true 15 event_since "$before" server.unresponsive || fail "not noticed: $(bibctl events | tail -n 4)"
noticed=$(($(now_ms) - begin))
load_goes_on 40 || fail "no insert after the server was frozen: $(tail -n 5 "$DIR/log")"
[ "$(inspect '{{.Id}}')" != "$old" ] || fail "it is the same container"
load_stop
# not a container that is frozen, but the server alone
before=$(event_count); kill -STOP "$(postmaster)"
until_true 15 event_since "$before" server.unresponsive || fail "a stopped postmaster is not noticed"
until_true 40 answers || fail "not back"
stop_node
say "noticed after $noticed ms; $ROWS acknowledged, none lost"
