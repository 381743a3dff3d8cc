# bibctl pause lets open transactions end and new statements wait, is seen and audited, and is over by itself
# engines: none
. "$(dirname "$0")/../external.sh"
. "$tests/pause_clients.sh"
start_external 5
clients_are_paused_and_resumed
# A session that keeps its server connection waits as well.
held_psql 1
printf 'create temporary table t (a int); select %s;\n' "'made'" >&7
until_true 10 held_says 1 made || fail "no temporary table: $(cat "$WORK/held.1")"
bibctl pause >/dev/null || fail "pause beside a session that keeps its connection"
printf 'select count(*) from t;\n' >&7
sleep 0.5
held_says 1 made || fail "a session with a connection of its own is served while paused: $(cat "$WORK/held.1")"
bibctl resume >/dev/null || fail "resume"
until_true 10 held_says 1 0 || fail "it does not go on: $(cat "$WORK/held.1")"
exec 7>&-
stop_node
