# Health is what clients see: a check on their socket, by no rule or bound of theirs, and whether they wait in vain
. "$(dirname "$0")/../lib.sh"
requires psql python3
HEALTH="interval: 200ms, timeout: 400ms" SQLITE="max_open_conns: 2" SERVER="max_clients: 3, max_clients_per_uid: 3"
start_node
ctl() { "$BIBCTL" -s "$DIR/run/control.sock" "$@"; }
events() { ctl events | grep -c "$1"; }
worker=$(worker sqlite)

# Connections that are kept, and all places taken, while nobody waits: no failure. The check is in no list.
python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, time
from wire import Session
d = sys.argv[1]
held = [Session(d) for _ in range(3)]
for s in held[:2]: s.query("begin"); s.query("select count(*) from pg_class")
seen = 0
for _ in range(20):
    seen += held[2].query("select count(*) from pg_stat_activity")[0][0] != "3"
    time.sleep(.1)
assert not seen, f"the check was seen {seen} times"
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
psql -h "$DIR/run" -XqAtc "select pg_terminate_backend(pid) from pg_stat_activity where query like '%generate_series%' and pid <> pg_backend_pid()" >/dev/null || fail "terminate"
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
equal "$(psql -h "$DIR/run" -U audit -XqAtc "select count(*) from bibd.audit where kind = 'refused'")" 0 "refused connections in the trail"
say "$(ctl events | grep -o 'no client has been answered.*' | head -n 1)"
stop_node
