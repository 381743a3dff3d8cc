# Health is what clients see: bibd's check on their socket, which needs no rule and takes no place, and clients that
# wait in vain
. "$(dirname "$0")/../lib.sh"
requires psql python3
HEALTH="interval: 200ms, timeout: 400ms" SQLITE="max_open_conns: 2" SERVER="max_clients: 3, max_clients_per_uid: 3"
start_node
ctl() { "$BIBCTL" -s "$DIR/run/control.sock" "$@"; }
events() { ctl events | grep -c "$1"; }
worker=$(worker sqlite)

# One connection kept by a snapshot, which is as many as may be, the other at work, and all places taken, while nobody
# waits: no failure. The check is in no list.
python3 - "$DIR/run" "$BIBCTL" <<'PY' || fail "see above"
import json, subprocess, sys, time
from wire import Failed, Session
d, bibctl = sys.argv[1:]
snapshot, busy, other = [Session(d, user=user) for user in ("query", "query", "admin")]
snapshot.query("begin isolation level repeatable read"); snapshot.query("select count(*) from pg_class")
busy.send("Q", b"select count(*) from generate_series(1,1000000000000)\0")
def held():
    status = subprocess.run([bibctl, "-s", d + "/control.sock", "--json", "status"], capture_output=True,
        text=True).stdout
    kept = json.loads(status)["storage"]["connections"]["pinned"]
    return kept, other.query("select count(*) from pg_stat_activity where state = 'active' and usename = 'query'")[0][0]
time.sleep(.3)
assert held() == (1, "1"), f"kept and at work: {held()}"
time.sleep(1.5) # nobody is answered: a check that is not would be a failure
assert held() == (1, "1"), f"kept and at work: {held()}"
seen = 0
for _ in range(20):
    seen += other.query("select count(*) from pg_stat_activity")[0][0] != "3"
    time.sleep(.1)
assert not seen, f"the check was seen {seen} times"
other.query("select pg_cancel_backend(pid) from pg_stat_activity where state = 'active' and usename = 'query'")
try: busy.until_ready(); sys.exit("it was not cancelled")
except Failed as e: assert "57014" in str(e), e
PY
ctl pause --for 2s >/dev/null || fail "pause"
equal "$(psql -h "$DIR/run" -XqAtc 'select 1')" 1 "a statement after the pause"
equal "$(events 'bibd-sqlite.*process.unhealthy\|not healthy\|no client has been')" 0 "events: $(ctl events)"

# Somebody waits while statements hold both connections for long: nobody is answered.
python3 - "$DIR/run" <<'PY' &
import sys, time
from wire import Failed, Session
held = [Session(sys.argv[1], user="query", timeout=120) for _ in range(3)]
for s in held[:2]: s.send("Q", b"select count(*) from generate_series(1,1000000000000)\0")
time.sleep(.3)
held[2].send("Q", b"select 'served'\0")
assert held[2].until_ready() == [["served"]]
PY
client=$!; started+=("$client")
told() { ctl events | grep -q 'no client has been answered for'; }
until_true 30 told || fail "nobody was told: $(ctl events)"
contains "$(ctl status)" "no client has been answered" "status"
psql -h "$DIR/run" \
    -XqAtc "select pg_terminate_backend(pid) from pg_stat_activity where query like '%generate_series%' and pid <> \
pg_backend_pid()" >/dev/null || fail "terminate"
wait "$client" || fail "the client that waited"
well() { ctl events | tail -n 1 | grep -q 'healthy again'; }
until_true 30 well || fail "it is not healthy again: $(ctl events)"

# Nobody can connect.
mv "$DIR/run/.s.PGSQL.5432" "$DIR/run/away"
away() { ctl events | grep -q 'clients cannot connect to'; }
until_true 30 away || fail "nobody was told: $(ctl events)"
mv "$DIR/run/away" "$DIR/run/.s.PGSQL.5432"
until_true 30 well || fail "it is not healthy again: $(ctl events)"
answers || fail "psql is not answered"
equal "$(worker sqlite)" "$worker" "the worker's pid"
equal "$(psql -h "$DIR/run" -U audit -XqAtc "select count(*) from bibd.audit where bibd.audit.kind = 'refused'")" 0 \
    "refused connections in the trail"
say "$(ctl events | grep -o 'no client has been answered.*' | head -n 1)"
stop_node
