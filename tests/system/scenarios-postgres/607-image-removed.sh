# The image removed: a running node does not mind; one that needs it says so by name, and comes back when it is there
. "$(dirname "$0")/../postgres.sh"
requires psql
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 500ms"
USE_IMAGE=$(image_variant removed) || fail "no image: $USE_IMAGE"
start_postgres
sql 'create table t (a int); insert into t values (1)' || fail "insert"
# its name now means another image: the one that ran is kept to
id=$(inspect '{{.Image}}')
engine_cli tag "$IMAGE" "$USE_IMAGE" || fail "tag"
before=$(event_count); engine_cli rm -f "$(container_name)" >/dev/null
until_true 10 event_since "$before" server.removed || fail "no event: $(bibctl events)"
until_true 30 answers || fail "not back"
equal "$(inspect '{{.Image}}')" "$id" "the image by its id"
stop_node
# gone for good
engine_cli rmi -f "$USE_IMAGE" "${id#sha256:}" >/dev/null 2>&1
engine_cli image inspect "$id" >/dev/null 2>&1 && fail "the image is still there"
HEALTH="interval: 500ms, action: retry_limit, max_retries: 1, retry_backoff: 500ms" configure_postgres node
launch; reap 60; equal "$STATUS" 69 "exit status without the image"
contains "$(cat "$DIR/log")" "$USE_IMAGE" "the image in the log"
image_variant removed >/dev/null
launch; wait_ready; equal "$(sql 'select a from t')" 1 "the row with the image back"; stop_node
