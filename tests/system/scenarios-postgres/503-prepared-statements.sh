# A prepared statement is the session's own on whatever connection it gets: its types and its row are those of its Parse
# engines: none
. "$(dirname "$0")/../external.sh"
start_external 3
timeout 100 python3 - "$DIR/run/.s.PGSQL.5432" "$PLAIN/.s.PGSQL.$PLAIN_PORT" <<'PY' || fail "see above"
import re, socket, struct, sys, time
from wire import Failed, Session, bind, close, describe, execute, message, parse, read_fields

NODE, PLAIN = sys.argv[1:]
class Two:
    """A session of the node's, and one of plain PostgreSQL's that does the same."""
    def __init__(self, **settings):
        self.both = [Session(NODE, start=False), Session(PLAIN, start=False)]
        for s, user, database in zip(self.both, ("admin", "postgres"), ("bibd", "plain")):
            s.send_startup(user=user, database=database, **settings); s.until_ready()

    def answers(self, s, sent):
        s.socket.sendall(sent + message("S"))
        got = []
        while not got or got[-1][0] != "Z":
            kind, body = s.message()
            if kind == "E":
                f = read_fields(body)
                body = (f["C"], re.sub("[0-9]{5}", "OID", f["M"]), f.get("R") if f["C"] == "0A000" else None)
            elif kind == "t":
                body = [o if o < 16384 else "own" for o in struct.unpack(f"!{(len(body) - 2) // 4}I", body[2:])]
            elif kind == "T": body = self.columns(body)
            if kind not in "SNA": got.append((kind, body))
        return got

    def columns(self, body):
        at, out = 2, []
        while at < len(body):
            end = body.index(b"\0", at); type_ = struct.unpack("!ihIhih", body[end + 1:end + 19])[2]
            out.append((body[at:end], type_ if type_ < 16384 else "own")); at = end + 19
        return out

    def do(self, *parts):
        node, plain = (self.answers(s, b"".join(parts)) for s in self.both)
        assert node == plain, f"the node answers\n{node}\nand plain PostgreSQL\n{plain}"
        return node

    def is_refused(self, *parts):
        """equal, or refused: whether its dates were read again since is not known (504-read-again)"""
        node, plain = (self.answers(s, b"".join(parts)) for s in self.both)
        refused = node[0][0] == "E" and node[0][1][0] == "0A000" and "must be prepared again" in node[0][1][1]
        assert refused or node == plain, f"the node answers\n{node}\nand plain PostgreSQL\n{plain}"
        return refused

    def sql(self, text):
        out = []
        for s in self.both:
            try: out.append(s.query(text))
            except Failed as e: out.append(str(e))
        assert out[0] == out[1], (text, out)
        return out[0]

    def close(self):
        for s in self.both: s.close()

def busy(n=5):
    """others that use each server connection in between"""
    for s in [Session(NODE) for _ in range(n)]: s.query("select 1"); s.close()

# the type of a column is another after ALTER: what each session inferred is its own, whoever parsed the same text
# before
INSERT = parse("s", "insert into f (v) values ($1)")
for before, after, value, old in (("date", "timestamp", "2026-01-02 10:30:00", "2026-01-01"),
        ("real", "numeric", "1234.56789012", "1.5"),
        ("timestamp", "timestamptz", "2026-01-02 10:30:00", "2026-01-01 01:00:00"), ("int", "text", "no number", "1")):
    a, b = Two(), Two(); a.sql(f"drop table if exists f; create table f (v {before})")
    for s in (a, b): s.do(INSERT, bind("s", old), execute())
    b.sql(f"alter table f alter v type {after}")
    late = Two(timezone="Pacific/Fiji"); late.do(INSERT, describe("S", "s"), bind("s", value), execute())
    for _ in range(3):
        for s in (a, b, late): s.do(bind("s", value if s is late else old), execute())
        busy()
    late.sql("select * from f order by 1")
    for s in (a, b, late): s.close()
# the row is another after ADD COLUMN: the old statement says so under each name, for ever, and a new one does not
a, b, past = Two(), Two(), (Session(PLAIN, "postgres", "bibd"), Session(PLAIN, "postgres", "plain"))
a.sql("drop table if exists f; create table f (v int); insert into f values (1)")
for s in (a, b):
    for name in ("s", "t", ""): s.do(parse(name, "select * from f"), describe("S", name), bind(name), execute())
def define(text):
    for s in past: s.query(text)
for text, by in (("alter table f add w int", a.sql), ("alter table f drop w", define),
        ("alter table f alter v type text", b.sql), ("alter table f add x int", define)):
    by(text)
    for s in (a, b):
        for name in ("s", "t", ""):
            s.do(bind(name), execute()); busy(); s.do(describe("S", name)); s.do(bind(name), execute())
            s.do(*([close("S", name)] if name != "t" else []), parse(name, "select * from f"), bind(name), execute())
        s.sql("deallocate t"); s.do(parse("t", "select * from f"), bind("t"), describe("P"), execute())
    new = Two(); new.do(parse("s", "select * from f"), bind("s"), execute()); new.close()
# within a failed transaction, and one that is rolled back
a.do(parse("", "begin"), bind(), execute())
a.do(parse("", "alter table f add y int"), bind(), execute())
a.do(parse("y", "select * from f"), bind("y"), execute())
a.do(bind("s"), execute())
a.do(bind("y"), execute())
a.sql("rollback")
busy()
a.do(bind("y"), execute())
a.do(bind("s"), execute())
# DROP and CREATE, of a type too
a.sql("create type mood as enum ('sad'); create table m (x mood)")
for s in (a, b): s.do(parse("m", "insert into m values ($1) returning x"), bind("m", "sad"), execute())
b.sql("drop table m; drop type mood; create type mood as enum ('sad', 'glad'); create table m (x mood)")
for s in (a, b):
    s.do(bind("m", "sad"), execute())
    s.do(close("S", "m"), parse("m", "insert into m values ($1) returning x"), bind("m", "glad"), execute())
# a schema for each tenant: one text, other tables
a.sql("create schema one; create schema two; create table one.k (v int); create table two.k (v text); "
    "insert into one.k values (1); insert into two.k values ('two')")
tenants = [Two(search_path=p) for p in ("one", "two", "one", "two")]
for _ in range(4):
    for i, s in enumerate(tenants):
        s.do(*([] if _ else [parse("k", "select v from k where v = $1")]), bind("k", ["1", "two"][i % 2]), execute())
        s.do(parse("", "select * from k"), bind(), execute())
    busy(2)
tenants[0].sql("set search_path = two")
tenants[0].do(bind("k", "1"), execute())
tenants[0].do(parse("k2", "select v from k where v = $1"), bind("k2", "two"), execute())
for s in tenants: s.close()
# what text, quotes and dates are read by at Parse stays
a.do(parse("q", r"select 'a\\b', date '02/03/2026'"), bind("q"), execute())
a.sql("set standard_conforming_strings = off")
a.sql("set datestyle = 'sql, dmy'")
busy()
a.do(bind("q"), execute())
a.do(parse("q2", r"select 'a\\b', date '02/03/2026'"), bind("q2"), execute())
b.do(parse("q2", r"select 'a\\b', date '02/03/2026'"), bind("q2"), execute())
# also where it was parsed on another connection than the one on which the way of reading changes, or is refused there:
# for good, until the transaction ends, out of sight; and a mistake of the client's own changes nothing
READ = "select date '02/03/2026', timestamptz '2026-01-01 00:00:00'"
for before, change, after in (("", "set datestyle = 'sql, dmy'", ""),
        ("begin", "set datestyle = 'sql, dmy'", "rollback"),
        ("begin", "set local timezone = 'Asia/Tokyo'", "commit"),
        ("", "do $$ begin perform set_config('datestyle', 'sql, dmy', false); end $$", "")):
    for failing in ("", "drop table if exists gone"):
        holds, e, late = Session(NODE), Two(), Two()
        e.sql("create table if not exists gone (v int)")
        e.do(parse("g", "select * from gone"), parse("r", READ), describe("S", "r"))
        e.do(parse("", READ))
        holds.query("begin"); busy(1); late.sql(failing or "select 1")
        for text in (before, change):
            if text: e.sql(text)
        holds.query("rollback")
        if e.is_refused(bind("r"), execute()):
            if before: e.sql("rollback"); after = ""
            e.do(close("S", "r"), parse("r", READ))
        e.do(parse("l", READ), bind("l"), execute())
        try: e.sql("deallocate nobodys")
        except Failed: pass
        if after: e.sql(after)
        for _ in range(3):
            busy()
            e.do(bind("r"), execute())
            e.do(bind("l"), execute())
            e.do(bind("g"), execute())
            e.do(bind("nobodys"))
        for s in (holds, e, late): s.close()
# a session that keeps its connection has more statements than are kept for others
e = Two()
e.sql("create temp table mine (v int)")
e.sql("set datestyle = 'sql, dmy'")
e.do(parse("r", READ))
e.sql("set datestyle = 'iso, mdy'")
for i in range(300): e.do(parse(f"n{i}", f"select {i}"))
e.do(bind("r"), execute()); e.close()
# a temporary table in front of another: for this session alone, also for what it had parsed before
for s in (c := Two(), d := Two()): s.do(parse("f", "select count(*) from f"), bind("f"), execute())
c.sql("create temp table f (v int)")
c.do(bind("f"), execute())
c.do(parse("f2", "select count(*) from f"), bind("f2"), execute())
d.do(bind("f"), execute())
c.close(); busy(); d.do(bind("f"), execute()); d.close()
# statements that name statements
for s in (a, b):
    for name in ("p", "p", "p2"):
        s.do(parse(name, "select count(*) from pg_prepared_statements where name = 'p'"), bind(name), execute())
    s.sql("execute s")
    s.sql("deallocate p")
    s.do(parse("p", "select 1"), bind("p"), execute())
    s.sql("discard all")
    s.do(bind("p"), execute())
for s in (a, b): s.close()
# an error takes back what comes after it in a batch, and nothing else
a = Two(); a.do(parse("s", "select 1"), parse("", "select 2"), bind("s"), execute())
a.do(bind("none"), close("S", "s"), parse("s", "select 3"), close("S", ""), parse("", "select 4"))
a.do(bind("s"), execute())
a.do(bind(""), execute())
a.do(parse("s", "selct"))
a.do(parse("s", "select 5"))
a.do(bind("s"), execute())
a.sql("begin")
a.sql("selct")
a.sql("deallocate s")
a.sql("rollback")
a.do(bind("s"), execute())
# a simple query ends the unnamed statement, also one that is cancelled while it waits for a connection
for sent in (message("Q", b"select pg_sleep(30)\0"),
        parse("", "select pg_sleep(30)") + bind() + execute() + message("S")):
    a.do(parse("", "select 4"))
    holds = [Session(NODE) for _ in range(4)] # one is for admin alone
    for s in holds: s.query("begin")
    for s, path in zip(a.both, (NODE, PLAIN)):
        s.socket.sendall(sent); time.sleep(0.3)
        with socket.socket(socket.AF_UNIX) as c:
            c.connect(path); c.sendall(struct.pack("!iiii", 16, 80877102, s.process, s.key)); c.recv(1)
        try: s.until_ready()
        except Failed as e: assert e.code == "57014", e
        else: assert 0, "nothing was cancelled"
    for s in holds: s.close()
    if sent[:1] == b"Q": a.do(bind(""), execute())
# also what is only sent when the client has seen the error
for s in a.both:
    s.socket.sendall(bind("none") + message("H")); assert s.message()[0] == "E"
a.do(parse("late", "select 6"), describe("S", "late"), bind("late"), execute(), close("S", "s"), parse("s", "select 7"))
a.do(bind("late"), execute())
a.do(bind("s"), execute())
PY
[ "$(log_lines 'bibd-postgres .*failed')" = 0 ] || fail "the worker ended: $(tail -n 5 "$DIR/log")"
stop_node
