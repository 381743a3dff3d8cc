# The server ends while the container worker is new and still asks a slow engine, so that only the storage worker sees
# it: it is started again, and clients are answered
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
HEALTH="interval: 500ms, timeout: 10s, action: retry_always, retry_backoff: 500ms"
start_postgres
sql 'create table t (a int); insert into t values (1)' || fail "insert"
engine=$(cat "$ENGINES/docker/pid")
kill -STOP "$engine"
victim=$(worker bibd-container); kill -9 "$victim"
until_true 10 new_worker bibd-container "$victim" || { kill -CONT "$engine"; fail "no new container worker"; }
kill -9 "$(postmaster)"
lost() { ! ready; }
until_true 10 lost || { kill -CONT "$engine"; fail "it is ready without a server"; }
kill -CONT "$engine"; begin=$(now_ms)
back() { [ "$(sql 'select a from t')" = 1 ]; }
until_true 40 back || fail "not back: $(bibctl status)"
say "answered again $(($(now_ms) - begin)) ms after the engine goes on"
stop_node
