# A worker that stands still for once, longer than health.timeout, is not started again: it is asked a second time;
# nor is one, however late, that the machine gives no processor
. "$(dirname "$0")/../lib.sh"
requires psql python3
HEALTH="interval: 300ms, timeout: 1500ms, action: shutdown"
start_node
before=$(children "$PID" | sort)
events() { "$BIBCTL" -s "$DIR/run/control.sock" events; }
late() { [ "$(events | grep -c "$1  *process.unhealthy  *no answer to a heartbeat for 1500 ms")" -ge "$2" ]; }
well() { [ "$(events | grep -c "$1  *process.healthy")" -ge "$2" ]; }

# The first heartbeat is late after 1.8 s at most, the second after 3 s at least.
for name in sqlite control keeper; do
	kill -STOP "$(worker $name)"; sleep 2.2; kill -CONT "$(worker $name)"
	until_true 10 well bibd-$name 1 || fail "$name is not healthy again: $(tail -n 4 "$DIR/log")"
	late bibd-$name 1 || fail "nobody was told that $name was late: $(events)"
done
equal "$(children "$PID" | sort)" "$before" "processes after each was stopped for 2.2 s"

# Beside one that takes it all in a group of processes that gets a thousandth of a processor.
# group_of_few: makes it, and prints its directory; version 1 or 2
group_of_few() {
	local at
	for at in /sys/fs/cgroup/cpu /sys/fs/cgroup; do
		mkdir "$at/bibd-test-$$" || continue
		at=$at/bibd-test-$$
		if [ -w "$at/cpu.cfs_quota_us" ]; then
			echo 1000000 >"$at/cpu.cfs_period_us" && echo 1000 >"$at/cpu.cfs_quota_us"
		elif [ -w "$at/cpu.max" ]; then echo "1000 1000000" >"$at/cpu.max"
		else false
		fi && echo "$at" && return
		rmdir "$at"
	done 2>/dev/null
	return 1
}
if group=$(group_of_few); then
	trap 'cleanup; rmdir "$group" 2>/dev/null' EXIT
	victim=$(worker keeper)
	sh -c 'while :; do :; done' & hog=$!; started+=("$hog")
	# All of a second's share goes to whoever comes first: the worker's turn comes late and seldom.
	chrt --idle --pid 0 "$victim" || fail "chrt"
	echo "$hog" >"$group/cgroup.procs"; echo "$victim" >"$group/cgroup.procs"
	sleep 12
	kill -KILL "$hog"; wait "$hog" 2>/dev/null
	until_true 10 ready || fail "not ready after it was starved: $(tail -n 4 "$DIR/log")"
	equal "$(worker keeper)" "$victim" "the keeper that was starved"
	say "starved: $(events | grep -c 'keeper  *process.unhealthy') times late"
fi
answers || fail "psql is not answered"
stop_node
