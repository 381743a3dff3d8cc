# Limits of clients: of one uid, of those who keep silent, and the time that they have; another uid still gets in
. "$(dirname "$0")/../lib.sh"
requires psql python3
SERVER="max_starting: 8, startup_timeout: 2s, max_clients: 20, max_clients_per_uid: 5" start_node
python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, time
from wire import Failed, Session
d = sys.argv[1]
def refused(words, **how):
    try: s = Session(d, user="query", **how); s.until_ready() if how else None
    except Failed as e: assert e.code == "53300" and words in str(e), e; return
    sys.exit(f"let in in spite of {words}")
held = [Session(d, user="query") for _ in range(5)]
refused("server.max_clients_per_uid is 5")
Session(d).query("select 1") # admin gets in all the same
held.pop().close(); time.sleep(.3); held.append(Session(d, user="query"))
for h in held: h.close()
# Two of the uid may keep silent; the third hears so at once, and who has sent its packet is served beside them.
silent = [Session(d, start=False) for _ in range(2)]
begun = time.monotonic(); time.sleep(.1)
refused("server.max_starting (8)", start=False)
assert time.monotonic() - begun < 1.5
served = 0
for n in range(20):
    try: Session(d).close(); served += 1
    except BrokenPipeError: pass # the server looked before the packet came
    except Failed as e: assert "max_starting" in str(e), e
# A byte now and then gains no time.
while True:
    try: silent[0].socket.send(b"\0")
    except OSError: break
    assert time.monotonic() - begun < 6, "a client that sends a byte now and then is still there"
    time.sleep(.3)
for s in silent[1:]:
    try: s.until_ready(); sys.exit("?")
    except Failed as e: assert e.code == "57014" and "server.startup_timeout" in str(e), e
took = time.monotonic() - begun
assert 1.8 < took < 6, took
Session(d).query("select 1")
print(f"{served} of 20 were served beside silent ones")
print(f"silent connections were ended after {took:.1f} s")
PY
refusals() {
	[ "$(sql -U audit "select count(*) > 0 from bibd.audit where kind = 'refused' and result = '53300'")" = t ]
}
until_true 5 refusals || fail "no refusal in the audit table"
