"""power_load.py DIRECTORY TRACE FILE SEED: one writer, for tests/torture/power: transactions of two rows, changes of
the schema and checkpoints; FILE gets, for each acknowledged transaction, its number and where the trace ended at that
moment."""
import mmap
import random
import struct
import sys
import time

from wire import Failed, Session

directory, trace_path, out_path, seed = sys.argv[1:5]
random.seed(int(seed))
file = open(trace_path, "rb")
trace = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
out = open(out_path, "w", buffering=1)
session = Session(directory, "admin")
session.query("create table k (n int, part int, filler text)")
session.query("create index k_n on k (n, part)")
n, unknown, end = 0, False, time.monotonic() + 7
while time.monotonic() < end:
    try:
        session = session or Session(directory, "admin")
        if unknown:  # the outcome of the last one was not told
            unknown = int(session.query(f"select count(*) from k where n = {n}")[0][0]) == 0
            if unknown:
                n -= 1
                unknown = False
        n += 1
        filler = "x" * random.choice((10, 10, 10, 3000, 20000))
        unknown = True
        session.query(f"begin; insert into k values ({n}, 1, '{filler}'); insert into k values ({n}, 2, ''); commit")
        unknown = False
        out.write(f"{n} {struct.unpack('<Q', trace[:8])[0]}\n")
        what = random.random()
        if what < 0.06:
            session.query("checkpoint")
        elif what < 0.10:
            session.query(f"create table if not exists d{n} (a int); insert into d{n} values (1); drop table d{n}")
        time.sleep(0.01)
    except (OSError, Failed):
        session = None
        time.sleep(0.05)
