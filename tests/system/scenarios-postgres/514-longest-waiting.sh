# A connection goes to the session that has waited longest; who waits behind a bound of its role holds up nobody else
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
POSTGRES="    pool: {size: 4}" DATABASE="  roles: {write: {max_connections: 2}}"
SERVER="max_clients: 700, max_starting: 300"
start_postgres
sql 'create table turn (at bigserial, n int)' || fail "create table"
timeout 100 python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, time
from wire import Session
d = sys.argv[1]
held = [Session(d, "write", timeout=60) for _ in range(2)]
crowd = [Session(d, "write", timeout=60) for _ in range(300)]
for s in crowd: s.query("select 1")
for s in held: s.query("begin; select 1")
for i, s in enumerate(crowd): s.send("Q", b"insert into turn (n) values (%d)\0" % i)
time.sleep(.3)
# A role that has connections left is not held up by those who wait.
begun = time.monotonic()
other = Session(d, "admin", timeout=10)
for i in range(50): assert other.query(f"select {i}") == [[str(i)]]
assert other.query("select count(*) from turn") == [["0"]], "some did not wait"
# One connection becomes free: each is served after all that came before it.
held.pop().close()
for s in crowd: s.until_ready()
got = [int(r[0]) for r in other.query("select n from turn order by at")]
assert got == list(range(300)), got
PY
stop_node
