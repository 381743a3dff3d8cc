# bibctl doctor: before the first start, beside a running node, after a stop, and what it says of each mistake
. "$(dirname "$0")/../lib.sh"
requires python3
doctor() { "$BIBCTL" "$@" doctor -f "$CONFIG"; }
# finds STATUS VERDICT CHECK TEXT: doctor exits so, and has such a line
finds() {
	local out status
	out=$(doctor 2>&1); status=$?
	equal "$status" "$1" "status of doctor, which said: $out"
	grep -qE "^$2 +$3 +.*$4" <<<"$out" || fail "no line '$2 $3 $4' in: $out"
}
configure node
finds 0 ok configuration "is valid: mode selective on sqlite"
finds 0 warning daemon "bibd does not run"
"$BIBCTL" doctor -f "$WORK/none.yaml" >"$WORK/out"; equal $? 78 "status without a configuration"
contains "$(cat "$WORK/out")" "or name it with -f" "doctor without a configuration"
sed 's/selective/selectiv/' "$CONFIG" >"$WORK/wrong.yaml"
"$BIBCTL" doctor -f "$WORK/wrong.yaml" >"$WORK/out"; equal $? 78 "status with a wrong configuration"
contains "$(cat "$WORK/out")" "wrong.yaml:1:14" "the place of the mistake"

launch; wait_ready
finds 0 ok daemon "serves clients"
finds 0 ok processes "healthy"
finds 0 ok sockets ".s.PGSQL.5432 answers"
finds 0 ok sockets "metrics.sock answers"
doctor --json >"$WORK/json" || fail "--json doctor"
python3 -c 'import json, sys
found = [json.loads(l) for l in sys.stdin]
assert all(f["verdict"] == ("warning" if f["check"] == "backup" else "ok") for f in found)' \
    <"$WORK/json" ||
    fail "$(cat "$WORK/json")"
kill -STOP "$PID"
finds 69 failed daemon "pid $PID"
kill -CONT "$PID"
chmod 755 "$DIR/data/sqlite"; finds 77 failed directories "open to others"; chmod 700 "$DIR/data/sqlite"
if [ "$ME" = root ]; then
	chmod 700 "$WORK"; finds 77 failed data_dir "$WORK may not be searched"; chmod 755 "$WORK"
fi
stop_node
finds 0 warning daemon "bibd does not run"

# A server elsewhere: nobody there, then somebody who is no PostgreSQL.
EXTRA="" DATABASE="" configure external
python3 - "$WORK/port" <<'PY' & server=$!
import socket, sys
s = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1], "w").write(str(s.getsockname()[1]))
while True:
    c, _ = s.accept(); c.recv(100); c.sendall(b"220 hello\r\n"); c.close()
PY
started+=("$server")
until_true 5 test -s "$WORK/port"
external() {
	cat >"$CONFIG" <<YAML
node: {data_dir: $DIR/data}
listen: {path: $DIR/run}
database: {backend: postgres, postgres: {managed: false, advanced: {host: localhost, port: $1, password: hunter2}}}
YAML
}
external "$(cat "$WORK/port")"; chmod 644 "$CONFIG"
finds 69 failed external "is not PostgreSQL"
finds 69 warning password "chmod o-r"
case $(doctor) in *hunter2*) fail "doctor shows the password" ;; esac
kill "$server"; wait "$server" 2>/dev/null
finds 69 failed external "Connection refused"
