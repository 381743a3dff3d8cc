# A thousand idle sessions cost no connection and 4 KiB each, whatever they did before, and an open write transaction
# stops no reads
. "$(dirname "$0")/../lib.sh"
requires psql python3
ulimit -n 4096 2>/dev/null
start_node
python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, time
from wire import Session
d = sys.argv[1]
s = Session(d); s.query("create table t (a int primary key, b int)"); s.query("insert into t values (1, 1)")
many = [Session(d, "write") for _ in range(1000)]
t = time.monotonic()
assert Session(d).query("select 1") == [["1"]]
print(f"answer beside 1000 sessions: {(time.monotonic() - t) * 1000:.1f} ms")
s.query("begin"); s.query("update t set b = 2")
worst = 0
for m in many[:200]:
    t = time.monotonic(); assert m.query("select b from t") == [["1"]]; worst = max(worst, time.monotonic() - t)
assert worst < 0.5, f"a read took {worst} s beside an open write"
s.query("commit")
assert all(m.query("select b from t") == [["2"]] for m in many[800:])
# A transaction in each of 60 sessions, all reading: READ COMMITTED pins nothing
for m in many[:60]: m.query("begin"); m.query("select b from t")
assert many[70].query("select b from t") == [["2"]]
print(f"worst read beside an open write: {worst * 1000:.1f} ms")
PY
bibctl status | head -20
# What they keep: the worker beside a second thousand, which have had large answers. Its own caches are filled before.
[ "$(id -u)" = 0 ] && [ "$SLOW" = 1 ] || exit 0
stop_node; launch; wait_ready
python3 - "$DIR/run" "$(worker bibd-sqlite)" <<'PY' || fail "see above"
import sys, time
from wire import Session
d, pid = sys.argv[1:]
def held():
    with open(f"/proc/{pid}/smaps_rollup") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("Anonymous:"))
def used(n):
    made = [Session(d, "write") for _ in range(n)]
    for m in made: m.query("select repeat('x', 100000)"); m.query("select b from t")
    return made
first = used(200)
# A second connection, which bibd's own check opens at its time, is no session's.
first[0].query("begin isolation level repeatable read"); first[0].query("select b from t")
first[1].query("select b from t"); first[0].query("commit")
before = held(); more = used(1000); each = (held() - before) / 1000
assert each <= 4, f"{each} KiB for an idle session"
print(f"{each} KiB for an idle session")
PY
