# A session has the application_name that it gave and no other; admin sees what every session does, another role its own
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
start_postgres
timeout 60 python3 - "$DIR/run" <<'PY' || fail "see above"
import sys
from wire import Failed, Session
d = sys.argv[1]
def named(role, name):
    s = Session(d, role, start=False); s.send_startup(user=role, database="bibd", application_name=name); s.until_ready(); return s
def mine(s): return s.query("select application_name from pg_stat_activity where pid = pg_backend_pid()")

# named, nameless on what may be the same connection, named again
for name in ("app", None, "other", None):
    s = named("write", name) if name else Session(d, "write")
    assert s.query("show application_name") == [[name or ""]], s.query("show application_name")
    s.close()

admin, write, query = named("admin", "desk"), named("write", "app"), Session(d, "query")
write.query("begin"); write.query("select 'what write does'"); query.query("begin"); query.query("select 'what query does'")
assert mine(admin) == [["desk"]]
seen = admin.query("select usename, application_name, state, query from pg_stat_activity where query like 'select ''what % does''' order by 1")
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
stop_node
