# What a client sent before it closed is done as plain PostgreSQL does it: no statement of those that close at once is
# lost
# engines: none
. "$(dirname "$0")/../external.sh"
# More than max_clients at once are refused, here as there.
SERVER="max_clients: 100000"; start_external "${SIZE:-3}"
# CLOSERS: how many clients there are of each kind; 10000 is possible
timeout $((150 + ${CLOSERS:-300} / 5)) python3 - "$DIR/run" 5432 write "$PLAIN" "$PLAIN_PORT" postgres \
    "${CLOSERS:-300}" <<'PY' || fail "see above"
import socket, struct, sys, time
from concurrent.futures import ThreadPoolExecutor
from wire import Session
def message(kind, body=b""): return kind + struct.pack("!i", len(body) + 4) + body
def cs(s): return s.encode() + b"\0"
def startup(user):
    body = struct.pack("!i", 3 << 16) + cs("user") + cs(user) + cs("database") + cs("bibd") + b"\0"
    return struct.pack("!i", len(body) + 4) + body
def query(sql): return message(b"Q", cs(sql))
def extended(sql):
    return message(b"P", cs("") + cs(sql) + b"\0\0") + message(b"B", b"\0" * 8) + message(b"E", b"\0" * 5)
S, X = message(b"S"), message(b"X")
def insert(kind, i): return f"insert into closed values ('{kind}', {i})"
KINDS = {
    "terminate": lambda k, i: query(insert(k, i)) + X,
    "no terminate": lambda k, i: query(insert(k, i)),
    "extended": lambda k, i: extended(insert(k, i)) + S + X,
    "extended, no terminate": lambda k, i: extended(insert(k, i)) + S,
    "no sync": lambda k, i: extended(insert(k, i)) + X,
    "one with, one without sync": lambda k, i: extended(insert(k, i)) + S + extended(insert(k, -i)),
    "transaction": lambda k, i: query("begin") + query(insert(k, i)) + query("commit") + X,
    "transaction left open": lambda k, i: query("begin") + query(insert(k, i)) + X,
    "two, the second cut": lambda k, i: query(insert(k, i)) + query(insert(k, -i) + " " * 90000)[:70000],
    "settings first": lambda k, i: query("set work_mem = '3MB'") + query(insert(k, i)) + X,
    "slow": lambda k, i: query(f"select pg_sleep(0.02); {insert(k, i)}") + X,
    "after an error": lambda k, i: query("select 1/0") + query(insert(k, i)) + X,
    "copy": lambda k, i: query("copy closed from stdin") + message(b"d",
        f"{k}\t{i}\n".encode()) + message(b"c") + query(insert(k, -i)) + X,
    "copy without its end": lambda k, i: query("copy closed from stdin") + message(b"d", f"{k}\t{i}\n".encode()) + X,
    "large": lambda k, i: query(insert(k, i) + " -- " + "x" * 300000) + X,
    "results that nobody reads": lambda k,
    i: query("select repeat('x', 1000) from generate_series(1, 1000)") + query(insert(k, i)) + X,
}
FEW = {"large", "results that nobody reads", "slow", "two, the second cut"}
NONE = {"no sync", "transaction left open", "copy without its end"} # what is not finished is not done
# Once told that its client has gone PostgreSQL does nothing more: what it does with one statement is certain.
PLAIN = ("terminate", "no terminate", "extended", "extended, no terminate", "no sync", "transaction left open", "large",
    "slow")
def once(path, user, kind, i, greeted):
    # the queue may be full
    s = socket.socket(socket.AF_UNIX); s.connect(path); s.settimeout(60); s.sendall(startup(user))
    got = b""
    while greeted and got[-6:-1] != b"Z\0\0\0\5":
        more = s.recv(65536); got += more
        if not more: sys.exit(f"{path}: {got}")
    s.sendall(KINDS[kind](kind, i)); s.close()
def half(path, user):
    """says that it will send no more, and reads on"""
    s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(path); out = b""
    s.sendall(startup(user) + query("select pg_sleep(0.1), 'the answer'")); s.shutdown(socket.SHUT_WR)
    while got := s.recv(65536): out += got
    return b"the answer" in out
def run(directory, port, user, kinds, n, few, threads, greeted):
    path = f"{directory}/.s.PGSQL.{port}"
    c = Session(path, start=False); c.send_startup(user=user, database="bibd"); c.until_ready()
    c.query("drop table if exists closed"); c.query("create table closed (kind text, n int)")
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda a: once(path, user, *a, greeted),
            [(k, i) for i in range(1, n + 1) for k in kinds if k not in FEW or i <= few]))
    counts, last, end = None, time.monotonic(), time.monotonic() + 90
    while time.monotonic() < min(end, last + 3):
        now = {(k, int(s)): int(n) for k, s, n in c.query("select kind, sign(n), count(*) from closed group by 1, 2")}
        if now != counts: counts, last = now, time.monotonic()
        time.sleep(.1)
    assert half(path, user), f"{path}: half closed"
    return counts
n = int(sys.argv[7])
def wanted(kinds, n, few):
    want = {(k, 1): few if k in FEW else n for k in kinds if k not in NONE}
    return want | ({("copy", -1): n} if "copy" in kinds else {})
for name, want, got in (
        ("plain", wanted(PLAIN, 10, 10), run(sys.argv[4], int(sys.argv[5]), sys.argv[6], PLAIN, 10, 10, 4, True)),
        ("bibd", wanted(KINDS, n, 20), run(sys.argv[1], int(sys.argv[2]), sys.argv[3], KINDS, n, 20, 16, False)),
        ("bibd", wanted(KINDS, 20, 5), run(sys.argv[1], int(sys.argv[2]), sys.argv[3], KINDS, 20, 5, 16, True))):
    for row in sorted(set(want.items()) ^ set(got.items())):
        print(name, "wanted" if row[0] in want and want[row[0]] == row[1] else "got", row)
    if want != got: sys.exit(1)
PY
stop_node
say "${CLOSERS:-300} clients of each kind, none lost"
