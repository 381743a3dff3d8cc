# While what holds all connections neither ends nor can be interrupted, the worker says that it is not healthy, and
# admin is answered
. "$(dirname "$0")/../lib.sh"
requires psql python3
HEALTH="interval: 200ms, timeout: 300ms, retry_backoff: 200ms"
SQLITE="max_open_conns: 2, memory_mb: 8192"
start_node
worker=$(worker sqlite)
events() { "$BIBCTL" -s "$DIR/run/control.sock" events; }
# Both connections' statements are being parsed, half a million tokens each, which nothing interrupts.
python3 - "$DIR/run" <<'PY' &
import select, sys, time
from wire import Failed, Session
d = sys.argv[1]
held = [Session(d, user="query", timeout=170) for _ in range(9)]
text = "select 1; select 1 where 1 in (" + ",".join(["1"] * 400000) + ")"
for s in held: s.send("Q", text.encode() + b"\0")
# There are threads for others: admin, who has a connection too, is answered before any of them.
time.sleep(.2)
assert Session(d).query("select 1") == [["1"]]
if select.select([s.socket for s in held], [], [], 0)[0]: sys.exit("admin had to wait for one of them")
for s in held:
    try: s.until_ready()
    except Failed: pass
PY
client=$!; started+=("$client")
until_true 60 sh -c "'$BIBCTL' -s '$DIR/run/control.sock' events | grep -q 'no client has been answered for'" ||
    fail "nobody was told"
wait "$client" || fail "see above"
until_true 30 sh -c "'$BIBCTL' -s '$DIR/run/control.sock' events | grep -q 'healthy again'" ||
    fail "it is not healthy again"
answers || fail "psql is not answered"
equal "$(worker sqlite)" "$worker" "the worker's pid"
say "$(events | grep -o 'no client has been answered.*' | tail -n 1)"
stop_node
