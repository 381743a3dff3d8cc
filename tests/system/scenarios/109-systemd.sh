# The unit under a systemd that is pid 1: started at boot, reloaded, and up again by itself after a crash, a hang, a
# full disk and a reboot
# for: root
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../machine.sh"
requires unshare nsenter findmnt psql python3
[ -x /lib/systemd/systemd ] || skip "systemd is not installed"
findmnt -n -t cgroup2 >/dev/null || skip "this kernel has no cgroup2 mounted, which systemd needs as pid 1"
if [ "${BIBD_MACHINE:-}" != inside ]; then
	BIBD_MACHINE=inside unshare --mount --propagation private bash "$0"
	exit $?
fi
M=$WORK/machine
machine_layer "$M" || fail "no layer"
mkdir "$M/disk"; mount -t tmpfs -o size=32m,mode=711 disk "$M/disk" || fail "no disk"
E_=$M/layer/etc; mkdir -p "$E_/systemd/system/multi-user.target.wants" "$E_/tmpfiles.d"
machine_install "$M/layer" "node: {mode: selective}
access: [{user: root, roles: [admin]}]
database: {backend: sqlite, health: {interval: 500ms, retry_backoff: 200ms}}" || fail "installing"
machine_units "$M/layer" bibd.service
# Sooner than it would.
mkdir -p "$E_/systemd/system/bibd.service.d"
# A build with sanitizers cannot look for leaks within the unit's limits.
printf '[Service]\nRestartSec=200ms\nWatchdogSec=3s\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n' \
    >"$E_/systemd/system/bibd.service.d/test.conf"
# What keeps the time of a machine stands in for by what cannot set this host's.
mkdir -p "$E_/systemd/system/systemd-timesyncd.service.d"
printf '%s\n' '[Unit]' ConditionVirtualization= '[Service]' ExecStart= 'ExecStart=/bin/sleep infinity' Type=exec \
    'CapabilityBoundingSet=~CAP_SYS_TIME' >"$E_/systemd/system/systemd-timesyncd.service.d/test.conf"
ctl() { machine_run systemctl "$@"; }
is_active() { [ "$(ctl is-active bibd)" = active ]; }
show() { ctl show -P "$1" bibd; }
trouble() { fail "$1: $(machine_run journalctl -u bibd -n 12 --no-pager 2>&1) $(tail -n 5 "$M/console")"; }
query() { machine_run psql -h /run/bibd -U admin -d bibd -XqAtc "$1" 2>&1; }
# up_again WHAT: by itself, as another process, with what was stored
up_again() {
	other() { now=$(show MainPID) && [ "$now" != 0 ] && [ "$now" != "$main" ] && is_active; }
	until_true 30 other || trouble "not up again after $1"
	equal "$(query 'select count(*) from t')" "$rows" "rows after $1"
	query 'insert into t values (1)' >/dev/null; rows=$((rows + 1)); main=$(show MainPID)
	equal "$(query 'select count(*) from t')" "$rows" "rows that are written after $1"
}
boot() {
	machine_boot "$M" || fail "no machine"
	until_true 30 is_active || trouble "not up after the boot"
}
# group_of_48mb NAME: makes it, and prints its directory; version 1 or 2
group_of_48mb() {
	local at
	for at in /sys/fs/cgroup/memory /sys/fs/cgroup; do
		mkdir "$at/$1" 2>/dev/null || continue
		if echo 48M >"$at/$1/memory.limit_in_bytes" || echo 48M >"$at/$1/memory.max"; then
			echo "$at/$1"; return 0
		fi 2>/dev/null
		rmdir "$at/$1"
	done
	return 1
}
# ours WORD: the node's processes with such a name, as the host sees them
ours() { pgrep --ns "$(pgrep -P "$MACHINE_PID")" --nslist pid "^$1"; }
boot; main=$(show MainPID)
equal "$(query 'create table t (a int)')" "" "create table"; rows=0
ctl reload bibd || trouble "reload"
equal "$(show MainPID)" "$main" "the process after the reload"
# What doctor advises about a clock that nobody keeps.
way=$(sed -n 's/.*and have it kept: \(timedatectl [a-z -]*\)".*/\1/p' "$top/workers/control/doctor/host.c")
[ -n "$way" ] || fail "doctor does not advise to have the clock kept"
machine_run sh -c "$way" || trouble "the advice about the clock: $way"
is_kept() { [ "$(machine_run timedatectl show -p NTP --value) $(ctl is-active systemd-timesyncd)" = "yes active" ]; }
until_true 10 is_kept || trouble "nothing keeps the time after: $way: $(ctl status systemd-timesyncd 2>&1)"
# The bound of memory stands in both units, and a process that the kernel kills for it is not the end of the others:
# this systemd has no such controller, and so the processes are put into a group of the test's own.
for unit in bibd bibd@x; do
	equal "$(ctl show -P MemoryMax $unit)" $((1 << 30)) "MemoryMax of $unit"
	equal "$(ctl show -P OOMPolicy $unit)" continue "OOMPolicy of $unit"
done
group=$(group_of_48mb "bibd-test-oom-$$") || say "no cgroup with a limit of memory can be made here"
if [ -n "$group" ] && ! grep -qE '__[at]san_init' "$BUILD/bibd-sqlite"; then
	for pid in $(ours bibd); do echo "$pid" >"$group/cgroup.procs"; done
	old=$(ours bibd-sqlite)
	query "select length(string_agg(g::text || repeat('x', 100), ',')) from generate_series(1, 2000000) g" \
	    >/dev/null
	replaced() { [ -n "$(ours bibd-sqlite)" ] && [ "$(ours bibd-sqlite)" != "$old" ]; }
	until_true 20 replaced || trouble "the worker took more memory than there is, and was not killed"
	until_true 20 query 'select count(*) from t' || trouble "not up again after a want of memory"
	equal "$(show MainPID)" "$main" "the process after a want of memory"
	machine_run bibctl -s /run/bibd/control.sock events | grep -q 'killed' || fail "no event of the kill"
	for pid in $(ours bibd); do echo "$pid" >"$(dirname "$group")/cgroup.procs"; done
fi
[ -z "$group" ] || rmdir "$group"
# More often than a limit of starts would allow.
# shellcheck disable=SC2016 # the inner shell expands it
timeout $((60 * BESIDE)) nsenter -a -t "$(pgrep -P "$MACHINE_PID")" bash -c 'for i in 1 2 3 4 5; do
	main=$(systemctl show -P MainPID bibd); kill -KILL "$main"
	until now=$(systemctl show -P MainPID bibd) && [ "$now" != 0 ] && [ "$now" != "$main" ]; do sleep 0.1; done
done' || trouble "not started again after crashes"
main=$(show MainPID); machine_run kill -KILL "$main"; up_again "crashes"
machine_run kill -STOP "$main"; up_again "a hang that the watchdog saw"
# Full, and a start meanwhile; then there is room again.
dd if=/dev/zero of="$M/disk/fill" bs=64k status=none 2>/dev/null
full() { query 'insert into t select 1 from generate_series(1, 100000)' | grep -q 'full\|space'; }
full || fail "the disk is not full: $(query 'insert into t select 1 from generate_series(1, 100000)')"
machine_run kill -KILL "$main"
before=$(show NRestarts)
tried() { [ "$(show NRestarts)" -ge $((before + 2)) ] || is_active; }
until_true 30 tried || trouble "no tries on a full disk"
rm "$M/disk/fill"; up_again "a full disk"
query 'checkpoint' >/dev/null
ctl reboot --force >/dev/null 2>&1
until_true 30 gone "$MACHINE_PID" || fail "no reboot"
main=0; boot; up_again "a reboot"
ctl stop bibd || trouble "stop"
equal "$(show Result)" success "the result of the stop"
