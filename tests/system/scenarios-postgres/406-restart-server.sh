# bibctl restart server loses no client that is idle or between transactions, and is not counted as a failure
# engines: docker
. "$(dirname "$0")/../postgres.sh"
. "$tests/pause_clients.sh"
requires psql
start_postgres
sql "create table kept (a int)" >/dev/null || fail "create table"
held_psql 1; held_psql 2
printf 'select %s;\n' "'idle'" >&7
until_true 10 held_says 1 idle || fail "no session"
printf 'begin; insert into kept values (1); select %s;\n' "'in'" >&8
until_true 10 held_says 2 in || fail "no transaction"
before=$(inspect '{{.State.StartedAt}} {{.Id}}')
bibctl restart server >"$WORK/restart" 2>&1 & p=$!
until_true 10 status_has "being paused" || fail "it is not waited for the transaction"
printf 'select count(*) from kept;\n' >&7 # waits
printf 'insert into kept values (2); commit;\n' >&8
wait "$p" || fail "restart server: $(cat "$WORK/restart")"
contains "$(cat "$WORK/restart")" "the PostgreSQL server was restarted in " "what it says"
case $(cat "$WORK/restart") in *lost*) fail "a transaction was lost: $(cat "$WORK/restart")" ;; esac
[ "$(inspect '{{.State.StartedAt}} {{.Id}}')" != "$before" ] || fail "the container is the one of before"
until_true 30 held_says 1 2 || fail "the client that waited: $(cat "$WORK/held.1")"
printf 'select %s;\n' "'goes on'" >&8
until_true 30 held_says 2 "goes on" || fail "the client with the transaction: $(cat "$WORK/held.2")"
contains "$(bibctl --json status)" '"restarts":0' "restarts of the server"
bibctl --json status | grep -q '"restarts":[1-9]' && fail "something counts as restarted: $(bibctl --json status)"
out=$(bibctl events)
contains "$out" "it is restarted, as bibctl of uid $(id -u) asks" "the event"
contains "$out" "server.restarted" "the event of its end"
grep -q "PostgreSQL did not shut down cleanly" "$DIR/log" && fail "it was not stopped cleanly"
exec 8>&-
# Under load: sessions that are between transactions, which is where these always are soon, do not notice; no row is
# lost.
load_start
bibctl restart server >"$WORK/restart" || fail "restart server under load: $(cat "$WORK/restart")"
case $(cat "$WORK/restart") in *lost*) fail "a transaction was lost under load: $(cat "$WORK/restart")" ;; esac
load_goes_on 30 || fail "the load does not go on: $(cat "$WORK/load.out")"
load_stop
equal "$(cat "$WORK/load.out")" "0 sessions cut, 0 ended" "sessions under load"
contains "$(bibctl --json status)" '"restarts":0' "restarts of the server"
# A transaction that does not end is lost, and said to be.
printf 'begin; select %s;\n' "'stays'" >&7
until_true 10 held_says 1 stays || fail "no transaction"
out=$(bibctl restart server) || fail "restart server beside a transaction that stays: $out"
contains "$out" "1 transaction was lost" "what it says"
equal "$(sql 'select count(*) from kept')" 2 "rows"
exec 7>&-
stop_node
