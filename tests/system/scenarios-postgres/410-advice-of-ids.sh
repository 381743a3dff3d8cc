# A rootless Podman whose user has no range of ids: what bibd advises is done as it stands, and the node is well
# engines: rootless
. "$(dirname "$0")/../postgres.sh"
requires psql usermod newuidmap
engine_stop rootless; rm -rf "$ENGINES/rootless"/{root,run,tmp}
# A machine of whose users none has a range: usermod(8) writes other files in place of these.
if ! cp -a /etc "$WORK/etc" || ! mount --bind "$WORK/etc" /etc; then skip "no mounts"; fi
mounted+=(/etc)
while umount /etc/subuid 2>/dev/null; do :; done; while umount /etc/subgid 2>/dev/null; do :; done
sed -i '/^nobody:/d' /etc/subuid /etc/subgid
mkdir -p "$WORK/bin/etc/migrations" && cp "$BUILD"/bibd "$BUILD"/bibctl "$BUILD"/bibd-* "$WORK/bin/" 2>/dev/null
cp -rL "$BUILD/etc/migrations/." "$WORK/bin/etc/migrations/" && chmod -R a+rX "$WORK"
as_user=(setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$ENGINES/rootless/home"
    XDG_RUNTIME_DIR=/run/user/65534 CONTAINERS_CONF="$ENGINES/containers.conf")
service() {
	podman_service rootless "${as_user[@]}"
	echo $! >"$ENGINES/rootless/pid"; disown
	until_true 20 engine_answers rootless || fail "no podman: $(tail -n 3 "$ENGINES/rootless/log")"
}
service; image_import rootless
USE_IMAGE=$IMAGE ACCESS="  []" configure_postgres node; sed -i '/^access:/,/\[\]/c\access: []' "$CONFIG"
sed -i 's|socket_path: .*|socket_path: ""|' "$CONFIG"; chown -R nobody "$DIR"
start() { "${as_user[@]}" "$WORK/bin/bibd" -f "$CONFIG" >>"$DIR/log" 2>&1 & PID=$!; started+=("$PID"); }
start; reap 40; equal "$STATUS" 78 "exit status without a range of ids"
# shellcheck disable=SC2016 # they are in bibd's words
way=$(sed -n 's/.*as root, run `\(usermod [^`]*\)`, then as that user `.*/\1/p' "$DIR/log" | tail -n 1)
# shellcheck disable=SC2016
then=$(sed -n 's/.*, then as that user `\([^`]*\)` .*/\1/p' "$DIR/log" | tail -n 1)
if [ -z "$way" ] || [ -z "$then" ]; then fail "no cure is told: $(cat "$DIR/log")"; fi
bash -c "${way/USER/nobody}" || fail "the advice does not work: $way"
# Its places are where the tests' service has them.
R=$ENGINES/rootless
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s/root"\nrunroot = "%s/run"\nrootless_storage_path = "%s/root"\n' \
    "$R" "$R" "$R" >"$WORK/storage.conf"
sed "s|^\[engine\]|&\ntmp_dir = \"$R/tmp\"|" "$ENGINES/containers.conf" >"$WORK/containers.conf"
"${as_user[@]}" env -C / CONTAINERS_STORAGE_CONF="$WORK/storage.conf" CONTAINERS_CONF="$WORK/containers.conf" \
    bash -c "$then" >"$WORK/out" 2>&1 || fail "the advice does not work: $then: $(cat "$WORK/out")"
# A socket's service ends when nobody asks it; the next one has the new ids.
engine_stop rootless; service; image_import rootless
start; wait_ready
"${as_user[@]}" psql -h "$DIR/run" -U admin -d bibd -XqAtc 'create table t (a int); insert into t values (1)' ||
    fail "no table after: $way; $then"
kill -TERM "$PID"; reap 60; equal "$STATUS" 0 "the stop"
start; wait_ready
equal "$("${as_user[@]}" psql -h "$DIR/run" -U query -d bibd -XqAtc 'select a from t')" 1 "the row after a restart"
kill -TERM "$PID"; reap 60
engine_stop rootless; rm -f "$ENGINES/rootless/ids"
say "$way; $then"
