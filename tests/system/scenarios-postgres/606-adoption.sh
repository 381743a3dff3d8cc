# kill -9 of the supervisor leaves the server running: the next start adopts it; one whose specification has changed is
# stopped in an orderly way and made anew
. "$(dirname "$0")/../postgres.sh"
requires psql
POSTGRES="    memory_mb: 300"
start_postgres
sql 'create table t (a int); insert into t values (1)' || fail "insert"
began() { superuser 'select pg_postmaster_start_time()'; }
crash() {
	local kids k; kids=$(children "$PID")
	kill -9 "$PID"; for k in $kids; do until_true 5 gone "$k" || fail "worker $k lives on"; done
	wait "$PID" 2>/dev/null
	container_runs || fail "the container ended with bibd"
}
start=$(began) id=$(inspect '{{.Id}}')
crash
begin=$(now_ms); launch; wait_ready; took=$(($(now_ms) - begin))
equal "$(began)" "$start" "the server's start time after adoption"
equal "$(inspect '{{.Id}}')" "$id" "the container"
bibctl events | grep -q server.adopted || fail "no event of the adoption: $(bibctl events)"
equal "$(sql 'select a from t')" 1 "the row"
crash; sed -i 's/memory_mb: 300/memory_mb: 400/' "$CONFIG"; launch; wait_ready
[ "$(began)" != "$start" ] || fail "a server of another specification was adopted"
equal "$(inspect '{{.HostConfig.Memory}}')" $((400 * 1048576)) "the memory of the new container"
for _ in 1 2 3 4; do equal "$(sql 'select a from t')" 1 "the row"; sleep 0.5; done # ready was of the new one
equal "$(engine_cli ps -aq | wc -l)" 1 "containers"
engine_cli logs "$(container_name)" 2>&1 | grep -q 'database system was not properly shut down' &&
    fail "the old server was not stopped in an orderly way"
# one that ended while bibd was away is no obstacle
crash; engine_cli kill "$(container_name)" >/dev/null; launch; wait_ready
equal "$(sql 'select a from t')" 1 "the row after both had died"
stop_node; no_container || fail "the container is still there"
say "adopted and ready after $took ms"
