# Forty sessions listen on three server connections, each as with one of its own; when the server is restarted they are
# told
# engines: none
. "$(dirname "$0")/../external.sh"
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 500ms"
start_external 3
cat >"$WORK/listen.py" <<'PY'
import struct, sys, time
from wire import Failed, Session, bind, execute, message, parse, read_fields
node, plain, what = sys.argv[1:]
def new(): return Session(node, "write", timeout=30), Session(plain, "postgres", "plain", timeout=30)
def code(f):
    try: f()
    except Failed as e: return e.code
    return "00000"

def until_ready(s):
    """Answers up to ReadyForQuery, and what was notified, each with whose it was"""
    kinds, notified = "", []
    while not kinds.endswith("Z"):
        kind, body = s.message()
        if kind == "A":
            notified.append(("own" if struct.unpack("!i", body[:4])[0] == s.process else "other",
                body[4:].split(b"\0")[:2]))
        elif kind == "E": kinds += f"E{read_fields(body)['C']} "
        elif kind == "C": kinds += f"C({body[:-1].decode()}) "
        elif kind == "Z": kinds += body.decode() + "Z"
        elif kind == "D": kinds += f"D{body!r} "
        elif kind not in "STt": kinds += kind + " "
    return kinds, notified

# Sessions that had channels before LISTEN among other statements, which is their connection's own: between those
# channels and these no order is promised (bibd-sql(7)), within each it is
mixed = []
def both(two, sent, name):
    for s in two: s.socket.sendall(sent)
    mine, theirs = (until_ready(s) for s in two)
    if two in mixed:
        for _, notified in (mine, theirs): notified.sort(key=lambda n: n[1][0])
    assert mine == theirs, f"{name}: {mine} where plain has {theirs}"
    return mine

def query(two, text): return both(two, message("Q", text.encode() + b"\0"), text)
def batch(two, *texts):
    return both(two, b"".join(parse("", t) + bind() + execute() for t in texts) + message("S"), f"batch {texts}")

def one_after_another():
    a, b, c = new(), new(), new()
    for text in ("listen x", "notify x, 'mine'", "listen x", "select 1", "unlisten x", "notify x", "listen \"A b\"",
            "notify \"A b\", 'q'", "listen"):
        query(a, text)
    query(b, "notify \"A b\", 'b'"); assert query(a, "select 1")[1] == [("other", [b"A b", b"b"])]
    # in a transaction nothing comes; with its end all, in order; the listening of one that is rolled back is none
    query(a, "begin"); query(b, "notify \"A b\", '1'"); query(b, "notify \"A b\", '2'"); query(a, "notify \"A b\", '3'")
    assert query(a, "select 2")[1] == []; query(b, "notify \"A b\", '4'")
    assert [n[1][1] for n in query(a, "commit")[1]] == [b"1", b"2", b"4", b"3"]
    for end in ("rollback", "commit"):
        for text in ("begin", "listen y", "unlisten \"A b\"", end): query(a, text)
        query(b, "notify y, 'y'"); query(b, "notify \"A b\""); query(a, f"select '{end}'")
    # savepoints, errors, several in one text, batches of the extended protocol, a batch that fails
    for text in ("begin", "savepoint s", "listen z", "rollback to s", "listen w", "savepoint t", "unlisten w",
            "listen v", "release t", "commit"):
        query(a, text)
    for channel in "zwvy": query(b, f"notify {channel}")
    query(a, "select 3")
    query(a, "begin")
    query(a, "listen u")
    query(a, "select 1/0")
    query(a, "listen t")
    query(a, "commit")
    mixed.append(a)
    query(a, "listen r; listen s; unlisten v")
    query(a, "listen q; select 1/0")
    batch(a, "listen p", "notify p", "select 4")
    batch(a, "listen o", "select 1/0")
    batch(a, "begin", "listen n", "notify n, 'x'", "commit", "notify p, 'y'"); batch(a, "begin", "listen m", "rollback")
    for channel in "utrsvqpowm": query(b, f"notify {channel}, 'late'")
    query(a, "select 5"); query(a, "unlisten *"); query(b, "notify p"); query(a, "select 6")
    # what was sent while it was busy comes before ReadyForQuery; DISCARD ALL; a refused two-phase commit
    query(a, "listen x"); query(a, "discard all"); query(b, "notify x"); query(a, "select 7")
    query(a, "begin"); query(a, "listen x"); query(a, "prepare transaction 'x'")
    # a client that says nothing gets it, too; the channels are told
    query(c, "listen d"); query(c, "listen c"); query(b, "notify c, 'waits'")
    for s in c:
        kind, body = s.message(); assert kind == "A" and b"c\0waits\0" in body, (kind, body)
    query(c, "select * from pg_listening_channels() order by 1")
    query(c, "unlisten c")
    query(c, "select * from pg_listening_channels() order by 1")
    query(b, "notify d"); query(b, "notify c"); query(c, "select 8")
    for two in (a, b, c):
        for s in two: s.close()

def skipped():
    # a LISTEN that the server skips, since what was before it has failed while the listener was asked: the next one
    # is of another channel, and is not lost
    a, b = new(), new()
    for i in range(20):
        batch(a, "select 1/0", f"listen skipped_{i}")
        batch(a, f"listen kept_{i}")
        query(b, f"notify skipped_{i}"); query(b, f"notify kept_{i}")
        assert query(a, "select 1")[1] == [("other", [b"kept_%d" % i, b""])], i
    query(a, "select count(*) from pg_listening_channels()")
    for s in a + b: s.close()

def many():
    listening = [Session(node, "write", timeout=30) for _ in range(40)]
    for i, s in enumerate(listening): s.query("listen every"); s.query(f"listen only_{i}")
    sender = Session(node, "query", timeout=30)
    for i in range(40): sender.query(f"notify only_{i}, '{i}'")
    sender.query("begin")
    sender.query("notify every, 'one'")
    sender.query("notify every, 'two'")
    sender.query("commit")
    for i, s in enumerate(listening):
        got = [s.message() for _ in range(3)]
        assert [(k, b[4:].split(b"\0")[:2]) for k, b in got] == [("A", [b"only_%d" % i, b"%d" % i]),
            ("A", [b"every", b"one"]), ("A", [b"every", b"two"])], (i, got)
    # each on whatever connection there is, which is now one, now another's: its own are its own, no other is
    for turn in range(3):
        for i, s in enumerate(listening): s.send("Q", f"notify only_{i}, 'own'".encode() + b"\0")
        for i, s in enumerate(listening): assert until_ready(s)[1] == [("own", [b"only_%d" % i, b"own"])]
    for s in listening[:20]: s.send("Q", b"notify every, 'x'\0")
    for s in listening[:20]:
        owners = []
        while len(owners) < 20:
            kind, body = s.message()
            if kind == "A": owners.append(struct.unpack("!i", body[:4])[0] == s.process)
        assert owners.count(True) == 1, owners
    return listening + [sender]

def idle(): return Session(node, "write", timeout=60)

if what == "1":
    one_after_another()
    skipped()
    many()
elif what == "2":
    # told that the server was restarted; who does not listen goes on
    s, other = idle(), idle()
    s.query("listen c"); other.query("listen c"); other.query("unlisten c"); print("listening", flush=True)
    kind, body = s.message(); assert kind == "E" and read_fields(body)["C"] == "57P01", (kind, body)
    sys.stdin.readline()
    end = time.monotonic() + 60
    while code(lambda: other.query("select 1")) != "00000": assert time.monotonic() < end
    s = idle(); s.query("listen c"); other.query("notify c, 'again'"); kind, body = s.message(); assert kind == "A"
PY
timeout 120 python3 "$WORK/listen.py" "$DIR/run/.s.PGSQL.5432" "$PLAIN/.s.PGSQL.$PLAIN_PORT" 1 || fail "see above"
connections() {
	plain "select count(*) from pg_stat_activity where datname = 'bibd' and backend_type = 'client backend' and \
application_name <> 'psql'"
}
# three, the listener, two of the node's own, and one that the check of the client socket may have made
connected=$(connections); case $connected in 6 | 7) ;; *) fail "server connections: $connected" ;; esac
mkfifo "$WORK/again"
timeout 120 python3 "$WORK/listen.py" "$DIR/run/.s.PGSQL.5432" "$PLAIN/.s.PGSQL.$PLAIN_PORT" 2 >"$WORK/out" 2>&1 \
    <"$WORK/again" &
client=$!; exec 7>"$WORK/again"
until_true 20 grep -q listening "$WORK/out" || fail "$(cat "$WORK/out")"
kill -INT "$(head -n 1 "$PLAIN/data/postmaster.pid")"; wait "$EXTERNAL_PID"
run_external
echo >&7
wait "$client" || fail "$(cat "$WORK/out")"
stop_node
