# A session has the application_name that it gave and no other; admin sees what every session does, another role its
# own; the pid that a client is told is its server process's while there are enough, and its own notifications' always
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
start_postgres
timeout 60 python3 - "$DIR/run" <<'PY' || fail "see above"
import sys
from wire import Failed, Session
d = sys.argv[1]
def named(role, name):
    s = Session(d, role, start=False)
    s.send_startup(user=role, database="bibd", application_name=name)
    s.until_ready()
    return s
def mine(s): return s.query("select application_name from pg_stat_activity where pid = pg_backend_pid()")

# named, nameless on what may be the same connection, named again
for name in ("app", None, "other", None):
    s = named("write", name) if name else Session(d, "write")
    assert s.query("show application_name") == [[name or ""]], s.query("show application_name")
    s.close()

admin, write, query = named("admin", "desk"), named("write", "app"), Session(d, "query")
write.query("begin")
write.query("select 'what write does'")
query.query("begin")
query.query("select 'what query does'")
assert mine(admin) == [["desk"]]
seen = admin.query("select usename, application_name, state, query from pg_stat_activity where query like 'select "
    "''what % does''' order by 1")
assert seen == [["bibd_query_a", "", "idle in transaction", "select 'what query does'"],
    ["bibd_write_a", "app", "idle in transaction", "select 'what write does'"]], seen
assert admin.query("select count(*) from pg_stat_activity where query = '<insufficient privilege>'") == [["0"]]
assert admin.query("select count(*) from pg_stat_activity where query ~ 'SCRAM-SHA-25[6]'") == [["0"]]
# its own role's, as the login that they share, and not another role's
s = named("write", "looks"); s.query("set role none")
assert mine(s) == [["looks"]]
assert s.query("select query from pg_stat_activity where application_name = 'app'") == [["select 'what write does'"]]
assert s.query("select count(*) from pg_stat_activity where query = 'select ''what query does'''") == [["0"]]
PY
timeout 90 python3 - "$DIR/run" <<'PY' || fail "see above"
import struct, sys, time
from wire import Failed, Session
d = sys.argv[1]
def backend(s): return int(s.query("select pg_backend_pid()")[0][0])
def notified(s):
    while True:
        kind, body = s.message()
        if kind == "A": return struct.unpack("!i", body[:4])[0]
def notify(s): s.send("Q", b"notify c\0"); return notified(s)

# one after another, and several at a time; on a slow machine one that waits long for a connection may be given
# another's
def all_own(n):
    few = [Session(d, "write") for _ in range(n)]
    own = all(backend(s) == s.process for s in few + few)
    if own and n > 1:
        few[0].query("listen c"); few[1].query("notify c"); assert notified(few[0]) == few[1].process
        assert notify(few[0]) == few[0].process; few[0].until_ready()
    for s in few: s.close()
    time.sleep(0 if own else .5)
    return own
for n in (1, 1, 6): assert any(all_own(n) for _ in range(20)), n

# more than there are connections: each is told a pid of its own, and its notifications have that
many = [Session(d, "write") for _ in range(40)]
assert len({s.process for s in many}) == 40 and all(s.process > 0 for s in many)
for s in many: s.query("select 1")
owners = {s.process: s for s in many}
late = many[-1]; late.query("listen c"); assert backend(late) != late.process
assert notify(late) == late.process; late.until_ready()
# whose process the other one works on now
other = owners.get(backend(late))
assert other is not None and other is not late
other.query("listen c"); late.send("Q", b"notify c\0")
assert notified(late) == late.process; late.until_ready()
assert notified(other) != other.process, "another's notification is taken for one's own"
assert notify(other) == other.process; other.until_ready()
assert notified(late) != late.process
PY
stop_node
