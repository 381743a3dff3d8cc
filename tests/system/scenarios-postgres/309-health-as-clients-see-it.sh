# Health is what clients see: a check on their socket beside kept connections, and clients that wait in vain, which is
# load
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
HEALTH="interval: 300ms, timeout: 1s, action: shutdown" SERVER="max_clients: 4, max_clients_per_uid: 4"
POSTGRES="    pool: {size: 2}"
start_postgres
start=$(superuser 'select pg_postmaster_start_time()')
log_has() { grep -c "$1" "$DIR/log"; }
# All connections kept, and all clients' places taken, while nobody waits: no failure. The check is in no list.
python3 - "$DIR/run" "$BIBCTL" <<'PY' || fail "see above"
import subprocess, sys, time
from wire import Session
d = sys.argv[1]
held = [Session(d, "write") for _ in range(4)]
for s in held[:2]: s.query("select pg_advisory_lock_shared(1)")
for _ in range(15):
    listed = subprocess.run([sys.argv[2], "-s", d + "/control.sock", "--json", "clients"], capture_output=True,
        text=True).stdout
    assert listed.count('"role":') == 4, listed
    time.sleep(.2)
for s in held: s.close()
PY
bibctl pause --for 3s >/dev/null || fail "pause"
equal "$(sql 'select 1')" 1 "a statement after the pause"
equal "$(log_has 'is not healthy')" 0 "not healthy: $(grep 'is not healthy' "$DIR/log")"

# The check leaves what a session has of sequences on its connection.
python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, time
from wire import Session
s = Session(sys.argv[1], "admin")
s.query("create sequence health_s"); s.query("select nextval('health_s')")
time.sleep(1.5)
assert s.query("select lastval()") == [["1"]]
PY

# Some wait while statements have both connections for long.
for n in 60 61; do sql -U write "select pg_sleep($n)" >/dev/null 2>&1 & done
sleeping() {
	[ "$(superuser "select count(*) from pg_stat_activity where query like 'select pg_sleep%' and state = \
'active'")" = 2 ]
}
until_true 20 sleeping || fail "they do not sleep"
sql -U query "select 'served'" >"$WORK/waited" 2>&1 & waits=$!
told() { grep -q 'is not healthy: no client has been answered for .* all 2 server connections' "$DIR/log"; }
until_true 20 told || fail "nobody was told: $(tail -n 3 "$DIR/log")"
superuser "select pg_cancel_backend(pid) from pg_stat_activity where query like 'select pg_sleep%' and state = \
'active'" >/dev/null
wait "$waits"; equal "$(cat "$WORK/waited")" served "who waited"
well() { tail -n 1 "$DIR/log" | grep -q 'is healthy again'; }
until_true 20 well || fail "it is not healthy again: $(tail -n 3 "$DIR/log")"

# Server processes that hang are seen by the check, while the server itself answers.
pids=$(pgrep -P "$(postmaster)" -f 'postgres: bibd_(admin|write|query|audit)')
[ -n "$pids" ] || fail "no server process of bibd's"
# shellcheck disable=SC2086 # a word for each
kill -STOP $pids
hangs() { grep -q "bibd's own check connected to the client socket, and .select 1. was not answered" "$DIR/log"; }
until_true 20 hangs || fail "nobody was told: $(tail -n 3 "$DIR/log")"
# shellcheck disable=SC2086 # as above
kill -CONT $pids
until_true 20 well || fail "it is not healthy again: $(tail -n 3 "$DIR/log")"
alive "$PID" || fail "bibd ended"
equal "$(superuser 'select pg_postmaster_start_time()')" "$start" "the server's start time"
stop_node
