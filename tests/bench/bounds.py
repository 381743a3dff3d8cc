"""bounds.py BACKEND DIRECTORY WORKER LOGS PGBENCH RATIO [WORD...]: see bounds, which calls it. LOGS has the
transactions of the clients that behave, as pgbench(1) logs them; PGBENCH is its pid."""
import glob
import multiprocessing
import os
import socket
import struct
import sys
import time

from wire import Failed, Session, message

backend, directory, worker, logs, pgbench, most = *sys.argv[1:6], float(sys.argv[6])
words = sys.argv[7:]
huge = "from generate_series(1, 1000000000) g"


def said(does, *args):
    """What a session is told: an SQLSTATE, or "ok"; it lives on, or was ended."""
    try:
        does(*args)
    except Failed as e:
        return e.code
    except OSError as e:
        return type(e).__name__
    return "ok"


def statement(text, user="query"):
    session = Session(directory, user=user, timeout=300)
    try:
        session.query(text)
    finally:
        assert session.query("select 2") == [["2"]]


def feed(kind, begin, last):
    """A message of 48 MB, a piece at a time."""
    session, size, piece = Session(directory, user="write", timeout=300), 48 << 20, b"x" * (1 << 20)
    session.socket.sendall(kind + struct.pack("!i", size + 4) + begin)
    sent = len(begin)
    while sent < size:
        n = min(len(piece), size - sent)
        session.socket.sendall(piece[:n])
        sent += n
    session.socket.sendall(last)
    try:
        session.until_ready()
    finally:
        assert session.query("select 2") == [["2"]]


def copies():
    session = Session(directory, user="write", timeout=300)
    session.send("Q", b"copy t from stdin\0")
    while session.message()[0] != "G":
        pass
    for _ in range(48):
        session.send("d", b"x" * (1 << 20))
    session.send("c")
    try:
        session.until_ready()
    finally:
        assert session.query("select 2") == [["2"]]


def slow_copies():
    """A row now and then, and then no end."""
    session = Session(directory, user="write", timeout=300)
    session.send("Q", b"copy t from stdin\0")
    while session.message()[0] != "G":
        pass
    for n in range(60):
        session.send("d", b"%d\tslow\n" % (1000000 + n))
        time.sleep(.05)
    session.send("f", b"enough\0")
    session.until_ready()


def cancel(session):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(f"{directory}/.s.PGSQL.5432")
        s.sendall(struct.pack("!iiii", 16, 80877102, session.process, session.key))
        s.recv(1)


def endless_copy_in(table, seconds=5):
    """Rows without an end, as fast as they are taken, until the client gives up or is told to."""
    session = Session(directory, user="write", timeout=300)
    if table == "own":
        session.query("create temp table own (a int, v text)")
    session.send("Q", f"copy {table} from stdin\0".encode())
    while session.message()[0] != "G":
        pass
    rows = b"".join(b"%d\tendless\n" % n for n in range(1000))
    end = time.time() + seconds
    while time.time() < end:
        session.send("d", rows)
    session.send("f", b"enough\0")
    try:
        session.until_ready()
    finally:
        assert session.query("select 2") == [["2"]]


def endless_copy_out(seconds=5):
    """Likewise; it is read as fast as it comes, and cancelled."""
    session = Session(directory, user="query", timeout=300)
    session.send("Q", b"copy (select generate_series(1, 1000000000000), repeat('x', 100)) to stdout\0")
    end, cancelled, last = time.time() + seconds, False, b""
    while not last.endswith(b"Z\0\0\0\5I"):
        received = session.socket.recv(1 << 20)
        if not received:
            raise OSError("closed")
        last = (last + received[-6:])[-6:]
        if not cancelled and time.time() >= end:
            cancelled = True
            cancel(session)
    assert session.query("select 2") == [["2"]]
    raise Failed({"C": "57014"})


def abandoned():
    for _ in range(15):
        session = Session(directory, user="query")
        session.send("Q", b"select count(*) from generate_series(1, 1000000000000)\0")
        time.sleep(.05)
        session.close()
    time.sleep(2)


def busy():
    """Their clients wait, until they are cancelled."""
    held = [Session(directory, user="query") for _ in range(15)]
    for session in held:
        session.send("Q", b"select count(*) from generate_series(1, 1000000000000)\0")
    time.sleep(3)
    admin = Session(directory)
    for session in held:
        admin.query(f"select pg_cancel_backend({session.process})")
    codes = {said(session.until_ready) for session in held}
    if codes != {"57014"}:
        raise OSError(codes)
    raise Failed({"C": "57014"})


def pattern(text):
    session = Session(directory, user="query", timeout=300)
    session.query("set statement_timeout = '5s'")
    session.query("select '" + text + "' is null or repeat('ab', 4000000) ~ '" + text + "'")


def connects():
    """20,000 of another uid, four hundred at a time: a quarter say who they are, the others nothing."""
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    for _ in range(50):
        crowd = []
        for n in range(400):
            try:
                session = Session(directory, user="query", start=False)
                crowd.append(session)
                if n % 4 == 0:
                    session.send_startup(user="query", database="bibd")
            except OSError:
                continue
        for session in crowd:
            session.close()


def asleep():
    """Readers of 200 MB each that do not read; one wakes up and gets all of it."""
    sleepers = [Session(directory, user="query", timeout=300) for _ in range(8)]
    for session in sleepers:
        session.send("Q", b"select repeat('x', 1000000) from generate_series(1, 200)\0")
    time.sleep(3)
    assert len(sleepers[0].until_ready()) == 200


def cancelled(text):
    session = Session(directory, user="query", timeout=300)
    session.send("Q", text.encode() + b"\0")
    time.sleep(3)
    cancel(session)
    try:
        session.until_ready()
    finally:
        assert session.query("select 2") == [["2"]]


def many(of):
    return f"(select array_agg({of}) from generate_series(1, 200000) g)"


def chain(step):
    return "with c0 as (select 1 x), " + ", ".join(f"c{i+1} as ({step.format(i=i)})"
        for i in range(24)) + " select * from c24"


memory, disk = {"53200"}, {"53400"}
# name, how many at once, what, with what, what each may be told
bombs = [
    ("statements whose clients have gone", 1, abandoned, (), {"ok"}),
    ("statements without an end, cancelled", 1, busy, (), {"57014"}),
    ("array_agg", 1, statement, (f"select array_agg(g) {huge}",), memory),
    ("string_agg", 1, statement, (f"select string_agg(g::text, ',') {huge}",), memory),
    ("json_agg", 1, statement, (f"select json_agg(g) {huge}",), memory),
    ("a large value", 1, statement, ("select repeat('x', 60000000)",), memory),
    ("count(distinct)", 1, statement, (f"select count(distinct g) {huge}",), disk),
    ("group by", 1, statement, (f"select g, count(*) {huge} group by g",), disk),
    ("order by", 1, statement, (f"select g {huge} order by -g",), disk),
    ("a temporary table", 1, statement, (f"create temp table bomb as select g {huge}", "admin"), disk),
    ("CTEs that double columns", 1, statement, (chain("select a.*, b.* from c{i} a, c{i} b"),), memory | {"54011"}),
    ("CTEs that double rows", 1, statement, (chain("select x from c{i} union all select x from c{i}"),), memory),
    ("CTEs that double subqueries", 1, statement, (chain("select (select x from c{i}) + (select x from c{i}) as x"),),
        memory),
    ("80,000 literals, two at once", 2, statement, ("select 1 where 1 in (" + ",".join(["1"] * 80000) + ")",),
        memory | {"ok"}),
    ("300,000 literals", 1, statement, ("select 1 where 1 in (" + ",".join(["1"] * 300000) + ")",), memory),
    ("eight large queries", 8, feed, (b"Q", b"select '", b""), memory),
    ("eight large binds", 8, feed, (b"B", b"\0\0", message("S")), memory),
    ("eight COPY rows without an end", 8, copies, (), memory),
    ("eight COPYs by slow clients", 8, slow_copies, (), {"57014"}),
    ("eight endless COPYs into tables of their own", 8, endless_copy_in, ("own",),
        memory | disk | {"57014"}),
    ("eight endless COPYs out", 8, endless_copy_out, (), {"57014"}),
    ("eight array_agg", 8, statement, (f"select array_agg(g) {huge}",), memory),
    ("four slow regular expressions", 4, pattern, ("(a|b)*a((a|b)(a|b)?){60}c",), {"57014"}),
    ("nested regular expressions", 4, pattern, ("(" * 60 + "^|a" + ")*" * 60,), {"ok", "54000", "57014", "2201B"}),
    ("large regular expressions", 4, pattern, ("((a{1,200}){1,200}){1,200}",), {"ok", "54000", "57014", "2201B"}),
    ("a PL/pgSQL loop", 4, cancelled, ("do $$ begin loop end loop; end $$",), {"57014"}),
    ("overlaps of long arrays", 4, cancelled, (f"select {many('g')} && {many('-g')}",),
        memory | {"57014"}),
    ("a headline of 10 MB", 4, cancelled, ("select ts_headline('english', repeat('lorem ipsum dolor ', 600000), "
        "to_tsquery('lorem <-> ipsum'), 'MaxFragments=10000, MaxWords=1000, MinWords=1')",), memory | {"57014"}),
    ("a jsonpath over two arrays", 4, cancelled, (f"select jsonb_path_exists(jsonb_build_object('a', to_jsonb("
        f"{many('g')}), 'b', to_jsonb({many('-g')})), '$ ? (@.a[*] == @.b[*])')",), memory | {"57014"}),
    ("a query of 10 MB of words", 4, statement,
        ("select length(plainto_tsquery('english', repeat('lorem ipsum dolor ', 600000))::text)",), memory),
    ("20,000 connects", 1, connects, (), {"ok"}),
    ("readers asleep on 200 MB", 1, asleep, (), {"ok"}),
]
if backend == "postgres":
    bombs = [
        ("statements whose clients have gone", 1, abandoned, (), {"ok"}),
        ("eight endless COPYs in", 8, endless_copy_in, ("t2",), {"57014"}),
        ("eight endless COPYs out", 8, endless_copy_out, (), {"57014"}),
        ("eight COPYs by slow clients", 8, slow_copies, (), {"57014"}),
        ("20,000 connects", 1, connects, (), {"ok"}),
        ("readers asleep on 200 MB", 1, asleep, (), {"ok"}),
    ]


def latencies(since, until):
    """Of the transactions that ended between the two, in microseconds; what the schedule was missed by is part of
    it."""
    found = []
    for path in glob.glob(logs + "/pgbench_log.*"):
        with open(path) as f:
            for line in f:
                fields = line.split()
                if len(fields) >= 7 and since <= int(fields[4]) + int(fields[5]) / 1e6 <= until:
                    found.append(int(fields[2]))
    return sorted(found)


def p99(since, until):
    """In milliseconds. pgbench writes its log a buffer at a time: that of each thread is waited for."""
    end = time.time() + 60
    while time.time() < end:
        newest = []
        for path in glob.glob(logs + "/pgbench_log.*"):
            with open(path, "rb") as f:
                lines = f.read().splitlines()[-2:]
            newest.append(int(lines[0].split()[4]) if len(lines) == 2 else 0)
        if newest and min(newest) > until:
            break
        time.sleep(.2)
    found = latencies(since, until)
    return found[min(len(found) - 1, len(found) * 99 // 100)] / 1000 if found else float("inf")


def alive():
    with open(f"/proc/{pgbench}/stat") as f:
        return f.read().rsplit(") ", 1)[1][0] != "Z"


def admin():
    """Seconds until it has its answer; the kernel's queue of those who connect may be full for a moment."""
    begun, session = time.monotonic(), None
    while session is None:
        try:
            session = Session(directory, timeout=60)
        except BlockingIOError:
            if time.monotonic() - begun > 60:
                raise
            time.sleep(.01)
    assert session.query("select 1") == [["1"]]
    session.close()
    return time.monotonic() - begun


def run(name, n, does, args, may):
    """What went wrong, as a list of texts."""
    wrong, queue, slowest, started = [], multiprocessing.Queue(), 0, time.time()
    children = [multiprocessing.Process(target=lambda: queue.put(said(does, *args))) for _ in range(n)]
    for child in children:
        child.start()
    # The window is at least so long that the percentile means something.
    while any(child.is_alive() for child in children) or time.time() - started < 3:
        slowest = max(slowest, admin())
        time.sleep(.1)
    ended = time.time()
    codes = sorted(queue.get(timeout=10) for _ in children)
    beside = p99(started, ended)
    if not set(codes) <= may:
        wrong.append(f"its sessions were told {codes}, not {sorted(may)}")
    if slowest > 1:
        wrong.append("admin needed more than a second")
    if not os.path.exists(f"/proc/{worker}"):
        wrong.append("the worker has ended")
    if not alive():
        wrong.append("the others have failed")
    ratio = beside / alone
    if 0 < most < ratio:
        wrong.append(f"the others' p99 grew {ratio:.1f} times")
    print(f"{name:38} {','.join(sorted(set(codes))):12} {ended - started:6.1f} s  admin {slowest * 1000:6.0f} ms"
          f"  p99 {alone:7.1f} -> {beside:7.1f} ms, {ratio:5.1f}" + "".join(f"\n     FAIL: {w}" for w in wrong),
          flush=True)
    return wrong


time.sleep(1)
begun = time.time()
time.sleep(6)
alone = p99(begun, time.time())
chosen = [b for b in bombs if not words or any(w in b[0] for w in words)]
failed = [b[0] for b in chosen if run(*b)]
print(f"{len(chosen)} bombs, {len(failed)} beyond their bounds")
sys.exit(1 if failed else 0)
