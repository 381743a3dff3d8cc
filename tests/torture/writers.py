"""writers.py DIRECTORY CLIENTS: clients that insert transactions of two rows into a table without a key, and keep in
mind which were acknowledged, for tests/torture/crash. "check" on standard input: they pause, and what is stored is held
against that; one line says "ok ..." or what is wrong. A transaction whose outcome is unknown is never sent again."""
import os
import sys
import threading
import time

from wire import Failed, Session

directory, clients = sys.argv[1], int(sys.argv[2])
lock, acknowledged, sent = threading.Lock(), set(), set()
go, stopping, busy = threading.Event(), threading.Event(), [False] * clients
WAYS = (
    "begin; insert into k values ({c}, {n}, 1); insert into k values ({c}, {n}, 2); commit",
    "insert into k values ({c}, {n}, 1), ({c}, {n}, 2)",
    None,  # a statement each, and COMMIT by itself
)


def transact(session, c, n):
    way = WAYS[n % len(WAYS)]
    for text in [way] if way else ["begin", "insert into k values ({c}, {n}, 1)", "insert into k values ({c}, {n}, 2)",
            "commit"]:
        session.query(text.format(c=c, n=n))


def client(c):
    session, n = None, 0
    while not stopping.is_set():
        if not go.is_set():
            busy[c] = False
            go.wait(0.2)
            continue
        busy[c] = True
        try:
            session = session or Session(directory, "write")
        except (OSError, Failed):
            session = None
            time.sleep(0.03)
            continue
        n += 1
        with lock:
            sent.add((c, n))
        try:
            transact(session, c, n)
            with lock:
                acknowledged.add((c, n))
        except (OSError, Failed):
            session.close()
            session = None


def stored():
    end = time.monotonic() + 100
    while True:
        try:
            return Session(directory, "write").query("select client, n, part from k")
        except (OSError, Failed):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def check():
    go.clear()
    while any(busy):
        time.sleep(0.02)
    there = {}
    for c, n, part in stored():
        there.setdefault((int(c), int(n)), []).append(int(part))
    lost = [t for t in acknowledged if t not in there]
    wrong = [(t, parts) for t, parts in there.items() if sorted(parts) != [1, 2] or t not in sent]
    go.set()
    if lost:
        return f"{len(lost)} acknowledged transactions are lost: {sorted(lost)[:5]}"
    if wrong:
        return f"{len(wrong)} transactions are there by half, or twice: {sorted(wrong)[:5]}"
    return f"ok {len(acknowledged)} acknowledged, none lost or doubled; {len(sent) - len(acknowledged)} of unknown " \
        f"outcome"


Session(directory, "admin").query("create table k (client int, n int, part int)")
for i in range(clients):
    threading.Thread(target=client, args=(i,), daemon=True).start()
go.set()
print("started", flush=True)
for line in sys.stdin:
    if line.strip() == "stop":
        break
    try:
        print(check(), flush=True)
    except Exception as e:
        print(f"the check failed: {type(e).__name__}: {e}", flush=True)
stopping.set()
time.sleep(0.5)
