# PostgreSQL under a systemd that is pid 1: up by itself with a late engine, after a crash, a hang, the engine's
# restart, a full disk and a reboot
# engines: none
# seconds: 300
. "$(dirname "$0")/../postgres.sh"
. "$(dirname "$0")/../machine.sh"
requires unshare nsenter findmnt psql python3 dockerd
[ -x /lib/systemd/systemd ] || skip "systemd is not installed"
findmnt -n -t cgroup2 >/dev/null || skip "this kernel has no cgroup2 mounted, which systemd needs as pid 1"
if [ "${BIBD_MACHINE:-}" != inside ]; then
	BIBD_MACHINE=inside unshare --mount --propagation private bash "$0"
	exit $?
fi
M=$WORK/machine LATE=5
machine_layer "$M" || fail "no layer"
mkdir "$M/disk" "$M/engine"; mount -t tmpfs -o size=400m,mode=711 disk "$M/disk" || fail "no disk"
E_=$M/layer/etc; mkdir -p "$E_/systemd/system/multi-user.target.wants" "$E_/tmpfiles.d"
machine_install "$M/layer" "node: {mode: full}
access: [{user: root, roles: [admin, write, query]}]
database:
  backend: postgres
  health: {interval: 500ms, retry_backoff: 200ms}
  postgres: {container_runtime: docker, image: \"$IMAGE\"}" || fail "installing"
# Not docker.service, which the unit is ordered after: this engine is late. It sees the host's control groups, where the
# controllers may be.
cat >"$E_/systemd/system/engine.service" <<'UNIT'
[Service]
Type=notify
NotifyAccess=all
ExecStart=/bin/sh /engine/start
Delegate=yes
KillMode=mixed
UNIT
cat >"$M/engine/start" <<START
[ ! -e /engine/late ] || sleep $LATE
exec unshare --mount sh -c '
mount -t tmpfs cgroup /sys/fs/cgroup || exit 1
for controller in $(awk '!/^#/ && $2 > 0 && $4 == 1 { print $1 }' /proc/cgroups | tr '\n' ' '); do
	mkdir /sys/fs/cgroup/\$controller && mount -t cgroup -o \$controller cgroup /sys/fs/cgroup/\$controller
done
exec dockerd --data-root /engine/data --exec-root /run/engine -H unix:///run/docker.sock --bridge=none \
    --default-address-pool base=10.231.0.0/16,size=24'
START
machine_units "$M/layer" engine.service bibd.service
mkdir -p "$E_/systemd/system/bibd.service.d"
printf '[Service]\nRestartSec=200ms\nWatchdogSec=3s\n' \
    >"$E_/systemd/system/bibd.service.d/test.conf"
# Its first boot only gets the image.
printf '[Unit]\nConditionPathExists=/engine/late\n' >"$E_/systemd/system/bibd.service.d/image.conf"
ctl() { machine_run systemctl "$@"; }
is_active() { [ "$(ctl is-active "${1:-bibd}" 2>/dev/null)" = active ]; }
show() { ctl show -P "$1" bibd; }
trouble() { fail "$1: $(machine_run journalctl -u bibd -n 40 --no-pager 2>&1) $(tail -n 5 "$M/console")"; }
query() { machine_run psql -h /run/bibd -U admin -d bibd -XqAtc "$1" 2>&1; }
# up_again WHAT: with what was stored, and it can be written
up_again() {
	answers() { [ "$(query 'select count(*) from t')" = "$rows" ]; }
	until_true 60 answers || trouble "not up again after $1, with $rows rows: $(query 'select count(*) from t')"
	equal "$(query 'insert into t values (1)')" "" "an insert after $1"; rows=$((rows + 1)); main=$(show MainPID)
}
boot() { machine_boot "$M" || fail "no machine"; until_true 60 is_active "$1" || trouble "$1 not up after the boot"; }
down() { ctl reboot >/dev/null 2>&1; until_true 60 gone "$MACHINE_PID" || fail "no reboot"; }

boot engine
path=/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/$VERSION/bin
machine_run sh -c "tar -C $IMAGE_ROOT -c . |
    docker -H unix:///run/docker.sock import -c 'ENV PATH=$path' - $IMAGE" >/dev/null || trouble "the image"
down; touch "$M/engine/late"
boot bibd
equal "$(query 'create table t (a int)')" "" "create table"; rows=0; up_again "a boot with a late engine"
ctl reload bibd || trouble "reload"
equal "$(show MainPID)" "$main" "the process after the reload"
machine_run kill -KILL "$main"; up_again "a crash"
hung=$main; machine_run kill -STOP "$main"
other() { now=$(show MainPID) && [ "$now" != 0 ] && [ "$now" != "$hung" ]; }
until_true 60 other || trouble "the watchdog did not see a hang"
up_again "a hang"
ctl restart engine || trouble "the engine's restart"
up_again "the engine's restart"
dd if=/dev/zero of="$M/disk/fill" bs=64k status=none 2>/dev/null
query 'insert into t select 1 from generate_series(1, 100000)' >/dev/null # the disk is full, or the server ends
machine_run kill -KILL "$main"
sleep 3
rm "$M/disk/fill"
until_true 60 is_active || trouble "not active after a full disk"
rows=$(until_true 60 query 'select 1' >/dev/null; query 'select count(*) from t')
up_again "a full disk"
down; boot bibd; up_again "a reboot"
ctl stop bibd || trouble "stop"
equal "$(show Result)" success "the result of the stop"
