# A program of phase 2 runs without a shell and without privileges, is started again when it ends, stops with the node
# and before storage, and storage goes on without one that fails
. "$(dirname "$0")/../lib.sh"
requires psql
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 100ms"
runs_as=$ME; [ "$ME" != root ] || runs_as=nobody
EXTRA="p2p: {enabled: true, command: [/bin/sleep, '98765'], user: $runs_as}"
start_node
part() { pgrep -P "$PID" -f 'sleep 98765'; }
until_true 5 part || fail "the program does not run"
first=$(part)
equal "$(awk '/^NoNewPrivs:/ { print $2 }' "/proc/$first/status")" 1 "no_new_privs"
kill -9 "$first"
came_back() { [ -n "$(part)" ] && [ "$(part)" != "$first" ]; }
until_true 5 came_back || fail "the program was not started again"
answers || fail "storage noticed"
last=$(part); stop_node
gone "$last" || fail "the program outlives bibd"

# One that ends at once is tried again after retry_backoff each time, also the first, and costs storage nothing.
HEALTH="interval: 500ms, action: retry_limit, max_retries: 2, retry_backoff: 200ms" \
    EXTRA="p2p: {enabled: true, command: [/bin/false], user: $runs_as}" start_node failing
left_out() { grep -q 'p2p is not started again' "$DIR/log"; }
until_true 10 left_out || fail "it is tried for ever"
equal "$(log_lines 'p2p is started again in 200 ms')" 2 "tries after retry_backoff"
equal "$(log_lines 'p2p .*exited with status 1')" 3 "failures"
contains "$(bibctl events)" "component.failed" "the event"
ready || fail "the node is not ready without it"
answers || fail "storage does not answer without it"
stop_node

# It is storage's client until its end.
cat >"$WORK/last.sh" <<SH
trap 'psql -h "$WORK/last/run" -U write -d bibd -Xqc "insert into t values (2)"; exit 0' TERM
while :; do sleep 0.1; done
SH
ACCESS="  - {user: $runs_as, roles: [admin, write, query, audit]}
  - {user: $ME, roles: [admin, write, query, audit]}"
EXTRA="p2p: {enabled: true, command: [/bin/bash, $WORK/last.sh], user: $runs_as}" HEALTH="" start_node last
sql 'create table t (a int)' >/dev/null || fail "create table"
stop_node
equal "$(log_lines 'p2p .*killed|did not stop')" 0 "components killed"
launch; wait_ready; equal "$(sql 'select a from t')" 2 "what the program wrote when it was told to stop"
stop_node
