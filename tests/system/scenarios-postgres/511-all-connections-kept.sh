# When sessions keep all server connections admin still gets one, and the log and an event say why others wait
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
POSTGRES="    pool: {size: 4}"
start_postgres
timeout 60 python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, time
from wire import Failed, Session
d = sys.argv[1]
waiting = Session(d, "query"); assert waiting.query("select 1") == [["1"]]
held = [Session(d, "write") for _ in range(4)]
for s in held: s.query("select pg_advisory_lock_shared(1)")
waiting.send("Q", b"select 'served'\0")
for _ in range(2):
    admin = Session(d, "admin", timeout=10); assert admin.query("select 1") == [["1"]]
    assert admin.query("create temporary table t (a int); select count(*) from t") == [["0"]]; admin.close()
time.sleep(1.5); held.pop().close()
assert waiting.until_ready() == [["served"]]
# what admin's place leaves is nobody else's: four at most are kept
assert Session(d, "admin", timeout=10).query("select 2") == [["2"]]
PY
grep -q 'warning: all 4 server connections are kept by sessions' "$DIR/log" || fail "no warning"
equal "$(bibctl events | grep -c 'all 4 server connections are kept by sessions')" 1 "events"
stop_node
