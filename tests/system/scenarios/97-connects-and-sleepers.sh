# 20,000 connects, and readers asleep on results of 200 MB: the worker lives, holds little, and admin gets in
. "$(dirname "$0")/../lib.sh"
requires psql python3
start_node
worker=$(worker sqlite)
python3 - "$DIR/run" "$worker" "$((SLOW * BESIDE))" <<'PY' || fail "see above"
import socket, sys, time
from wire import Session
d, worker, slow = sys.argv[1], sys.argv[2], int(sys.argv[3])
def admin(what):
    begun = time.monotonic(); assert Session(d).query("select 1") == [["1"]]; took = time.monotonic() - begun
    if took > 5 * slow: sys.exit(f"{what}: admin got in after {took:.2f} s")
def held():
    with open(f"/proc/{worker}/status") as f: return int(next(l.split()[1] for l in f if l.startswith("VmHWM"))) >> 10
# Four hundred at a time: a quarter say who they are, the others nothing.
for batch in range(50):
    crowd = []
    for n in range(400):
        s = Session(d, user="query", start=False); crowd.append(s)
        if n % 4 == 0:
            try: s.send_startup(user="query", database="bibd")
            except OSError: pass # refused already: too many that have not said who they are
    if batch % 10 == 0: admin(f"beside crowd {batch}")
    for s in crowd: s.close()
admin("after the crowds")
sleepers = [Session(d, user="query") for _ in range(8)]
for s in sleepers: s.send("Q", b"select repeat('x', 1000000) from generate_series(1, 200)\0")
for _ in range(5): time.sleep(.1); admin("beside readers asleep")
if held() > 256 * slow: sys.exit(f"the worker held {held()} MiB")
# One wakes up and gets all of it.
assert len(sleepers[0].until_ready()) == 200
print(f"the worker held at most {held()} MiB")
PY
equal "$(worker sqlite)" "$worker" "the worker's pid"
stop_node
