# health.action for the container: shutdown ends with 69, retry_limit gives up with 69 after max_retries; the failed
# container is kept for its log, and the next start works
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
kill_it() { engine_cli kill "$(container_name)" >/dev/null || fail "kill"; }
HEALTH="interval: 500ms, action: shutdown"; start_postgres shutdown
sql 'create table t (a int); insert into t values (1)' || fail "insert"
kill_it; reap 20; equal "$STATUS" 69 "exit status with action shutdown"
equal "$(log_lines 'error: the PostgreSQL server failed')" 1 "cause lines"
[ -n "$(engine_cli ps -aq --filter "name=$(container_name)")" ] || fail "the failed container was not kept"
launch; wait_ready; equal "$(sql 'select a from t')" 1 "the row at the next start"; stop_node
# the keys of database.postgres.health outrank those of database.health
HEALTH="interval: 10s, action: shutdown" \
    POSTGRES="    health: {action: retry_limit, max_retries: 2, retry_backoff: 300ms}"
start_postgres limit
for i in 1 2; do
	old=$(inspect '{{.Id}}'); kill_it
	renewed() { [ "$(inspect '{{.Id}}')" != "$old" ] && answers; }
	until_true 20 renewed || fail "not back after death $i"
done
kill_it; reap 20; equal "$STATUS" 69 "exit status after max_retries"
equal "$(log_lines 'error: the PostgreSQL server failed')" 3 "cause lines"
[ ! -e "$DIR/run/.s.PGSQL.5432" ] || fail "the socket was left behind"
