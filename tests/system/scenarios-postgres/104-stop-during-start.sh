# SIGTERM at any moment of a first start ends with 0 and leaves no container; kill -9 then too; the next start succeeds
. "$(dirname "$0")/../postgres.sh"
requires psql
SERVER=; i=0
for delay in 0.05 0.2 0.4 0.6 0.9 1.2 1.6; do
	i=$((i + 1)); configure_postgres "term$i"; launch; kids=
	sleep $delay
	kids=$(children "$PID"); kill -TERM "$PID"; begin=$(now_ms)
	reap 40; equal "$STATUS" 0 "exit status after SIGTERM at $delay s"
	less $(($(now_ms) - begin)) 12000 "ms to stop at $delay s"
	for k in $kids; do gone "$k" || fail "worker $k outlives bibd, SIGTERM at $delay s"; done
	equal "$(engine_cli ps -aq | wc -l)" 0 "containers after SIGTERM at $delay s"
	[ ! -e "$DIR/run/control.sock" ] || fail "the control socket was left behind at $delay s"
done
for n in 3 5; do
	configure_postgres "term$n"; launch; wait_ready
	equal "$(sql 'select 1')" 1 "after a start that was stopped"
	stop_node
done
for delay in 0.4 0.8 1.2; do
	i=$((i + 1)); configure_postgres "kill$i"; launch; sleep $delay
	kids=$(children "$PID"); kill -9 "$PID"; wait "$PID" 2>/dev/null
	for k in $kids; do until_true 5 gone "$k" || fail "worker $k lives on"; done
	launch; wait_ready
	equal "$(sql 'select 1')" 1 "after kill -9 at $delay s of the first start"
	stop_node; equal "$(engine_cli ps -aq | wc -l)" 0 "containers afterwards"
done
