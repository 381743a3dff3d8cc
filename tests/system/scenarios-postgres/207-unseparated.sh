# Started by an ordinary user who may use the engine: says once that privileges are not separated, and works; Docker
# through its group, Podman as that user's own, rootless
# engines: docker rootless
. "$(dirname "$0")/../postgres.sh"
requires psql
mkdir -p "$WORK/bin/etc/migrations" && cp "$BUILD"/bibd "$BUILD"/bibctl "$BUILD"/bibd-* "$WORK/bin/" 2>/dev/null
cp -rL "$BUILD/etc/migrations/." "$WORK/bin/etc/migrations/" && chmod -R a+rX "$WORK"
groups=--clear-groups; [ "$ENGINE" = rootless ] || groups=--groups=$(stat -c %g "$(socket_of docker)")
as() { setpriv --reuid=nobody --regid=nogroup "$groups" env HOME="$WORK/home" XDG_RUNTIME_DIR=/run/user/65534 "$@"; }
mkdir "$WORK/home"; chown nobody "$WORK/home"
ACCESS="  []" configure_postgres node; sed -i '/^access:/,/\[\]/c\access: []' "$CONFIG"
[ "$ENGINE" = docker ] || sed -i 's|socket_path: .*|socket_path: ""|' "$CONFIG" # it is where such sockets are
chown -R nobody "$DIR"
start() {
	setpriv --reuid=nobody --regid=nogroup "$groups" env HOME="$WORK/home" XDG_RUNTIME_DIR=/run/user/65534 \
	    "$WORK/bin/bibd" -f "$CONFIG" >>"$DIR/log" 2>&1 &
	PID=$!; started+=("$PID"); wait_ready
}
start
equal "$(log_lines 'separated')" 1 "lines that say so"
for role in admin write query audit; do
	equal "$(as psql -h "$DIR/run" -U $role -d bibd -XqAtc 'select 1')" 1 "role $role"
done
as psql -h "$DIR/run" -d bibd -XqAtc 'create table t (a int); insert into t values (1)' || fail "insert"
equal "$(ps -o user= -p "$PID,$(children "$PID" | tr '\n' ',' | sed 's/,$//')" | sort -u)" nobody \
    "whose the processes are"
equal "$(stat -c %U "$PGDIR/data" "$DIR/data/secrets" | sort -u)" nobody "whose the directories are"
equal "$(as psql -h "$PGDIR/run" -U postgres -d bibd -XqAtc 'select current_user' 2>&1)" postgres \
    "the superuser, for who runs bibd"
if [ "$ENGINE" = rootless ] && [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then # what has no effect is said
	contains "$(bibctl status)" "memory_mb and cpu_cores have no effect" "status"
	contains "$(bibctl events)" "server.unlimited" "events"
	contains "$(bibctl doctor -f "$CONFIG")" "memory_mb and cpu_cores have no effect" "doctor"
else
	equal "$(bibctl events | grep -c server.unlimited)" 0 "warnings where limits have an effect"
fi
stop_node
equal "$(engine_cli ps -aq | wc -l)" 0 "containers"
start; equal "$(as psql -h "$DIR/run" -d bibd -XqAtc 'select a from t')" 1 "the row"; stop_node
if [ "$ENGINE" = rootless ]; then # a user without a range of ids is told so
	umount /etc/subuid /etc/subgid; grep -q '^nobody:' /etc/subuid &&
	    skip "nobody has a range of ids on this machine"
	: >"$DIR/log"; engine_stop rootless; say "without a range: $(tail -n 1 "$DIR/log")"
	rm -f "$ENGINES/rootless/ids"
fi
