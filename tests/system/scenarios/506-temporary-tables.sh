# Every role that may write may make temporary tables, and gets no other right to define by that, as on PostgreSQL
. "$(dirname "$0")/../lib.sh"
. "$tests/temporary_tables.sh"
requires psql
start_node
temporary_tables_are_for_writers
for statement in "alter table x rename to bibd_x" "create temp table bibd_x (a int)" \
    "create temp table y as select * from bibd.audit" \
    "create temp view y as select * from bibd.audit; select * from y"; do
	equal "$(state -U write -c "create temp table x (a int)" "$statement")" 42501 "$statement"
done
equal "$(state -U query "drop table if exists x")" 42501 "query: drop table"
# Definitions of what is the session's own are no definitions of the node's.
sql -U write "create temp table noted (a int); drop table noted" >/dev/null
sql "create temp table noted_too (a int); create table defined (a int)" >/dev/null
in_trail() { [ "$(sql -U audit "select count(*) from bibd.audit where statement like '%defined%'")" != 0 ]; }
until_true 10 in_trail || fail "admin's definition is not in the trail"
equal "$(sql -U audit "select count(*) from bibd.audit where kind = 'definition' and statement like '%noted%' and \
statement not like '%defined%'")" 0 "temporary tables in the trail"
# What changes temporary tables alone waits for no writer, and none waits for it; it is undone as a whole all the same.
sql "create table m (a int); create table s (id serial primary key); create view drawn as select nextval('s_id_seq') \
as n" >/dev/null || fail "setup"
python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, time
from wire import Failed, Session
d, rows = sys.argv[1], 0
huge = "from generate_series(1, 1000000000) g"
def code(s, text):
    try: s.query(text)
    except Failed as e: return e.code
    return "00000"
def equal(got, want, what):
    if got != want: sys.exit(f"{what}: got {got}, want {want}")
def begin(s, text): s.send("Q", text.encode() + b"\0"); time.sleep(.3)
def copy(s, text):
    s.send("Q", text.encode() + b"\0")
    while s.message()[0] != "G": pass
def others_write(what):
    global rows
    equal(code(b, "insert into m values (1)"), "00000", what + ": another writes")
    rows += 1
def cancelled(what, wanted="57014"):
    b.query(f"select pg_cancel_backend({a.process})")
    try: a.until_ready()
    except Failed as e: equal(e.code, wanted, what); return
    sys.exit(f"{what}: not cancelled")
a, b = Session(d, user="write", timeout=60), Session(d, user="write", timeout=60)
for s in a, b: s.query("set lock_timeout = '1s'")
a.query("create temp table x (a int, b text default 'b')")
a.query("insert into x select g from generate_series(1, 10) g")
x = lambda: a.query("select count(*), coalesce(sum(a), 0) from x")[0]
for text in f"create temp table big as select g {huge}", f"insert into x select g {huge}", \
        f"update x set a = (select max(g) {huge})", \
    f"delete from x where a < (select max(g) {huge})", \
    f"create temp table big (a) as select count(*) from m, generate_series(1, 1000000000) g":
    begin(a, text); others_write(text); cancelled(text)
    equal(x(), ["10", "55"], text + ": it is undone")
    equal(code(a, "select 1 from big"), "42P01", "no table is left")
copy(a, "copy x (a) from stdin"); a.send("d", b"100\n" * 1000); others_write("copy")
a.send("c"); a.until_ready(); equal(x(), ["1010", "100055"], "copied")
copy(a, "copy x (a) from stdin"); a.send("d", b"100\nx\n"); a.send("c")
try: a.until_ready(); sys.exit("x is a number")
except Failed as e: equal(e.code, "22P02", "copy of what is no number")
equal(x(), ["1010", "100055"], "a COPY that fails")
equal(code(a, "delete from x where 10 / (a - 100) < 9"), "22012", "a DELETE that fails")
equal(x(), ["1010", "100055"], "it is undone")
equal(code(a, "create temp table y as select 1 / (g - 5) from generate_series(1, 9) g"), "22012", "a CREATE that fails")
equal(code(a, "select 1 from y"), "42P01", "it is undone")
a.query("delete from x where a = 100")
begin(a, "insert into x select g from generate_series(1, 100000) g returning a, repeat('x', 100)")
others_write("returning")
equal(len(a.until_ready()), 100000, "rows that are read late")
a.query("delete from x"); a.query("insert into x values (1)")
# While another is in the middle of writing.
a.query("create temp table z (a int default nextval('s_id_seq'), b int)")
b.query("begin"); b.query("insert into m values (2)")
for text in "create temp table y (a int primary key)", "insert into y values (1) on conflict (a) do update set a = 2", \
        "update y set a = 3 returning a", \
    "create index on y (a)", "create temp view w as select * from y", "insert into y select 10 + count(*) from m", \
    "drop view w", "drop table y", "drop table if exists y", \
    "create temp table y as select * from m", "delete from y", "prepare p as insert into y values ($1)", \
    "execute p (1)", "drop table y":
    equal(code(a, text), "00000", text + " beside a writer")
for text in "insert into m values (3)", "create temp table y as select * from drawn", "select setval('s_id_seq', 1000)":
    equal(code(a, text), "55P03", text + " writes the file")
# Sequences wait for nobody.
for text in "insert into z values (nextval('s_id_seq'), 1)", "create temp table y as select nextval('s_id_seq')", \
    "drop table y", "insert into z select n, 2 from drawn", "select nextval('s_id_seq')", "select n from drawn", \
    "update z set b = nextval('s_id_seq')", "insert into z (b) values (1)":
    equal(code(a, text), "00000", text + " beside a writer")
# The table that hid the file's is gone: what was prepared for it waits for the writer now.
a.query("create temp table m (a int)")
a.query("prepare hidden as insert into m values ($1)")
a.query("execute hidden (5)")
a.query("drop table m"); equal(code(a, "execute hidden (6)"), "55P03", "a statement prepared for a table that is gone")
b.query("rollback"); a.query("execute hidden (7)")
equal(b.query("select count(*) from m where a > 1"), [["1"]], "and then writes the file")
equal(a.query("select count(*), count(distinct a) from z"), [["3", "3"]], "the sequence was drawn from once a row")
# With one snapshot: it is that of the first statement, and a rollback takes all of it back.
b.query("delete from m"); b.query("insert into m values (1)")
a.query("begin isolation level repeatable read")
a.query("insert into x values (2)")
a.query("savepoint s")
a.query("update x set a = a + 10")
b.query("insert into m values (2)")
equal(a.query("select count(*) from m"), [["1"]], "the snapshot of a transaction that began with its own table")
equal(x(), ["2", "23"], "its own rows")
a.query("rollback to s")
equal(x(), ["2", "3"], "after a savepoint's rollback")
a.query("create temp table y as select * from m"); b.query("insert into m values (3)")
equal(code(a, "insert into m values (4)"), "40001", "a snapshot that is not the last"); a.query("rollback")
equal(x(), ["1", "1"], "after the rollback"); equal(code(a, "select 1 from y"), "42P01", "nothing is left of y")
a.query("begin isolation level repeatable read")
a.query("insert into x values (2)")
a.query("insert into m values (4)")
a.query("commit")
equal(b.query("select count(*) from m"), [["4"]], "rows of both"); equal(x(), ["2", "3"], "rows of both")
# In READ COMMITTED each statement sees what was committed before it.
a.query("begin"); a.query("select 1 from m"); b.query("insert into m values (5)")
a.query("insert into x select count(*) from m"); equal(x(), ["3", "8"], "what was committed meanwhile")
done = code(b, "insert into m values (6)") == "00000"
equal(a.query("select count(*) from m"), [["6" if done else "5"]], "what was committed since")
a.query("rollback")
equal(x(), ["2", "3"], "after its rollback")
# READ ONLY is about the file.
a.query("begin read only"); a.query("update x set a = 7"); equal(x(), ["2", "14"], "read only")
equal(code(a, "create temp table y (a int)"), "25006", "but for definitions")
a.query("rollback")
equal(x(), ["2", "3"], "after it")
a.query("begin read only isolation level serializable")
a.query("insert into x values (9)")
a.query("commit")
equal(x(), ["3", "12"], "read only, with a snapshot")
equal(code(a, "begin read only; insert into m values (1)"), "25006", "the file's table"); a.query("rollback")
PY
# A worker that is killed in the middle of it has what was acknowledged.
python3 - "$DIR/run" "$(worker sqlite)" <<'PY' || fail "see above"
import os, sys, time
from wire import Session
a, b = Session(sys.argv[1], user="write"), Session(sys.argv[1], user="write")
a.send("Q", b"create temp table big as select g from generate_series(1, 1000000000) g\0"); time.sleep(.3)
b.query("insert into m values (100), (101)"); os.kill(int(sys.argv[2]), 9)
PY
until_true 20 answers || fail "no answer"
equal "$(sql "select count(*) from m where a >= 100")" 2 "rows that were acknowledged"
equal "$(sql "select count(*) from m where a < 100")" 5 "and those before"
stop_node
