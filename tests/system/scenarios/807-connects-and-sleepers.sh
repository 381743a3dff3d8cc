# 20,000 connects, and readers asleep on results of 200 MB: the worker lives, holds little, and admin gets in
# for: root
. "$(dirname "$0")/../lib.sh"
requires psql python3
ACCESS="  - {user: root, roles: [admin, query]}
  - {user: nobody, roles: [query]}"
start_node
worker=$(worker sqlite)
python3 - "$DIR/run" "$worker" "$((SLOW * BESIDE))" <<'PY' || fail "see above"
import os, sys, time
from wire import Session
d, worker, slow = sys.argv[1], sys.argv[2], int(sys.argv[3])
def admin(what):
    begun = time.monotonic(); assert Session(d).query("select 1") == [["1"]]; took = time.monotonic() - begun
    if took > 5 * slow: sys.exit(f"{what}: admin got in after {took:.2f} s")
def held():
    with open(f"/proc/{worker}/status") as f: return int(next(l.split()[1] for l in f if l.startswith("VmHWM"))) >> 10
# Of another uid, four hundred at a time: a quarter say who they are, the others nothing.
def crowds(go, done):
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
    while os.read(go, 1):
        crowd = []
        for n in range(400):
            try: s = Session(d, user="query", start=False); crowd.append(s)
            except OSError: continue
            if n % 4 == 0:
                try: s.send_startup(user="query", database="bibd")
                except OSError: pass # refused already: too many that have not said who they are
        os.write(done, b".")
        os.read(go, 1)
        for s in crowd: s.close()
        os.write(done, b".")
    os._exit(0)
(go_out, go), (done, done_in) = os.pipe(), os.pipe()
if os.fork() == 0:
    os.close(go); crowds(go_out, done_in)
for batch in range(50):
    os.write(go, b"."); assert os.read(done, 1)
    if batch % 10 == 0: admin(f"beside crowd {batch}")
    os.write(go, b"."); assert os.read(done, 1)
os.close(go)
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
