# What a client sent before it closed is done: statements of clients that close at once, and requests to cancel
. "$(dirname "$0")/../lib.sh"
requires psql python3
CLIENTS=${BIBD_CLOSERS:-400} # 10000 is the long form
start_node
sql "create table t (a int primary key, how text)" || fail "setup"
python3 - "$DIR/run" "$CLIENTS" <<'PY' || fail "see above"
import struct, sys, threading, time
from wire import Failed, Session
d, clients = sys.argv[1], int(sys.argv[2])
query = lambda s, text: s.send("Q", text.encode() + b"\0")
def extended(s, text):
    s.send("P", b"\0" + text.encode() + b"\0\0\0")
    s.send("B", b"\0\0\0\0\0\0\0\0")
    s.send("E", b"\0\0\0\0\0")
    s.send("S")
def at_once(i): # nothing is waited for, not even the answer to the startup packet
    s = Session(d, user="write", start=False); s.send_startup(user="write", database="bibd")
    query(s, f"insert into t values ({i}, 'at once')"); s.send("X"); s.close()
def impolite(i): # no Terminate, and an answer that nobody reads stands before it
    s = Session(d, user="write")
    query(s, "select repeat('x', 100000)"); query(s, f"insert into t values ({i}, 'impolite')"); s.close()
def polite(i):
    s = Session(d, user="write"); query(s, f"insert into t values ({i}, 'polite')"); s.send("X"); s.close()
def batch(i):
    s = Session(d, user="write"); extended(s, f"insert into t values ({i}, 'batch')"); s.send("X"); s.close()
ways = at_once, impolite, polite, batch
def some(n): # never so many at once that one is refused for their number
    seen = Session(d)
    for i in range(n, clients, 5):
        while i % 50 == n and i - int(seen.query("select count(*) from t")[0][0]) > 2000: time.sleep(.05)
        ways[i % len(ways)](i)
threads = [threading.Thread(target=some, args=(n,)) for n in range(5)]
for t in threads: t.start()
for t in threads: t.join()
s = Session(d)
end = time.monotonic() + 20
while (n := int(s.query("select count(*) from t")[0][0])) < clients and time.monotonic() < end: time.sleep(.05)
if n < clients:
    sys.exit(f"{clients - n} of {clients} are lost; there are {s.query('select how, count(*) from t group by how')}")
# What was begun and not committed is not done.
for _ in range(10):
    x = Session(d, user="write"); query(x, "begin; insert into t values (-1, 'open')"); x.close()
    x = Session(d, user="write"); x.send("P", b"\0insert into t values (-2, 'no sync')\0\0\0")
    x.send("B", b"\0\0\0\0\0\0\0\0"); x.send("E", b"\0\0\0\0\0"); x.close()
# A request to cancel, whose sender has closed before it can be read.
def cancel(of):
    c = Session(d, start=False); c.socket.sendall(struct.pack("!iiii", 16, 80877102, of.process, of.key)); c.close()
v = Session(d, user="query")
for n in range(25):
    query(v, "select count(*) from generate_series(1, 1000000000000)")
    time.sleep(.05); cancel(v)
    try: v.until_ready(); sys.exit("?")
    except Failed as e: assert e.code == "57014", e
assert s.query("select count(*) from t where a < 0") == [["0"]]
# Who has only ended its sending still reads.
h = Session(d, user="query"); query(h, "select repeat('x', 1000000), count(*) from generate_series(1, 3000000)")
h.socket.shutdown(1); assert h.until_ready()[0][1] == "3000000"
print(f"{clients} clients, 0 lost")
PY
stop_node
