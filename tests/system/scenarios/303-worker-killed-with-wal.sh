# kill -9 of the sqlite worker with 60 MiB of WAL to recover: answered within 100 ms
# alone: measures milliseconds
. "$(dirname "$0")/../lib.sh"
requires psql python3
HEALTH="interval: 500ms, action: retry_always"
start_node
python3 - "$DIR/run" <<'PY' || fail "filling the WAL"
import sys
from wire import Session
s, r = Session(sys.argv[1]), Session(sys.argv[1])
s.query("create table w (n int primary key, b text)")
r.query("begin isolation level repeatable read")
r.query("select count(*) from w")  # a snapshot that keeps the WAL from being reset
for i in range(0, 56000, 1000):
    s.query("insert into w values " + ",".join(f"({n},'{'x' * 1000}')" for n in range(i, i + 1000)))
PY
wal=$(stat -c %s "$DIR"/data/sqlite/*-wal 2>/dev/null || echo 0)
[ "$wal" -gt $((40 * 1024 * 1024)) ] || fail "the WAL holds only $wal bytes"
worst=$(python3 - "$DIR/run" "$PID" <<'PY'
import os, signal, subprocess, sys, time
from wire import Session
worst = 0
for _ in range(3):
    worker = int(subprocess.check_output(["pgrep", "-P", sys.argv[2], "-f", "sqlite"], text=True).split()[0])
    os.kill(worker, signal.SIGKILL)
    start = time.monotonic()
    s = Session(sys.argv[1], timeout=60)
    assert s.query("select 1") == [["1"]]
    worst = max(worst, time.monotonic() - start)
    assert s.query("select count(*) from w") == [["56000"]], "rows are missing after the recovery"
    time.sleep(1.2)
print(int(worst * 1000))
PY
) || fail "see above"
less "$worst" 100 "ms until answered after a kill"
say "WAL of $((wal / 1048576)) MiB: worst answer after a kill $worst ms"
