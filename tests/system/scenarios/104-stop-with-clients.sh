# SIGTERM: idle clients are told 57P01, a running statement is given shutdown_timeout, a second SIGTERM shortens it
. "$(dirname "$0")/../lib.sh"
requires psql python3
SERVER=; start_node
python3 - "$DIR/run" "$PID" <<'PY' || fail "see above"
import os, signal, sys, threading, time
from wire import Failed, Session
run, pid = sys.argv[1], int(sys.argv[2])
a, b = Session(run), Session(run)
a.query("create table t (a int)"); a.query("insert into t values (1)")
long = "with recursive t(n) as (select 1 union all select n+1 from t where n < 1000) select count(*) from t a, t b, " \
    "t c where a.n + b.n + c.n = -1"
end = []
def work():
    t = time.monotonic()
    try: b.query(long); end.append("finished")
    except Failed as e: end.append(e.code)
    except ConnectionResetError: end.append("cut")
    end.append(time.monotonic() - t)
th = threading.Thread(target=work); th.start(); time.sleep(0.5)
os.kill(pid, signal.SIGTERM)
try:
    kind, body = a.message()
    assert kind == "E" and b"57P01" in body, (kind, body)
except ConnectionResetError: print("an idle client was cut without 57P01"); sys.exit(1)
time.sleep(0.5); assert th.is_alive(), "the running statement was not given its time"
os.kill(pid, signal.SIGTERM); th.join(5)
assert not th.is_alive(), "a second SIGTERM does not shorten the wait"
assert end[0] in ("57P01", "57014"), end
PY
reap 10; equal "$STATUS" 0 "exit status"
