# What one client sets, prepares, locks, listens to or makes temporary is its own, and is there for as long as it stays
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
POSTGRES="    pool: {size: 3}"
start_postgres
sql 'create table t (a serial primary key, b text); create sequence s' || fail "setup"
timeout 120 python3 - "$DIR/run" <<'PY' || fail "see above"
import struct, sys, time
from wire import Failed, Session
d = sys.argv[1]
def cs(s): return s.encode() + b"\0"
def code(f):
    try: f()
    except Failed as e: return e.code
    return "00000"
def new(role="write"): return Session(d, role, timeout=20)
def busy(n=8):
    """others that use each server connection in between"""
    for _ in range(n): s = new(); s.query("select 1"); s.close()

# a setting: its session's, kept over others' use of the connections, gone with it
for statement, show, mine, default in (("set statement_timeout = '777s'", "show statement_timeout", "777s", None),
        ("set search_path = pg_catalog", "show search_path", "pg_catalog", None),
        ("select set_config('work_mem', '7777kB', false)", "show work_mem", "7777kB", None),
        ("set application_name = 'mine'", "show application_name", "mine", None),
        ("set timezone = 'Pacific/Fiji'", "show timezone", "Pacific/Fiji", None),
        ("set bytea_output = 'escape'", "show bytea_output", "escape", None),
        ("set session characteristics as transaction read only", "show default_transaction_read_only", "on", None),
        ("do $$ begin perform set_config('enable_seqscan', 'off', false); end $$", "show enable_seqscan", "off",
            "loose")):
    a, b = new(), new(); a.query(statement)
    busy()
    if default != "loose": assert a.query(show) == [[mine]], (statement, a.query(show))
    for _ in range(4): assert b.query(show) != [[mine]], f"{statement} reached another session"
    a.close(); time.sleep(.05)
    for _ in range(8):
        c = new(); assert c.query(show) != [[mine]], f"{statement} outlived its session"; c.close()
    b.close()
# SET LOCAL, and a SET that is rolled back
a = new()
a.query("begin")
a.query("set local work_mem = '5MB'")
assert a.query("show work_mem") == [["5MB"]]
a.query("commit")
assert a.query("show work_mem") != [["5MB"]]
a.query("begin")
a.query("set work_mem = '6MB'")
a.query("rollback")
assert a.query("show work_mem") != [["6MB"]]
a.close()
# temporary tables
a, b = new("admin"), new("admin")
a.query("create temp table mine (x int)")
a.query("insert into mine values (1)")
busy()
assert a.query("select x from mine") == [["1"]]
assert code(lambda: b.query("select * from mine")) == "42P01"
a.close()
time.sleep(.1)
for _ in range(8): c = new("admin"); assert code(lambda: c.query("select * from mine")) == "42P01"; c.close()
a = new("admin")
a.query("select 1 as x into temp other")
busy()
assert a.query("select x from other") == [["1"]]
a.close()
b.close()
# advisory locks: held while the session lives, gone with it
a, b = new(), new(); a.query("select pg_advisory_lock(42)"); busy()
assert b.query("select pg_try_advisory_lock(42)") == [["f"]]; a.close(); time.sleep(.2)
assert b.query("select pg_try_advisory_lock(42)") == [["t"]]; b.query("select pg_advisory_unlock(42)"); b.close()
# LISTEN: reaches who listens, also one who says nothing in between, and nobody else
a, b = new(), new(); a.query("listen news"); busy(); b.query("notify news, 'extra'")
a.socket.settimeout(5); kind, body = a.message(); assert kind == "A" and b"news\0extra\0" in body, (kind, body)
b.query("select 1"); b.socket.settimeout(.5)
try: b.message(); sys.exit("a message to one who does not listen")
except TimeoutError: pass
a.query("unlisten *"); a.close(); b.close()
# lastval and currval belong to a session
a, b = new(), new()
a.query("insert into t (b) values ('a')")
last = a.query("select lastval()")
b.query("insert into t (b) values ('b')")
assert a.query("select lastval()") == last
c = new()
assert code(lambda: c.query("select lastval()")) == "55000"
a.close()
b.close()
c.close()
a = new(); a.query("select nextval('s')"); busy(); assert a.query("select currval('s')"); a.close()
# SQL's own PREPARE, and protocol statements of the same name in two sessions
a, b = new(), new(); a.query("prepare q as select 'a'"); b.query("prepare q as select 'b'"); busy()
assert a.query("execute q") == [["a"]] and b.query("execute q") == [["b"]]
a.query("deallocate q")
assert code(lambda: a.query("execute q")) == "26000"
for s, word in ((a, "x"), (b, "y")):
    s.send("P", cs("p") + cs(f"select '{word}'") + b"\0\0"); s.send("S"); s.until_ready()
for _ in range(6):
    for s, word in ((a, "x"), (b, "y")):
        s.send("B", cs("") + cs("p") + b"\0" * 6)
        s.send("E", cs("") + b"\0" * 4)
        s.send("S")
        assert s.until_ready() == [[word]]
a.send("C", b"S" + cs("p")); a.send("S"); a.until_ready()
a.send("B", cs("") + cs("p") + b"\0" * 6); a.send("S"); assert code(a.until_ready) == "26000"
b.query("discard all"); b.send("B", cs("") + cs("p") + b"\0" * 6); b.send("S"); assert code(b.until_ready) == "26000"
a.close(); b.close()
# a statement prepared before a change of its table
a, b = new(), new("admin"); a.send("P", cs("s") + cs("select * from t") + b"\0\0"); a.send("S"); a.until_ready()
b.query("alter table t add column c int"); busy()
a.send("B", cs("") + cs("s") + b"\0" * 6)
a.send("E", cs("") + b"\0" * 4)
a.send("S")
assert code(a.until_ready) in ("0A000", "00000")
a.close()
b.close()
# a cursor WITH HOLD lives on after its transaction
a = new()
a.query("begin")
a.query("declare h cursor with hold for select generate_series(1, 9)")
a.query("commit")
busy()
assert a.query("fetch 2 from h") == [["1"], ["2"]]
busy()
assert a.query("fetch 2 from h") == [["3"], ["4"]]
a.close()
# a role is not left, whatever is set; and never reaches another
a = new("admin"); a.query("set role none"); a.close(); time.sleep(.1)
for _ in range(6): c = new("admin"); assert c.query("select current_user") == [["admin"]]; c.close()
# more who keep a connection than there are: the last one waits or is told so, and gets one as soon as it is free
held = []
for _ in range(3):
    try: s = new(); s.query("select pg_advisory_lock_shared(7)"); held.append(s)
    except (Failed, TimeoutError): break
assert held, "nobody may hold a connection"
for s in held: s.close()
s = new(); assert s.query("select 1") == [["1"]]
# startup parameters are a session's own settings
s = Session(d, "write", start=False)
s.send_startup(user="write", database="bibd", application_name="app", options="-c work_mem=3MB", TimeZone="Asia/Tokyo")
s.until_ready()
assert s.query("show application_name") == [["app"]] and s.query("show timezone") == [["Asia/Tokyo"]] and s.query(
    "show work_mem") == [["3MB"]]
busy()
assert s.query("show timezone") == [["Asia/Tokyo"]]; assert new().query("show timezone") != [["Asia/Tokyo"]]
PY
stop_node
