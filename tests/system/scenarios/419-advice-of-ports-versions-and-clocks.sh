# A port that another process has, a database of another version than the image, files of another day, a full disk: what
# bibd and doctor advise is done as it stands, and they find nothing more
# for: root
. "$(dirname "$0")/../lib.sh"
requires psql python3
unset -f bibctl
doctor() { "$BIBCTL" -s "$DIR/run/control.sock" --json doctor -f "$CONFIG"; }
# advised CHECK: what doctor says to do about that
advised() {
	doctor | python3 -c 'import json, sys
for line in sys.stdin:
    l = json.loads(line)
    if l["check"] == sys.argv[1] and l["verdict"] != "ok":
        print(l.get("advice", ""))' "$1"
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
hold() { # PORT: somebody else's process has it; HOLDER
	setpriv --reuid=nobody --regid=nogroup --clear-groups -- /usr/bin/python3 -c 'import socket, sys, time
s = socket.create_server(("127.0.0.1", int(sys.argv[1]))); print(1, flush=True); time.sleep(600)' "$1" >"$WORK/holds" &
	HOLDER=$!; started+=("$HOLDER")
	until_true 5 test -s "$WORK/holds" || fail "the port is not held"
}
# ---- the ports that bibd listens on itself: the one who has it is named, and ended ----
PORT=$(free_port)
for key in listen.tcp.addresses metrics.address; do
	case $key in
	listen.*) LISTEN="tcp: {addresses: [\"127.0.0.1\"], port: $PORT}" configure node ;;
	metrics.*) EXTRA="metrics: {address: '127.0.0.1:$PORT'}" configure node ;;
	esac
	: >"$WORK/holds"; hold "$PORT"
	: >"$DIR/log"; launch; reap 15; equal "$STATUS" 73 "the status with the port of $key in use"
	contains "$(cat "$DIR/log")" "cannot listen on $key" "the key"
	way=$(sed -n "s/.*: port $PORT is in use by [^ ]* (pid \([0-9]*\)): stop that, or choose another port$/\1/p" \
	    "$DIR/log" | tail -n 1)
	equal "$way" "$HOLDER" "whom bibd names for $key: $(cat "$DIR/log")"
	kill "$way"; wait "$HOLDER" 2>/dev/null
	launch; wait_ready; answers || fail "no answer after the port of $key was free"
	stop_node
done
# ---- files of another day: doctor advises to look at the clock; when it is right (the files are of today) all is well
touch -d "+3 days" "$DIR/data/node.id"
contains "$(advised clock)" "see that the clock is right" "doctor with files of a later day"
touch "$DIR/data/node.id"; equal "$(advised clock)" "" "doctor with a clock that is right"
# ---- the database of another version than the image: doctor asks no engine for that ----
configure other; mkdir -p "$DIR/data/postgres/data"; echo 17 >"$DIR/data/postgres/data/PG_VERSION"
chmod 755 "$DIR/data" "$DIR/data/postgres" "$DIR/data/postgres/data"
image=docker.io/library/postgres:16-alpine
sed -i "s|^  backend: sqlite|  backend: postgres\n  postgres: {image: '$image'}|" "$CONFIG"
way=$(advised version | sed -n 's/^name an image of \([0-9]*\) in database.postgres.image.*/\1/p')
equal "$way" 17 "what doctor says of the version: $(doctor)"
sed -i "s|postgres:16-alpine|postgres:$way-alpine|" "$CONFIG"
equal "$(advised version)" "" "doctor with the image that it named"
