# An idle node: under 12 MiB PSS after 10 s (as root), and at most 130 context switches a minute
. "$(dirname "$0")/../lib.sh"
HEALTH="interval: 5s"; start_node
sleep 10
pss=0 figure=
if [ "$(id -u)" = 0 ]; then
	for p in $PID $(children "$PID"); do pss=$((pss + $(awk '/^Pss:/ { print $2 }' "/proc/$p/smaps_rollup"))); done
	[ "$SLOW" != 1 ] || less $pss 12288 "kB PSS"
	figure="PSS $pss kB, "
fi
switches() {
	local p
	for p in $PID $(children "$PID"); do cat /proc/"$p"/task/*/status; done |
	    awk '/ctxt_switches/ { n += $2 } END { print n }'
}
before=$(switches); sleep 60; after=$(switches)
# Beside others what they take the processor for counts as well.
most=130; [ "$BESIDE" = 1 ] || most=160
[ "$SLOW" != 1 ] || less $((after - before)) $most "context switches in a minute"
say "$figure$((after - before)) context switches a minute"
