# An engine that hangs while the node runs disturbs no client, and does not hold up a stop for longer than its deadline
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
start_postgres
sql 'create table t (a int)' || fail "create"
pid=$(cat "$ENGINES/docker/pid"); kill -STOP "$pid"
for i in 1 2 3 4 5 6; do sql "insert into t values ($i)" || fail "insert $i"; sleep 1; done
begin=$(now_ms); timeout 40 "$BIBCTL" -s "$DIR/run/control.sock" logs >"$WORK/out" 2>&1 &&
    fail "logs of an engine that hangs"
took=$(($(now_ms) - begin)); less $took 35000 "ms until logs gives up: $(cat "$WORK/out")"
timeout 5 "$BIBCTL" -s "$DIR/run/control.sock" status >/dev/null || fail "status does not answer"
kill -TERM "$PID"; begin=$(now_ms); reap 90; took=$(($(now_ms) - begin))
kill -CONT "$pid"
[ ! -e "$DIR/run/control.sock" ] || fail "the control socket was left behind"
launch; wait_ready
equal "$(sql 'select count(*) from t')" 6 "rows at the next start"
stop_node; say "stopped after $took ms with the engine hanging, exit $STATUS"
