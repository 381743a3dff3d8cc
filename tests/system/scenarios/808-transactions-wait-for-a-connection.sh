# A transaction that would keep one connection too many waits until another one ends, and meanwhile keeps nobody waiting
. "$(dirname "$0")/../lib.sh"
requires psql python3
SQLITE="max_open_conns: 10" start_node
sql 'create table c10 (a int)' >/dev/null || fail "create table"
timeout 100 python3 - "$DIR/run" <<'PY' || fail "see above"
import select, sys, time
from wire import Failed, Session
d = sys.argv[1]
def start(role="query"):
    s = Session(d, role, timeout=60)
    s.query("begin isolation level repeatable read")
    s.send("Q", b"select count(*) from c10\0")
    return s
def answered(sessions, timeout=0): return select.select([s.socket for s in sessions], [], [], timeout)[0]
# Each is answered before the next begins, so that it is known which of them wait; and the ninth before the tenth.
all = []
for _ in range(8): all.append(start()); assert all[-1].until_ready() == [["0"]]
all.append(start()); time.sleep(.3); all.append(start())
assert not answered(all[8:], .5), "more are kept than may be, or it was not waited for"
# Who reads or writes by itself is served, and so is admin, also for a transaction.
others = [Session(d, "write", timeout=10) for _ in range(4)]
for s in others: s.query("insert into c10 values (1)"); assert s.query("select 1") == [["1"]]
admin = start("admin"); assert admin.until_ready() == [["4"]]; admin.query("commit")
# A block that writes waits too, without the right to write, which one that was there before gets.
writer = Session(d, "write", timeout=60); writer.query("begin"); writer.send("Q", b"insert into c10 values (2)\0")
assert not answered([writer], .5)
others[0].query("insert into c10 values (1)")
# The first that ends lets the one go on that has waited longest; one that goes away instead is passed over.
gone = start(); time.sleep(.2)
all[0].query("commit"); assert all[8].until_ready() == [["5"]]
assert not answered([all[9], writer], .3)
all[9].socket.close()
gone.socket.close()
time.sleep(.3)
all[1].query("commit"); writer.until_ready(); writer.query("commit")
# A snapshot is one all the same.
assert all[2].query("select count(*) from c10") == [["0"]]
# Who waits may be cancelled by its own time.
more = start(); assert more.until_ready() == [["6"]]
timed = Session(d, "query", timeout=60)
timed.query("set statement_timeout = '300ms'")
timed.query("begin isolation level serializable")
try: timed.query("select 1 from c10"); sys.exit("served beyond the bound")
except Failed as e: assert e.code == "57014", e
timed.query("rollback")
all[3].query("commit")
timed.query("begin isolation level serializable"); assert timed.query("select count(*) from c10") == [["6"]]
PY
# A connection that several things keep counts once: a temporary table, a transaction and a suspended portal; and none
# is counted any more when all of them are over, in whatever order. Who waits in vain, to write or for a table, is told.
timeout 200 python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, time
from wire import Failed, Session, bind, execute, message, parse
d = sys.argv[1]
def suspend(s):
    s.socket.sendall(parse("", "select g from generate_series(1, 9) g") + bind() + execute(rows=1) + message("H"))
    while s.message()[0] != "s": pass
def refused(sessions, texts):
    """They wait for as long as one waits, at the same time"""
    begun = time.monotonic()
    for s, text in zip(sessions, texts): s.send("Q", text.encode() + b"\0")
    for s, text in zip(sessions, texts):
        try: s.until_ready(); sys.exit(f"nine are kept: {text}")
        except Failed as e: assert e.code == "53300", e
    took = time.monotonic() - begun
    assert 25 < took < 45, f"refused after {took:.0f} s"
for round in range(2):
    all = [Session(d, "write", timeout=100) for _ in range(8)]
    for s in all: s.query("create temp table own (a int)")
    for s in all: s.query("begin isolation level repeatable read"); s.query("insert into own values (1)")
    for s in all: suspend(s)
    more = [Session(d, "write", timeout=100) for _ in range(3)]
    more[0].query("begin"); more[1].query("begin isolation level serializable")
    if round == 0:
        refused(more, ("insert into c10 values (3)", "select count(*) from c10", "create temp table own (a int)"))
    for n, s in enumerate(all):
        s.send("S"); s.until_ready()
        s.query("commit" if n % 2 == round else "rollback")
    for s in more[:2]: s.query("rollback")
    for s in all[:4]: s.query("discard all")
    fresh = [Session(d, "write", timeout=100) for _ in range(4)]
    for s in fresh: s.query("create temp table own (a int)")
    for s in all + fresh + more: s.close()
    end = time.monotonic() + 10
    while Session(d).query("select count(*) from pg_stat_activity where usename = 'write'") != [["0"]]:
        assert time.monotonic() < end; time.sleep(.05)
PY
stop_node
