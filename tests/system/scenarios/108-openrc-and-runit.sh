# With OpenRC and with runit: a log, an ordered stop; bibd is started again after a crash, not after a failure that
# would come again, and a stop works after either
# for: root
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../machine.sh"
requires unshare dpkg-deb apt-get chroot
if [ "${BIBD_MACHINE:-}" != inside ]; then
	BIBD_MACHINE=inside unshare --mount --propagation private --pid --fork --kill-child --mount-proc bash "$0"
	exit $?
fi
{ machine_layer "$WORK/machine" && machine_mount "$WORK/machine"; } || skip "no machine can be made here (overlay on /)"
R=$WORK/machine/root
machine_packages "$R" openrc libeinfo1 librc1 runit || skip "openrc and runit cannot be fetched"
machine_install "$R" "node: {mode: selective}
listen: {path: /run/bibd}
access: [{user: root, roles: [admin]}]
database: {backend: sqlite, health: {interval: 500ms, retry_backoff: 200ms}}" || fail "installing"
inside() { chroot "$R" "$@"; }
is_ready() { inside bibctl ready >/dev/null; }
is_down() { ! pgrep -f '/bibd -f /' >/dev/null; }
killed() { kill -9 "$(pgrep -o -f '/bibd -f /')"; until_true 10 is_down; }
config=$(sed -n 's|^ExecStart=.* -f ||p' "$BUILD/etc/bibd.service")

# ---- OpenRC ----
mkdir -p "$R"/etc/runlevels/default "$R"/run/openrc/{starting,started,stopping,inactive,wasinactive,failed} \
    "$R"/run/openrc/{options,exclusive,scheduled,daemons,tmp}
echo default >"$R/run/openrc/softlevel"
rm -f "$R"/etc/init.d/*
printf '#!/sbin/openrc-run\nstart() { :; }\n' >"$R/etc/init.d/localmount"; chmod +x "$R/etc/init.d/localmount"
# Sooner than it would.
sed 's/^respawn_delay=5/respawn_delay=1/; s/^respawn_max=5/respawn_max=2/; s/-ge 60/-ge 20/' "$BUILD/etc/bibd.openrc" \
    >"$R/etc/init.d/bibd"
chmod +x "$R/etc/init.d/bibd"
rc() { inside rc-service bibd "$@" >"$WORK/rc" 2>&1; }
rc start || fail "start: $(cat "$WORK/rc")"
is_ready || fail "not ready after the start"
grep -q 'storage is coming up' "$R/var/log/bibd.log" || fail "nothing in the log"
rc reload || fail "reload: $(cat "$WORK/rc")"
killed
until_true 20 is_ready || fail "a crash is not started again: $(tail "$R/var/log/bibd.log")"
rc stop || fail "stop after a crash: $(cat "$WORK/rc")"
is_down || fail "bibd outlives the stop"
echo 'node: {mode: none}' >"$R$config.bad"; mv "$R$config" "$R$config.good"; cp "$R$config.bad" "$R$config"
rc start && fail "a bad configuration starts"
cp "$R$config.good" "$R$config"
chown nobody "$R/var/lib/bibd/sqlite"; : >"$R/var/log/bibd.log"
rc start && fail "a start that failed is told as one"
grep -q 'does not start: see' "$WORK/rc" || fail "what the start says: $(cat "$WORK/rc")"
rc status && fail "the status after a start that failed"
[ "$(grep -c 'belongs to' "$R/var/log/bibd.log")" -le 4 ] || fail "tried too often: $(cat "$R/var/log/bibd.log")"
rc stop || fail "stop of what has ended: $(cat "$WORK/rc")"
chown _bibd: "$R/var/lib/bibd/sqlite"
rc start || fail "start after the cure: $(cat "$WORK/rc")"
is_ready || fail "not ready after the cure"
rc stop || fail "the last stop: $(cat "$WORK/rc")"

# ---- runit ----
mkdir -p "$R/etc/sv/bibd/log"
install -m 755 "$BUILD/etc/bibd.runit" "$R/etc/sv/bibd/run"
install -m 755 "$top/etc/bibd.runit-finish" "$R/etc/sv/bibd/finish"
install -m 755 "$top/etc/bibd.runit-log" "$R/etc/sv/bibd/log/run"
inside runsv /etc/sv/bibd >"$WORK/runsv" 2>&1 & started+=($!); runsv=$!
sv() { inside sv -w 30 "$@" /etc/sv/bibd; }
until_true 20 is_ready || fail "runit does not start it: $(cat "$WORK/runsv")"
sv reload >/dev/null || fail "sv reload"
killed
until_true 30 is_ready || fail "a crash is not started again"
logged() { grep -q "$1" "$R/var/log/bibd/current"; }
until_true 5 logged 'storage is coming up' || fail "nothing in the log"
sv stop >/dev/null || fail "sv stop"
is_down || fail "bibd outlives the stop"
cp "$R$config.bad" "$R$config"
sv start >/dev/null 2>&1
stays_down() { sv status | grep -q '^down: .*normally up'; }
until_true 10 stays_down || fail "a bad configuration: $(sv status)"
equal "$(grep -c 'must be one of' "$R/var/log/bibd/current")" 1 "starts with a bad configuration"
cp "$R$config.good" "$R$config"
sv start >/dev/null; until_true 20 is_ready || fail "start after the cure"
sv stop >/dev/null; sv exit >/dev/null; wait $runsv
