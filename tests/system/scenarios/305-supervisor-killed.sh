# kill -9 of the supervisor: no worker outlives it by more than a second, and the next start is clean
. "$(dirname "$0")/../lib.sh"
requires psql
start_node
sql 'create table t (a int); insert into t values (1)' || fail "insert"
kids=$(children "$PID")
[ "$(wc -w <<<"$kids")" = 3 ] || fail "workers: [$kids]"
start=$(now_ms); kill -9 "$PID"
for k in $kids; do until_true 2 gone "$k" || fail "worker $k lives on"; done
took=$(($(now_ms) - start)); less $took 1000 "ms until the last worker was gone"
wait "$PID" 2>/dev/null
launch; wait_ready
equal "$(sql 'select a from t')" 1 "the row after the next start"
stop_node; say "workers were gone after $took ms"
