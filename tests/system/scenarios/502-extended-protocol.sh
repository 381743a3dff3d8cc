# Portals, leases and connections under a client that uses the extended protocol in every odd way: nobody else notices
. "$(dirname "$0")/../lib.sh"
requires psql python3
start_node
python3 - "$DIR/run" <<'PY' || fail "see above"
import struct, sys, time
from wire import Failed, Session
d = sys.argv[1]

def cs(s): return s.encode() + b"\0"
def parse(s, name, sql): s.send("P", cs(name) + cs(sql) + b"\0\0")
def bind(s, portal, name, formats=()):
    s.send("B", cs(portal) + cs(name) + b"\0\0\0\0" + struct.pack(f"!H{len(formats)}H", len(formats), *formats))
def execute(s, portal, n=0): s.send("E", cs(portal) + struct.pack("!i", n))
def sync(s): s.send("S"); return s.until_ready()
def code(f):
    try: f()
    except Failed as e: return e.code
    return "00000"
def batch(s, portal, name, sql, n=0):
    parse(s, name, sql); bind(s, portal, name); execute(s, portal, n); return sync(s)

s, other = Session(d), Session(d)
other.query("create table t (i int primary key, x text)")

# a portal that would fetch from itself, an EXECUTE of itself, a portal that closes itself
assert code(lambda: batch(s, "p", "f", "fetch 1 from p")) == "55000"
assert code(lambda: batch(s, "", "x", "execute x")) in ("0A000", "26000")
assert code(lambda: s.query("execute x")) == "0A000"
assert code(lambda: batch(s, "q", "c", "close q")) == "24000"
s.query("begin"); parse(s, "cm", "commit"); bind(s, "cm", "cm"); sync(s)
assert code(lambda: s.query("fetch 1 from cm")) == "55000"
s.query("rollback")

# columns that changed between Parse and Execute
parse(s, "star", "select * from t"); sync(s)
other.query("insert into t values (1, 'a')"); other.query("alter table t add column y int")
bind(s, "", "star", (0, 0)); execute(s, "")
assert code(lambda: sync(s)) == "0A000"

# an INSERT whose Sync comes later is committed by it; one with RETURNING and a row limit gives the lease back
parse(s, "ins", "insert into t values (2, 'b')"); sync(s)
bind(s, "", "ins"); execute(s, ""); time.sleep(.2); sync(s)
assert s.state == "I" and other.query("select count(*) from t") == [["2"]]
assert batch(s, "", "ret", "insert into t values (3, 'c'), (4, 'd') returning i", 1) == [["3"]]
other.query("set lock_timeout = '2s'"); other.query("insert into t values (5, 'e')")
assert other.query("select count(*) from t") == [["5"]]

# a long FETCH to a client that reads slowly brings every row
s.query("begin")
s.query("declare big cursor for select i, repeat('x', 20000) from generate_series(1, 300) g(i)")
s.send("Q", cs("fetch 100 from big")); time.sleep(.5)
assert len(s.until_ready()) == 100 and len(s.query("fetch all from big")) == 200
s.query("commit")

# savepoints of a snapshot; a cursor that is read while others, then its own session, write
s.query("begin isolation level repeatable read"); s.query("savepoint a"); s.query("select 1 from t")
s.query("rollback to a"); s.query("commit")
s.query("begin"); s.query("declare r cursor for select i from t order by i"); s.query("fetch 1 from r")
other.query("insert into t values (6, 'f')"); s.query("insert into t values (7, 'g')")
assert [r[0] for r in s.query("fetch all from r")] == ["2", "3", "4", "5"]
s.query("commit")
assert other.query("select count(*) from t") == [["7"]]

# a failed block says so whatever comes; a setting goes with the Query that failed
s.query("begin"); assert code(lambda: s.query("select nope")) == "42703"
assert code(lambda: s.query("select * from nope")) == "25P02"; s.query("rollback")
assert code(lambda: s.query("set application_name = 'gone'; select nope")) == "42703"
assert s.query("show application_name") != [["gone"]]
assert code(lambda: s.query("set default_transaction_read_only = on; ")) == "00000"
assert code(lambda: s.query("insert into t values (8, 'h')")) == "25006"

# cursors, suspended portals and idle transactions up to their cap: the one over it is told so, reads go on
many, codes = [Session(d, "query") for _ in range(12)], []
for m in many:
    m.query("begin")
    m.query("declare c cursor for select * from t")
    codes.append(code(lambda: m.query("fetch 1 from c")))
assert "53300" in codes and codes[0] == "00000", codes
assert other.query("select count(*) from t") == [["7"]]
for m in many: m.close()

# the query role on a connection of its own, and its refused attempt in the audit table
q = Session(d, "query"); assert q.query("select count(*) from generate_series(1, 3)") == [["3"]]
parse(q, "", "delete from t"); assert code(lambda: sync(q)) == "42501"
q.query("select 1"); other.query("insert into t values (9, 'i')")
assert ["delete from t"] in Session(d, "audit").query("select statement from bibd.audit where kind = 'refused'")
PY
# Each parameter gets its own value, whatever stands before it and however often it is named; and four times as many
# take about four times as long, not sixteen times.
python3 - "$DIR/run" "$(worker sqlite)" <<'PY' || fail "see above"
import os, struct, sys
from wire import Session
s = Session(sys.argv[1], timeout=300)
def cpu():
    with open(f"/proc/{sys.argv[2]}/stat") as f:
        return sum(map(int, f.read().rsplit(") ", 1)[1].split()[11:13]))
def ask(sql, values):
    s.send("P", b"\0" + sql.encode() + b"\0\0\0")
    texts = b"".join(struct.pack("!i", len(v)) + v for v in (str(v).encode() for v in values))
    s.send("B", b"\0\0" + struct.pack("!HH", 0, len(values)) + texts + b"\0\0")
    s.send("E", b"\0\0\0\0\0"); s.send("S")
    return s.until_ready()
assert ask("select 'a?1''', $2::int - $1::int, $3 || '\"$1', $1::int", [3, 10, "z"]) == [["a?1'", "7", 'z"$1', "3"]]
s.query("create table named (g int, x text); insert into named values (1, 'a'), (1, 'a'), (2, 'b')")
assert ask("select 5, $2 || x, count(*) from named where g < $1 group by $2 || x order by $2 || x desc", [9, "p"]) \
    == [["5", "pb", "1"], ["5", "pa", "2"]]
times = []
for n in 12500, 50000:
    begun = cpu()
    listed = ",".join(f"${i + 1}" for i in range(n))
    assert ask(f"select sum(g) from generate_series(1, 60000) g where -1 <> g and g in ({listed})",
        range(1, n + 1)) == [[str(n * (n + 1) // 2)]]
    times.append(cpu() - begun)
assert times[1] < 9 * max(times[0], 10), times
PY
equal "$("$BIBCTL" -s "$DIR/run" --json status |
    python3 -c 'import json,sys; print(sum(p["restarts"] for p in json.load(sys.stdin)["processes"]))')" 0 "restarts"
# long work of as many clients as there are processors, and more, stops nobody; it ends when its time is over
python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, threading, time
from wire import Failed, Session
d, ends = sys.argv[1], []
def sleep():
    s = Session(d, "query"); s.query("set statement_timeout = '3s'"); begin = time.time()
    try: s.query("select pg_sleep(60)")
    except Failed as e: ends.append((e.code, time.time() - begin < 20))
threads = [threading.Thread(target=sleep) for _ in range(7)]
for t in threads: t.start()
time.sleep(1)
s, begin = Session(d), time.time()
s.query("insert into t values (20, 'x')"); assert s.query("select count(*) from t where i = 20") == [["1"]]
assert time.time() - begin < 2, time.time() - begin
for t in threads: t.join()
assert ends == [("57014", True)] * 7, ends
PY
