# A thousand clients on 20 server connections; cancel reaches its statement and no other; who leaves, leaves nothing;
# the server killed under load tells clients 57P01 and their next statements work
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
ulimit -n 8192 2>/dev/null
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 500ms"
start_postgres
sql 'create table t (a int primary key, b int); insert into t select n, 0 from generate_series(1, 100) n' ||
    fail "setup"
timeout 150 python3 - "$DIR/run" "$PGDIR/run" <<'PY' || fail "see above"
import socket, struct, subprocess, sys, threading, time
from wire import Failed, Session
d, own = sys.argv[1:]

def superuser(text):
    return subprocess.check_output(["psql", "-h", own, "-U", "postgres", "-d", "bibd", "-XqAtc", text],
        text=True).strip()
def server_connections(role="%"):
    return int(superuser(f"select count(*) from pg_stat_activity where usename like 'bibd_{role}' and backend_type = "
        f"'client backend'"))
def cs(s): return s.encode() + b"\0"
def code(f):
    try: f()
    except Failed as e: return e.code
    return "00000"

# 1000 sessions, each of which has a statement answered, several times over
many = [Session(d, ("write", "query")[i % 2], timeout=60) for i in range(1000)]
begin = time.monotonic()
for _ in range(3):
    for s in many: s.send("Q", cs("select 1"))
    for s in many: assert s.until_ready() == [["1"]]
print(f"3000 statements of 1000 sessions: {time.monotonic() - begin:.2f} s, {server_connections()} server connections")
# No client is admin here: the one of admin's that is beyond all is for the check of the client socket, which waits for
# nobody.
check = server_connections("admin%")
assert check <= 1 and server_connections() - check <= 22, (server_connections(), check)
# a named statement in each, run on whatever connection there is
for i, s in enumerate(many[:300]):
    s.send("P", cs("mine") + cs(f"select {i} + $1::int") + struct.pack("!HI", 1, 23)); s.send("S")
for s in many[:300]: s.until_ready()
for _ in range(2):
    for i, s in enumerate(many[:300]):
        s.send("B", cs("") + cs("mine") + struct.pack("!HHi", 0, 1, 3) + b"100" + struct.pack("!H", 0))
        s.send("E", cs("") + struct.pack("!i", 0))
        s.send("S")
    for i, s in enumerate(many[:300]):
        rows = s.until_ready(); assert rows == [[str(100 + i)]], (i, rows)
for s in many: s.close()

# transactions of more clients than connections: all get their turn, nothing is lost
def add(n):
    s = Session(d, "write", timeout=60)
    for _ in range(10):
        s.query("begin"); s.query(f"update t set b = b + 1 where a = {n % 10 + 1}"); s.query("commit")
    s.close()
threads = [threading.Thread(target=add, args=(n,)) for n in range(60)]
for t in threads: t.start()
for t in threads: t.join()
assert superuser("select sum(b) from t") == "600", superuser("select sum(b) from t")

# cancel: of twelve that sleep, the one that is meant; a key that is made up, or of a session that has gone, does
# nothing
def cancel(process, key):
    c = socket.socket(socket.AF_UNIX); c.settimeout(10); c.connect(f"{d}/.s.PGSQL.5432")
    c.sendall(struct.pack("!iiii", 16, 80877102, process, key)); assert c.recv(1) == b""; c.close()
sleepers = [Session(d, "write", timeout=30) for _ in range(12)]
assert len({(s.process, s.key) for s in sleepers}) == 12, "cancel keys are not each session's own"
assert all(s.key for s in sleepers)
gone = Session(d, "write"); left = (gone.process, gone.key); gone.close()
for s in sleepers: s.send("Q", cs("select pg_sleep(4)"))
time.sleep(1)
cancel(*left)
cancel(sleepers[3].process, sleepers[3].key ^ 1)
cancel(12345, 67890)
begin = time.monotonic()
cancel(sleepers[5].process, sleepers[5].key)
assert code(sleepers[5].until_ready) == "57014"; assert time.monotonic() - begin < 2
for i, s in enumerate(sleepers):
    if i != 5: assert code(s.until_ready) == "00000", f"session {i} was cancelled"
assert sleepers[5].query("select 2") == [["2"]]
# a cancel that comes when its statement is over reaches no other's
for _ in range(50):
    a, b = sleepers[0], sleepers[1]
    assert a.query("select 1") == [["1"]]; cancel(a.process, a.key)
    assert b.query("select 2") == [["2"]] and a.query("select 3") == [["3"]]

# who leaves in the middle of a transaction, of a statement, of a COPY, of a message, leaves nothing
for way in ("transaction", "statement", "copy", "message", "terminate"):
    s = Session(d, "write")
    if way == "transaction": s.query("begin"); s.query("update t set b = -1 where a = 50")
    if way == "terminate": s.query("begin"); s.query("update t set b = -1 where a = 50"); s.send("X")
    if way == "statement":
        s.query("begin")
        s.query("update t set b = -1 where a = 50")
        s.send("Q", cs("select pg_sleep(30)"))
        time.sleep(.3)
    if way == "copy": s.send("Q", cs("copy t from stdin")); time.sleep(.3); s.send("d", b"900\t1\n")
    if way == "message":
        s.query("begin")
        s.query("update t set b = -1 where a = 50")
        s.socket.sendall(b"Q\0\0\x10\0sele")
    s.close()
    other = Session(d, "write", timeout=10); other.query("set lock_timeout = '5s'")
    assert other.query("update t set b = 7 where a = 50 returning b") == [["7"]], way
    assert other.query("select count(*) from t where a = 900") == [["0"]]
    other.query("update t set b = 0 where a = 50")
    other.close()
time.sleep(1)
assert superuser("select count(*) from pg_stat_activity where state like 'idle in%' or (state = 'active' and query "
    "like '%pg_sleep%' and pid <> pg_backend_pid())") == "0"
PY
sessions() {
	bibctl --json status | python3 -c 'import json, sys; s = json.load(sys.stdin); print(json.dumps(s))' |
	    grep -o '"connections_open": *[0-9]*' | tr -dc 0-9
}
# killed under load, with sessions that stay
timeout 100 python3 - "$DIR/run" "$(postmaster)" <<'PY' || fail "see above"
import os, signal, sys, threading, time
from wire import Failed, Session
d, pid = sys.argv[1], int(sys.argv[2])
idle, busy, inside = Session(d, "query", timeout=60), Session(d, "write", timeout=60), Session(d, "write", timeout=60)
idle.query("select 1"); inside.query("begin"); inside.query("update t set b = 1 where a = 1")
got = []
def run():
    try: busy.query("select pg_sleep(60)"); got.append("ended")
    except Failed as e: got.append(e.code)
    except ConnectionError: got.append("cut")
t = threading.Thread(target=run); t.start(); time.sleep(.5)
os.kill(pid, signal.SIGKILL); t.join(20)
assert got == ["57P01"], f"the running statement: {got}"
kind, body = inside.message(); assert kind == "E" and b"C57P01" in body, "who was in a transaction is told so"
# who was idle goes on, as soon as the server is back, in the same session
end = time.monotonic() + 40
while True:
    try: assert idle.query("select count(*) from t") == [["100"]]; break
    except Failed as e: assert e.code in ("57P03", "57P01") and time.monotonic() < end, e; time.sleep(.05)
    except ConnectionError: sys.exit("an idle session was cut")
s = Session(d); assert s.query("select b from t where a = 1") == [["60"]]
PY
stop_node
