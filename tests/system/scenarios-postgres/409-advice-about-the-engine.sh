# A socket that may not be used, a stranger's container of the node's name, an image that is missing, a server left on
# another engine: what bibd and doctor advise is done as it stands, and the node is well
# engines: docker
# seconds: 300
. "$(dirname "$0")/../postgres.sh"
requires psql python3
start_postgres; sql 'create table t (a int); insert into t values (1)' || fail "insert"; stop_node
SOCKET=$(socket_of docker) tried=0
owner=$(stat -c %u:%g "$SOCKET") mode=$(stat -c %a "$SOCKET")
trap 'chown "$owner" "$SOCKET"; chmod "$mode" "$SOCKET"; cleanup' EXIT
doctor() { "$BIBCTL" -s "$DIR/run/control.sock" --json doctor -f "$CONFIG"; }
# advised CHECK: what doctor says to do about that
advised() {
	doctor | python3 -c 'import json, sys
for line in sys.stdin:
    l = json.loads(line)
    if l["check"] == sys.argv[1] and l["verdict"] != "ok":
        print(l.get("advice", "")); break' "$1"
}
well() { # WAY
	: >"$DIR/log"; launch; wait_ready; equal "$(sql 'select a from t')" 1 "the row after: $1"
	equal "$(advised permissions)$(advised container)$(advised image)" "" "what doctor still finds after: $1"
	stop_node; tried=$((tried + 1))
}
# told STATUS SED: one start, which ends so; WAY is the command in what it says
told() {
	: >"$DIR/log"; launch; reap 60; equal "$STATUS" "$1" "exit status: $(cat "$DIR/log")"
	WAY=$(sed -n "$2" "$DIR/log" | tail -n 1); [ -n "$WAY" ] || fail "no cure is told: $(cat "$DIR/log")"
}
# cured CHECK WAY: doctor finds nothing there any more
cured() { equal "$(advised "$1")" "" "what doctor still finds of $1 after: $2"; tried=$((tried + 1)); }
do_it() { bash -c "$1" >"$WORK/out" 2>&1 || fail "the advice does not work: $1: $(cat "$WORK/out")"; }
HEALTH="action: shutdown"
# ---- the socket ----
for owners in root:root root:_bibctr; do
	chown "$owners" "$SOCKET"; chmod 600 "$SOCKET"
	told 77 's/.*let bibd use it with: \(.*\), and have docker .*/\1/p'; do_it "$WAY"; well "$WAY"
	chown "$owners" "$SOCKET"; chmod 600 "$SOCKET"
	WAY=$(advised permissions); do_it "${WAY%, and have docker*}"; cured permissions "$WAY"
done
# A directory that is closed, as systemd makes one: the lines of the drop-in are done as systemd would
mkdir -m 700 /run/shut; ln -s "$SOCKET" /run/shut/docker.sock
cp "$CONFIG" "$WORK/good"; sed -i "s|socket_path: .*|socket_path: /run/shut/docker.sock|" "$CONFIG"
told 77 's/.*Put \[Socket\] SocketGroup=_bibctr ExecStartPost=\(.*\), a line each, .*/\1/p'; do_it "$WAY"; well "$WAY"
chmod 700 /run/shut; WAY=$(advised permissions)
do_it "$(sed -n 's/.* ExecStartPost=\(.*\) into .*/\1/p' <<<"$WAY")"; cured permissions "$WAY"
cp "$WORK/good" "$CONFIG"
# ---- a container of the node's name that it did not make ----
stranger() { engine_cli create --name "$(container_name)" "$IMAGE" sleep 1 >/dev/null || fail "a stranger"; }
others() { engine_cli rename "$(container_name)-other" "other-$tried"; }
stranger; told 65 's/.*rename it with: \(.*\)$/\1/p'; do_it "$WAY"; well "$WAY"; others
stranger; WAY=$(advised container); do_it "${WAY#*with: }"; cured container "$WAY"; others
# ---- an image that is missing, and no registry ----
engine_cli save -o "$WORK/image.tar" "$IMAGE" || fail "save"
for left in $(engine_cli ps -aq); do engine_cli rm -f "$left" >/dev/null; done
engine_cli rmi -f "$IMAGE" >/dev/null || fail "rmi"
WAY=$(advised image); WAY=${WAY#*load it with: }; do_it "${WAY/FILE/$WORK/image.tar}"; cured image "$WAY"
# ---- a server that another engine has left running ----
engine_start podman || fail "podman"
podman=$(socket_of podman)
sed -i "s|container_runtime: .*|container_runtime: podman|; s|socket_path: .*|socket_path: $podman|" "$CONFIG"
launch; wait_ready; kids=$(children "$PID"); kill -9 "$PID"
for k in $kids; do until_true 5 gone "$k" || fail "worker $k lives on"; done
cp "$WORK/good" "$CONFIG"
told 65 's/.*gone for good, run: \(.*\)$/\1/p'; do_it "$WAY"; well "$WAY"
ENGINE=podman engine_clean podman; engine_stop podman
# ---- an image of another version than the database: the server's own words, and its image set back ----
# One that says what a real one says, and not its version: a start with a real one moves the rows (114).
newer=localhost/bibd-test/newer:17
make_newer() {
	printf '%s\n' '#!/bin/sh' "echo 'FATAL:  database files are incompatible with server' >&2" \
	    "echo 'DETAIL:  The data directory was initialized by PostgreSQL version 15, which is not compatible with \
this version 17.2.' >&2" 'exit 1' >"$WORK/postgres"; chmod 755 "$WORK/postgres"
	engine_cli create --name newer "$IMAGE" true && engine_cli cp "$WORK/postgres" \
	    newer:/usr/lib/postgresql/15/bin/postgres && engine_cli commit newer "$newer" && engine_cli rm -f newer
}
make_newer >"$WORK/out" 2>&1 || fail "no image of another version: $(tail -n 3 "$WORK/out")"
sed -i "s|^    image: .*|    image: \"$newer\"|" "$CONFIG"
told 65 's/.* by PostgreSQL version \([0-9]*\), .*set database.postgres.image back to the version that made it.*/\1/p'
! grep -q 'shut down cleanly' "$DIR/log" || fail "a server that refused its database was shut down cleanly"
equal "$WAY" "$(cat "$PGDIR/data/PG_VERSION")" "the version that made it, as it is told"
sed -i "s|^    image: .*|    image: \"$IMAGE\"|" "$CONFIG"; well "an image of $WAY"
say "$tried cures"
