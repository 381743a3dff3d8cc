# bibctl pause lets open transactions end and new statements wait, is seen and audited, and is over by itself; a new
# worker stays paused
. "$(dirname "$0")/../lib.sh"
. "$tests/pause_clients.sh"
start_node
clients_are_paused_and_resumed
bibctl pause >/dev/null || fail "pause"
w=$(worker bibd-sqlite); kill -KILL "$w"
until_true 20 new_worker bibd-sqlite "$w" || fail "no new worker"
until_true 20 status_has "paused" || fail "the pause is forgotten: $(bibctl status)"
sql 'select 7' >"$WORK/seven" 2>&1 & p=$!
until_true 20 clients_wait 1 || fail "a new worker serves although the node is paused: $(cat "$WORK/seven")"
bibctl resume >/dev/null || fail "resume"
wait "$p" || fail "the client that waited: $(cat "$WORK/seven")"
equal "$(cat "$WORK/seven")" 7 "its answer"
out=$(bibctl restart server 2>&1); equal $? 64 "restart server on SQLite"
contains "$out" "this node is on SQLite, which has no server" "restart server on SQLite"
# A stop does not wait for those who wait.
bibctl pause >/dev/null || fail "pause"
sql 'select 1' >"$WORK/told" 2>&1 &
until_true 10 clients_wait 1 || fail "it does not wait"
stop_node
contains "$(cat "$WORK/told")" "terminating connection due to administrator command" "what the client is told"
