# Statements that run for ever keep nobody out: abandoned ones end, and admin gets in, sees sessions and ends them
. "$(dirname "$0")/../lib.sh"
requires psql python3
start_node
sql "create table t (a int); insert into t values (1)" || fail "setup"
python3 - "$DIR/run" "$SLOW" <<'PY' || fail "see above"
import sys, time
from wire import Failed, Session
d, slow = sys.argv[1], int(sys.argv[2])
forever = "select count(*) from generate_series(1, 1000000000000)"
query = lambda s, text: s.send("Q", text.encode() + b"\0")
def within(seconds, what, does):
    begun = time.monotonic(); got = does(); took = time.monotonic() - begun
    if took > seconds * slow: sys.exit(f"{what}: {took:.2f} s")
    return got
def ends(s, code):
    try: s.until_ready()
    except Failed as e: assert e.code == code, e; return
    sys.exit(f"no {code}")
# More than there are connections, and nobody waits for them any more.
for _ in range(15): s = Session(d, user="query"); query(s, forever); time.sleep(.02); s.close()
assert within(1, "admin beside abandoned statements", lambda: Session(d).query("select 1")) == [["1"]]
assert within(5, "another beside abandoned statements", lambda: Session(d, user="query").query("select 1")) == [["1"]]
w = Session(d, user="write"); w.query("begin")
# Their clients wait: admin still gets in, reads and writes.
held = [Session(d, user="query") for _ in range(15)]
for i, s in enumerate(held): s.query(f"set application_name = 'app{i:02}'")
for s in held: query(s, forever)
time.sleep(.3)
a = within(1, "admin beside busy ones", lambda: Session(d))
assert within(1, "its statement", lambda: a.query("select 1")) == [["1"]]
within(1, "its transaction", lambda: a.query("begin; update t set a = 2; commit"))
# So do other roles: what one of them runs keeps out its own sessions only, and not for the two that it needs at least.
for i in range(2):
    other = within(1, "a session of another role", lambda: Session(d, user="write"))
    assert within(1, "its statement", lambda: other.query("select count(*) from t")) == [["1"]]
    within(1, "its write", lambda: other.query("update t set a = 3"))
    other.close()
gone = time.monotonic() + 5 * slow
while a.query("select count(*) from pg_stat_activity where application_name = '' and usename = 'query'") != [["0"]]:
    if time.monotonic() > gone: sys.exit("abandoned statements still run")
    time.sleep(.05)
rows = a.query("select pid, usename, application_name, state, query, backend_type, query_start > now() - interval '1 "
    "minute' "
    "from pg_stat_activity where query like '%generate_series(1, 1000000000000)' and pid <> pg_backend_pid() order by "
    "application_name")
assert len(rows) == 15, rows
assert rows[0][1:] == ["query", "app00", "active", forever, "client backend", "t"], rows[0]
assert {int(r[0]) for r in rows} == {s.process for s in held}
assert a.query(f"select state from pg_stat_activity where pid = {a.process}") == [["active"]]
assert a.query("select pg_backend_pid()") == [[str(a.process)]]
# Ended one by one: running, waiting for a connection, idle in a transaction, and in the middle of a COPY.
c = Session(d); query(c, "copy t from stdin")
while c.message()[0] != "G": pass
assert a.query(f"select pg_cancel_backend({held[0].process})") == [["t"]]; ends(held[0], "57014")
for s in held[1:] + [w, c]: assert a.query(f"select pg_terminate_backend({s.process})") == [["t"]]
for s in held[1:] + [w, c]: within(5, "its end", lambda: ends(s, "57P01"))
assert a.query("select pg_cancel_backend(2147483647)") == [["f"]]
assert held[0].query("select 1") == [["1"]]
# A role sees and ends its own sessions only.
q = held[0]
assert q.query(f"select query, state from pg_stat_activity where pid = {a.process}") == [["<insufficient privilege>",
    None]]
for f in "pg_terminate_backend", "pg_cancel_backend":
    query(q, f"select {f}({a.process})"); ends(q, "42501")
other = Session(d, user="query")
assert q.query(f"select pg_terminate_backend({other.process})") == [["t"]]; ends(other, "57P01")
try: a.query(f"select pg_terminate_backend({a.process})")
except (Failed, ConnectionResetError) as e: assert isinstance(e, ConnectionResetError) or e.code == "57P01", e
time.sleep(.2)
assert Session(d).query("select count(*) from pg_stat_activity") == [["2"]]
PY
# What runs long leaves the processor to what does not; but who writes, whom others wait for, does not.
python3 - "$DIR/run" "$(worker sqlite)" "$SLOW" <<'PY' || fail "see above"
import os, sys, time
from wire import Failed, Session
d, worker, slow = sys.argv[1], sys.argv[2], int(sys.argv[3])
long = "select count(*) from generate_series(1, 1000000000000)"
def nice(path):
    with open(path + "/stat") as f: return int(f.read().rsplit(") ", 1)[1].split()[16])
def low():
    found = 0
    for thread in os.listdir(f"/proc/{worker}/task"):
        try: found += nice(f"/proc/{worker}/task/{thread}") > nice(f"/proc/{worker}")
        except OSError: pass
    return found
def comes_to(wanted, what):
    end = time.monotonic() + 5 * slow
    while low() != wanted:
        if time.monotonic() > end: sys.exit(f"{what}: {low()} threads give way, not {wanted}")
        time.sleep(.02)
def cancelled(s):
    Session(d).query(f"select pg_cancel_backend({s.process})")
    try: s.until_ready()
    except Failed as e: assert e.code == "57014", e; return
    sys.exit("not cancelled")
a, b = Session(d, timeout=60), Session(d, user="write", timeout=60)
a.send("Q", long.encode() + b"\0"); comes_to(1, "a long statement")
b.send("Q", long.encode() + b"\0"); comes_to(2, "two")
cancelled(a); comes_to(1, "one of two is over"); cancelled(b); comes_to(0, "both are over")
a.send("Q", b"select count(*) from generate_series(1, 2000000); insert into t select g from generate_series(1, "
    b"1000000000) g\0")
b.query("set lock_timeout = '50ms'")
end = time.monotonic() + 20 * slow
while time.monotonic() < end: # until it is the writer
    try: b.query("update t set a = a")
    except Failed as e: assert e.code == "55P03", e; break
comes_to(0, "a writer")
time.sleep(.2); assert low() == 0, "a writer gives way"
cancelled(a)
a.query("begin"); a.query("insert into t values (7)"); a.send("Q", long.encode() + b"\0"); time.sleep(.5)
assert low() == 0, "a transaction that has written gives way"
cancelled(a); a.query("rollback")
assert b.query("select count(*) from t where a = 7") == [["0"]]
PY
# So does what works long a little at a time: COPYs whose clients send or read as fast as they can, and what still comes
# of one that has failed.
python3 - "$DIR/run" "$(worker sqlite)" "$SLOW" <<'PY' || fail "see above"
import os, sys, threading, time
from wire import Failed, Session
d, worker, slow = sys.argv[1], sys.argv[2], int(sys.argv[3])
def fields(path):
    with open(path + "/stat") as f: return f.read().rsplit(") ", 1)[1].split()
def work():
    """Of the threads that there are: ticks of the processor, and whether they give way"""
    usual, found = int(fields(f"/proc/{worker}")[16]), {}
    for thread in os.listdir(f"/proc/{worker}/task"):
        try: f = fields(f"/proc/{worker}/task/{thread}")
        except OSError: continue
        found[thread] = int(f[11]) + int(f[12]), int(f[16]) > usual
        niceness.add(int(f[16]) - usual)
    return found
over, niceness = threading.Event(), set()
def send(first):
    s = Session(d, user="write", timeout=60 * slow)
    s.query("create temp table own (a int primary key, v text)")
    s.send("Q", b"copy own from stdin\0")
    while s.message()[0] != "G": pass
    n = 0
    while not over.is_set():
        s.send("d", first + b"".join(b"%d\tendless\n" % (n + i) for i in range(1000))); n += 1000; first = b""
    s.send("f", b"enough\0")
    try: s.until_ready()
    except Failed as e: codes.append(e.code)
    s.close()
def read():
    s = Session(d, user="query", timeout=60 * slow)
    s.send("Q", b"copy (select generate_series(1, 1000000000000), repeat('x', 100)) to stdout\0")
    while not over.is_set(): s.socket.recv(1 << 18)
    s.close()
for name, does in (("COPY FROM", lambda: send(b"")), ("what comes after a failure", lambda: send(b"nonsense\n")),
        ("COPY TO", read)):
    codes = []; over.clear()
    threads = [threading.Thread(target=does) for _ in range(3)]
    for t in threads: t.start()
    time.sleep(.5); before, low, all_, end = work(), 0, 0, time.monotonic() + 20
    while all_ < 30 and time.monotonic() < end: # a machine that is busy gives little time
        time.sleep(.5); after = work()
        ticks = [(after[t][0] - before.get(t, (0,))[0], after[t][1]) for t in after]
        low, all_ = sum(n for n, gives_way in ticks if gives_way), sum(n for n, _ in ticks)
    over.set()
    for t in threads: t.join(60 * slow)
    assert not any(t.is_alive() for t in threads), name
    # One who serves hands each of those parts on, and little else is done with what goes nowhere.
    share = .3 if "failure" in name else .6
    if low < share * all_: sys.exit(f"{name}: {low} of {all_} ticks were given way")
    may = {"22P04"} if "failure" in name else {"57014", "53200", "53400"}
    assert name == "COPY TO" or len(codes) == 3 and set(codes) <= may, (name, codes)
# Nicer than others, and alike, whoever has started them.
if len(niceness - {0}) != 1: sys.exit(f"threads that give way are nicer by {sorted(niceness - {0})}")
# Afterwards they write as anybody does, and serve others as before.
s = Session(d, user="write")
s.query("create temp table own (a int)"); s.send("Q", b"copy own from stdin\0")
while s.message()[0] != "G": pass
end = time.monotonic() + 1
while time.monotonic() < end: s.send("d", b"1\n" * 5000)
s.send("c"); s.send("Q", b"insert into t select 70 from own limit 1\0"); s.until_ready(); s.until_ready()
assert Session(d).query("select count(*) from t where a = 70") == [["1"]]
PY
# A COPY keeps nobody waiting before 1 MiB of it has come, or its end; then it waits for who writes, with what it has.
python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, threading, time
from wire import Failed, Session
d = sys.argv[1]
def code(does, *args):
    try: does(*args)
    except Failed as e: return e.code
    return "00000"
def copy(s, text="copy c from stdin"):
    s.send("Q", text.encode() + b"\0")
    while True:
        kind, body = s.message()
        if kind == "G": return
        if kind == "E": s.until_ready(); raise Failed({"C": body.split(b"\0C")[1][:5].decode()})
def rows(): return other.query("select count(*), sum(a), max(length(b)) from c")[0]
def ends(s):
    s.send("c"); return code(s.until_ready)
s, other = Session(d, user="write", timeout=60), Session(d, timeout=60)
for x in s, other: x.query("set lock_timeout = '2s'")
other.query("create table c (a int, b text)")
copy(s); s.send("d", b"1\t" + b"x" * 200000); time.sleep(.2)
other.query("insert into c values (10, 'y')")
s.send("d", b"x\n2\t"); time.sleep(.3)
other.query("insert into c values (20, 'y')")
for _ in range(8): s.send("d", b"y" * 100000)
time.sleep(.3)
other.query("insert into c values (30, 'y')")
s.send("d", b"y\n3\t" + b"z" * 50000); time.sleep(.3)
assert code(other.query, "insert into c values (40, 'y')") == "55P03"
s.send("d", b"\n"); assert ends(s) == "00000" and rows() == ["6", "66", "800001"], rows()
# Ten that get a row now and then, for two seconds: whoever writes beside them waits for none.
slow = [Session(d, user="write", timeout=60) for _ in range(10)]
for x in slow: copy(x)
slowest, until, n = 0, time.monotonic() + 2, 0
while time.monotonic() < until:
    for x in slow: x.send("d", b"1\tslow\n"); n += 1
    begun = time.monotonic()
    other.query("update c set b = 'o' where a = 10")
    slowest = max(slowest, time.monotonic() - begun)
    time.sleep(.05)
for x in slow: assert ends(x) == "00000"
assert other.query("select count(*) from c where b = 'slow'") == [[str(n)]]
assert slowest < 1, f"a writer beside slow COPYs waited for {slowest:.2f} s"
# Half of one, and what is wrong with its first row, leave nothing.
x = slow.pop(); copy(x); x.send("d", b"1\tgone\n"); x.close()
x = slow.pop(); copy(x); x.send("d", b"one\tgone\n2\tgone\n"); assert ends(x) == "22P02"
assert x.query("select count(*) from c where b = 'gone'") == [["0"]]
for x in slow: x.close()
# The writer commits while the COPY waits, with several rows, messages and the end behind the one that waits.
for data in b"3\ta\n4\tb\n5\tc\n6\td\n", b"3\ta\n4\tb\n5\tc\n6\td":
    other.query("delete from c"); other.query("begin"); other.query("insert into c values (1, 'y')")
    copy(s); s.send("d", data[:9]); s.send("d", data[9:]); s.send("c"); time.sleep(.3)
    other.query("commit"); s.until_ready(); assert rows() == ["5", "19", "1"], rows()
# One row, which only the end makes whole.
other.query("begin"); other.query("delete from c")
copy(s)
s.send("d", b"7\tz")
s.send("c")
time.sleep(.3)
other.query("commit")
s.until_ready()
assert rows() == ["1", "7", "1"], rows()
# It waits in vain, or is cancelled: nothing of it is there, and the session goes on.
other.query("begin"); other.query("delete from c")
copy(s); s.send("d", b"8\tz\n"); s.send("d", b"9\tz\n"); assert ends(s) == "55P03"
copy(s)
s.send("d", b"8\tz\n")
s.send("c")
time.sleep(.3)
other.query(f"select pg_cancel_backend({s.process})")
assert code(s.until_ready) == "57014"
other.query("rollback"); assert s.query("select count(*) from c") == [["1"]]
copy(s); s.send("d", b"8\tz\n"); s.send("f", b"no\0"); assert code(s.until_ready) == "57014" and rows()[0] == "1"
copy(s); assert ends(s) == "00000" and rows()[0] == "1"
# What is wrong is said at once; a snapshot is that of its beginning, and nobody writes after that.
assert code(copy, s, "copy nosuch from stdin") == "42P01" and code(copy, s, "copy c (nosuch) from stdin") == "42703"
s.query("begin read only"); assert code(copy, s) == "25006"; s.query("rollback")
s.query("begin isolation level repeatable read"); copy(s)
assert code(other.query, "insert into c values (30, 'y')") == "55P03"
s.send("d", b"8\tz\n"); assert ends(s) == "00000"; s.query("commit"); assert rows()[0] == "2"
s.query("begin")
copy(s)
other.query("insert into c values (1, 'y')")
s.send("d", b"8\tz\n")
assert ends(s) == "00000"
s.query("rollback"); assert rows()[0] == "3"
# One that has become the writer, or not yet, and whose client then sends nothing more, ends with its time, or when it
# is cancelled: whoever waits for it goes on.
for many in 0, 1, 2000:
    for timed in False, True:
        s.query(f"set statement_timeout = {300 if timed else 0}")
        copy(s)
        if many: s.send("d", (b"9\t" + b"x" * 1000 + b"\n") * many)
        if many == 2000: time.sleep(.1); assert not timed or code(other.query, "select 1") == "00000"
        if not timed: time.sleep(.1); other.query(f"select pg_cancel_backend({s.process})")
        begun = time.monotonic()
        assert code(s.until_ready) == "57014", (many, timed)
        assert time.monotonic() - begun < 5, (many, timed)
        other.query("update c set b = 'o' where a = 9")
        assert s.query("select count(*) from c where a = 9") == [["0"]]
s.query("set statement_timeout = 0")
PY
# One call of a function may last: it is cancelled, or ended when its client has gone, as any statement is, and admin
# gets in meanwhile.
sql "create extension pg_trgm; create function endless() returns int language plpgsql as 'begin loop end loop; end'" ||
    fail "functions"
python3 - "$DIR/run" "$SLOW" "$(worker sqlite)" <<'PY' || fail "see above"
import os, sys, time
from wire import Failed, Session
d, slow, worker = sys.argv[1], int(sys.argv[2]), sys.argv[3]
words = "repeat('lorem ipsum dolor sit amet ', 400000)"
def numbers(of, n=200000): return f"(select array_agg({of}) from generate_series(1, {n}) g)"
def documents(of, n=200000): return f"(select jsonb_agg({of}) from generate_series(1, {n}) g)"
def digits(of):
    return (f"(select string_agg(translate(md5((g + {of})::text), 'abcdef', '123456'), '') "
        "from generate_series(1, 1900) g)::numeric")
def statement(body): return f"do $$ declare s text := ''; j jsonb := '[]'; begin {body} end $$"
heavy = [
    "select endless()",
    statement("loop begin perform endless(); exception when others then null; end; end loop;"),
    statement("for i in 1..1000000000 loop execute 'select ' || i into s; end loop;"),
    statement("loop raise notice '%', repeat('x', 100000); end loop;"),
    statement("for i in 1..1000000000 loop j := j || to_jsonb(i); end loop;"),
    f"select {numbers('g')} && {numbers('-g')}",
    f"select {documents('g')} @> {documents('-g')} or {documents('-g')} <@ {documents('g')}",
    f"select jsonb_path_exists(jsonb_build_object('a', {documents('g')}, 'b', {documents('-g')}), "
    "'$ ? (@.a[*] == @.b[*])')",
    "select length(btrim(repeat('a', 3000000) || 'z', repeat('b', 100000) || 'a'))",
    "select length(translate(repeat('z', 5000000), repeat('abc', 20000), 'x'))",
    "select variance((repeat('9', 10000) || g)::numeric) from generate_series(1, 1000000) g",
    f"select gcd({digits(1)}, {digits(2)})",
    "select count(digest) from (select sha512((repeat('x', 3000000) || g)::bytea) digest "
    "from generate_series(1, 1000000) g) q",
    f"select ts_headline('english', {words}, to_tsquery('english', 'lorem <-> ipsum'), "
    "'MaxFragments=10000, MaxWords=1000, MinWords=1')",
    f"select count(*) from ts_debug('english', {words})",
    "select count(*) from generate_series(1, 1000000000) g where similarity(repeat('abc def ', 1000), g::text) > 0.9",
    f"select count(*) from generate_series(1, 1000) g where regexp_replace({words} || g, '(o|r)+m?', '<>', 'g') = 'x'",
]
def admin(what):
    begun = time.monotonic()
    s = Session(d); assert s.query("select 1") == [["1"]]; s.close()
    took = time.monotonic() - begun
    if took > slow: sys.exit(f"admin beside {what[:60]}: {took:.2f} s")
for text in heavy:
    s = Session(d, user="admin" if text.startswith("do") else "query", timeout=60 * slow)
    s.send("Q", text.encode() + b"\0"); time.sleep(.15); admin(text)
    Session(d).query(f"select pg_cancel_backend({s.process})")
    begun, code = time.monotonic(), "none"
    try: s.until_ready()
    except Failed as e: code = e.code
    took = time.monotonic() - begun
    if code not in ("57014", "53200") or took > 2 * slow:
        sys.exit(f"{text[:60]}: {code}, {took:.2f} s after its cancel")
    if text.startswith("do") or "endless" in text: s.close(); continue # may write: those have half a minute
    s.send("Q", text.encode() + b"\0"); time.sleep(.05); s.close()
    admin(text)
# What a role runs that may not write keeps no writer waiting; what it reads and catches is as ever, and what it says
# to others is told.
q, w = Session(d, user="query", timeout=60 * slow), Session(d, user="write")
w.query("set lock_timeout = '1s'"); w.query("listen c"); w.query("create temp table x (a int)")
q.send("Q", statement("loop end loop;").encode() + b"\0"); time.sleep(.3)
w.query("update t set a = a")
Session(d).query(f"select pg_cancel_backend({q.process})")
try: q.until_ready(); sys.exit("not cancelled")
except Failed as e: assert e.code == "57014", e
# So is a statement that calls a function which would write, if it might; and what such a function says is told.
Session(d).query("create function writer(forever bool) returns int language plpgsql as 'begin while forever loop "
    "end loop; perform pg_notify(''c'', ''called''); if forever then insert into t values (9); end if; "
    "return 1; end'")
q.send("Q", b"select writer(true)\0"); time.sleep(.3)
w.query("update t set a = a")
Session(d).query(f"select pg_cancel_backend({q.process})")
try: q.until_ready(); sys.exit("not cancelled")
except Failed as e: assert e.code == "57014", e
assert q.query("select writer(false) + a from t limit 1") and q.query("begin; select writer(false); commit")
for _ in range(2):
    while True:
        kind, body = w.message()
        if kind == "A": assert body.endswith(b"c\0called\0"), body; break
# A writer whose client has gone is stopped when another waits to write.
gone = Session(d); gone.send("Q", b"select writer(true)\0"); time.sleep(.3); gone.close()
w.query("set lock_timeout = '%ds'" % (15 * slow)); w.query("update t set a = a"); w.query("set lock_timeout = '1s'")
q.query(statement("begin perform 1 / 0; exception when division_by_zero then s := 'caught'; end; "
    "perform set_config('a.b', s || (select count(*) from t), false); perform pg_notify('c', 'told');"))
assert q.query("select current_setting('a.b') = 'caught' || (select count(*) from t)") == [["t"]]
try: q.query(statement("execute 'insert into t values (8)';")); sys.exit("query writes")
except Failed as e: assert e.code == "42501", e
Session(d).query("create procedure definer() language plpgsql security definer "
    "as 'begin insert into t values (9); end'")
q.query("call definer()"); q.query(statement("call definer();"))
assert q.query("select count(*) from t where a = 9") == [["2"]]
w.send("Q", b"select 1\0")
kinds = []
while not kinds or kinds[-1] != "A":
    kinds.append(w.message()[0])
# A text of many parts is not read once for each.
begun = time.monotonic()
try: Session(d, user="query", timeout=60 * slow).query(" union all ".join(["select 1"] * 3000)); sys.exit("no 54000")
except Failed as e: assert e.code == "54000", e
if time.monotonic() - begun > 4 * slow: sys.exit(f"3,000 branches of UNION ALL: {time.monotonic() - begun:.2f} s")
a, end = Session(d), time.monotonic() + 20 * slow
running = "select left(query, 60), now() - query_start from pg_stat_activity where state = 'active'"
while len(left := a.query(running)) > 1:
    if time.monotonic() > end: sys.exit(f"what was abandoned still runs: {left}")
    time.sleep(.1)
assert os.path.exists(f"/proc/{worker}"), "the worker has ended"
PY
stop_node
