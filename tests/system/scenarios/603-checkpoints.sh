# Checkpoints of every kind beside writers, readers and each other leave the file whole and lose nothing
# alone:
. "$(dirname "$0")/../lib.sh"
requires psql python3
start_node
sql "create table t (k int primary key, n int, pad text); insert into t select x, 0, repeat('x', \
200) from generate_series(1, 2000) x" >/dev/null
cat >"$WORK/hammer.py" <<'PY'
"Writers that count what was acknowledged, readers that hold snapshots, and admins that checkpoint, for some seconds"
import random, sys, threading, time
from wire import Failed, Session
directory, seconds, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
end, acknowledged, checkpoints, wrong = time.monotonic() + seconds, [0] * 3, [0] * 2, []
def write(i):
    s, r = Session(directory, user="write"), random.Random(seed + i)
    while time.monotonic() < end:
        k = r.randrange(1, 1900)
        s.query(f"update t set n = n + 1, pad = repeat('{r.choice('abc')}', {r.randrange(150, 1500)}) where k between "
            f"{k} and {k + 9}")
        acknowledged[i] += 10
def checkpoint(i):
    s, r = Session(directory), random.Random(seed + 10 + i)
    while time.monotonic() < end:
        s.query("checkpoint"); checkpoints[i] += 1
        time.sleep(r.random() / 500)
def read(i):
    s, r = Session(directory, user="query"), random.Random(seed + 20 + i)
    while time.monotonic() < end:
        s.query("begin isolation level repeatable read")
        a = s.query("select sum(n) from t"); time.sleep(r.random() / 20); b = s.query("select sum(n) from t")
        if a != b: wrong.append((a, b))
        s.query("commit")
def run(f, i):
    try: f(i)
    except (Failed, OSError, ConnectionError) as e: wrong.append(repr(e))
threads = [threading.Thread(target=run, args=x) for x in [(write, i) for i in range(3)] + [(checkpoint,
    i) for i in range(2)] + [(read, i) for i in range(2)]]
for t in threads: t.start()
for t in threads: t.join()
if wrong: sys.exit(f"wrong: {wrong[:3]}")
print(sum(acknowledged), sum(checkpoints))
PY
out=$(python3 "$WORK/hammer.py" "$DIR/run" "${BIBD_HAMMER_SECONDS:-6}" $$) || fail "seed $$: $out"
say "$out updates and checkpoints"
equal "$(sql 'select sum(n) from t')" "${out% *}" "what was acknowledged"
[ "${out#* }" -gt 5 ] || fail "hardly a checkpoint"
kill -KILL "$(worker bibd-sqlite)"; until_true 10 answers || fail "no answer after a kill"
equal "$(sql 'select sum(n) from t')" "${out% *}" "what was acknowledged, after a kill"
stop_node
equal "$(python3 -c "
import sqlite3, sys
c = sqlite3.connect(sys.argv[1]); c.create_function('bibd_valid', 3, lambda a, b, v: 1)
print(c.execute('pragma integrity_check').fetchone()[0])" "$DIR/data/sqlite/cache.db")" ok "the file"
