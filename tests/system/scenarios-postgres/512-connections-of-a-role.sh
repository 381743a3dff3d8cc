# One role's sessions that keep connections do not take all: its next one waits and is told why, others' are served
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
POSTGRES="    pool: {size: 4}" DATABASE="  roles: {write: {max_connections: 2}}"
start_postgres
# From now on who waits is told soon.
sed -i 's/retry_backoff: 200ms/retry_backoff: 200ms, startup_timeout: 3s/' "$CONFIG"
kill -HUP "$PID"
reloaded() { bibctl events | grep -q 'reload'; }
until_true 20 reloaded || fail "it was not read again: $(bibctl events)"
timeout 100 python3 - "$DIR/run" <<'PY' || fail "see above"
import sys
from wire import Failed, Session
d = sys.argv[1]
held = [Session(d, "write", timeout=30) for _ in range(2)]
for s in held: s.query("select pg_advisory_lock_shared(1)")
third = Session(d, "write", timeout=30)
third.send("Q", b"select 'third'\0")
# While it waits, other roles are served: two connections are left, and neither is its role's.
for role in ("query", "admin", "audit"): assert Session(d, role, timeout=10).query("select 1") == [["1"]], role
try: third.until_ready(); sys.exit("a third connection of the role")
except Failed as e:
    assert e.code == "53300", e
    assert "sessions of the role write have all 2 that they may have (database.roles.write.max_connections)" in str(
        e), e
# It goes on, waits again, and is served once one of them ends.
third.send("Q", b"select 'third'\0")
held.pop().close()
assert third.until_ready() == [["third"]]
PY
# More may have one at once after a reload.
sed -i 's/max_connections: 2/max_connections: 4/' "$CONFIG"; before=$(event_count); kill -HUP "$PID"
until_true 20 event_since "$before" reload || fail "it was not read again"
timeout 60 python3 - "$DIR/run" <<'PY' || fail "see above"
import sys
from wire import Session
held = [Session(sys.argv[1], "write", timeout=30) for _ in range(4)]
for s in held: s.query("select pg_advisory_lock_shared(1)")
PY
stop_node
