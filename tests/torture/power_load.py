"""power_load.py DIRECTORY TRACE FILE SEED: writers and readers, for tests/torture/power: transactions of two rows and
their place in the order, changes of the schema and checkpoints; FILE gets, for each transaction that a writer was told
is done, or a reader that it is there, its number and where the trace ended at that moment."""
import mmap
import random
import struct
import sys
import threading
import time

from wire import Failed, Session

directory, trace_path, out_path, seed = sys.argv[1:5]
WRITERS, READERS, SECONDS = 8, 2, 7
file = open(trace_path, "rb")
trace = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
out, lock, end = open(out_path, "w", buffering=1), threading.Lock(), time.monotonic() + SECONDS


def told(numbers):
    at = struct.unpack("<Q", trace[:8])[0]
    with lock:
        out.writelines(f"{n} {at}\n" for n in numbers)


def on_a_session(turn):
    """turn(session) again and again; what a crash ends begins anew"""
    session = None
    while time.monotonic() < end:
        try:
            session = session or Session(directory, "admin")
            turn(session)
        except (OSError, Failed):
            session = None
            time.sleep(0.05)


def writer(i):
    choose, state = random.Random(int(seed) * 100 + i), {"n": i, "unknown": False}

    def turn(session):
        n = state["n"]
        if state["unknown"] and int(session.query(f"select count(*) from k where n = {n}")[0][0]) > 0:
            told([n])
        if not state["unknown"] or int(session.query(f"select count(*) from k where n = {n}")[0][0]) > 0:
            n = state["n"] = n + WRITERS
        filler = "x" * choose.choice((10, 10, 10, 10, 10, 3000, 20000))
        state["unknown"] = True
        texts = ["begin", f"insert into k values ({n}, 1, '{filler}')",
            f"insert into k_order select coalesce(max(place), 0) + 1, {n} from k_order",
            f"insert into k values ({n}, 2, '')", "commit"]
        for text in texts if choose.random() < 0.5 else ["; ".join(texts)]:
            session.query(text)
        told([n])
        state["unknown"] = False
        what = choose.random()
        if what < 0.01:
            session.query("checkpoint")
        elif what < 0.02:
            session.query(f"create table if not exists d{n} (a int); insert into d{n} values (1); drop table d{n}")
        time.sleep(0.01)

    on_a_session(turn)


def reader(i):
    def turn(session):
        told(int(n) for n, in session.query("select n from k_order order by place desc limit 20"))
        time.sleep(0.002)

    on_a_session(turn)


session = Session(directory, "admin")
session.query("create table k (n int, part int, filler text); create table k_order (place int primary key, n int)")
session.query("create index k_n on k (n, part)")
threads = [threading.Thread(target=writer, args=(i,)) for i in range(WRITERS)] + \
    [threading.Thread(target=reader, args=(i,)) for i in range(READERS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
