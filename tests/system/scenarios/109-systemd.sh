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
boot; main=$(show MainPID)
equal "$(query 'create table t (a int)')" "" "create table"; rows=0
ctl reload bibd || trouble "reload"
equal "$(show MainPID)" "$main" "the process after the reload"
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
