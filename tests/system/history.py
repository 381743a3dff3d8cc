"""history.py load DIRECTORY LOG [lsn]: transactions, each of which changes a table in a way that its number alone says;
the log gets a line for each that was acknowledged: its number, the moments before and after it (us), and with lsn where
PostgreSQL's log ended then. Ends when there is a file LOG.end.
history.py check FILE LOG [LOW HIGH]: prints the number of the last transaction in the database file, whose rows are
exactly those that this one and all before it have left; the number is from LOW to HIGH.
history.py rows FILE LOG LOW HIGH: the same of a text with lines of n|v, before which that number stands, as last|n.
history.py at LOG US: which transactions a restore to that moment may end with, the first and the last of them."""
import os
import sqlite3
import sys
import time


def change(n):
    """The rows that transaction n inserts, updates and deletes; each may be there or not."""
    return n, n * 7919 % n if n % 3 == 0 and n > 1 else 0, n * 104729 % n if n % 5 == 0 and n > 1 else 0


def statement(n):
    new, updated, deleted = change(n)
    text = "insert into h values (%d, %d, '%s')" % (new, new, "x" * (n * 37 % 300))
    if updated:
        text += "; update h set v = %d where n = %d" % (n, updated)
    if deleted:
        text += "; delete from h where n = %d" % deleted
    return "begin; " + text + "; commit"


def rows_after(last):
    rows = {}
    for n in range(1, last + 1):
        new, updated, deleted = change(n)
        rows[new] = new
        if updated in rows:
            rows[updated] = n
        rows.pop(deleted, None)
    return rows


def connect(directory):
    from wire import Failed, Session
    end = time.monotonic() + 60
    while True:
        try:
            session = Session(directory, "write")
            last = session.query("select n from last")
            return session, int(last[0][0])
        except (OSError, Failed):
            if time.monotonic() > end:
                raise
            time.sleep(0.03)


def load(directory, path, lsn=None):
    from wire import Failed
    session, n = connect(directory)
    with open(path, "a", buffering=1) as log:
        while not os.path.exists(path + ".end"):
            n += 1
            before = time.time_ns() // 1000
            try:
                session.query(statement(n).replace("; commit", "; update last set n = %d; commit" % n))
            except (OSError, Failed):
                session.close()
                session, last = connect(directory)
                if last < n:
                    n -= 1
                    continue
            line = "%d %d %d" % (n, before, time.time_ns() // 1000)
            if lsn:
                try:
                    line += " " + session.query("select pg_current_wal_lsn()")[0][0]
                except (OSError, Failed):
                    line += " -"
            log.write(line + "\n")


def read_log(path):
    with open(path) as log:
        return [tuple(map(int, line.split()[:3])) for line in log if line.endswith("\n")]


def check(path, log, low=None, high=None):
    db = sqlite3.connect(path)
    db.execute("pragma ignore_check_constraints = on")
    assert db.execute("pragma integrity_check").fetchone()[0] == "ok", "integrity"
    last = db.execute("select n from last").fetchone()[0]
    rows = dict(db.execute("select n, v from h"))
    compare(last, rows, low, high)


def read_rows(path, log, low, high):
    with open(path) as text:
        lines = [line.strip().split("|") for line in text if "|" in line]
    compare(int(lines[0][1]), {int(n): int(v) for n, v in lines[1:]}, low, high)


def compare(last, rows, low, high):
    if rows != rows_after(last):
        sys.exit("after transaction %d there are other rows than it has left" % last)
    if low is not None and not int(low) <= last <= int(high):
        sys.exit("the last transaction is %d, from %s to %s are wanted" % (last, low, high))
    print(last)


def at(path, us):
    log, us = read_log(path), int(us)
    print(max([n for n, before, after in log if after <= us], default=0),
          max([n for n, before, after in log if before <= us], default=0))


if sys.argv[1] == "load":
    load(*sys.argv[2:])
else:
    {"check": check, "rows": read_rows, "at": at}[sys.argv[1]](*sys.argv[2:])
