# kill -9 of each worker while 50 clients insert: one cause line, no refused connection, no acknowledged row lost
# alone: measures milliseconds
. "$(dirname "$0")/../lib.sh"
requires psql python3
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 100ms"
start_node
sql 'create table k (client int, n int, primary key (client, n))' || fail "create"
python3 "$tests/load.py" "$DIR/run" 50 "$WORK/acknowledged" "$WORK/stop" >"$WORK/load.out" 2>&1 & load=$!
until_true 10 test -s "$WORK/acknowledged" || fail "the load does not start: $(cat "$WORK/load.out")"
worst=0 kills=0
for _ in 1 2 3 4 5 6; do
	sleep 1.2
	victim=$(worker sqlite) other=$(worker control)
	kill -9 "$victim"; start=$(now_ms)
	answers || fail "a new connection after the kill was not answered"
	took=$(($(now_ms) - start)); [ $took -gt $worst ] && worst=$took
	kills=$((kills + 1))
	equal "$(worker control)" "$other" "the control worker's pid"
done
sleep 0.3; victim=$(worker control) other=$(worker sqlite)
kill -9 "$victim"; until_true 3 ready || fail "bibctl does not answer after the control worker was killed"
equal "$(worker sqlite)" "$other" "the sqlite worker's pid"
touch "$WORK/stop"; wait $load || fail "the load: $(cat "$WORK/load.out")"
equal "$(log_lines 'bibd-sqlite.*(signal 9|SIGKILL|[Kk]illed)')" $kills "cause lines for the sqlite worker"
equal "$(log_lines 'bibd-control.*(signal 9|SIGKILL|[Kk]illed)')" 1 "cause lines for the control worker"
sql 'select client, n from k' | sort >"$WORK/stored"
lost=$(sort "$WORK/acknowledged" | comm -23 - "$WORK/stored" | wc -l)
equal "$lost" 0 "acknowledged rows that are gone"
less $worst 150 "ms until psql is answered under load"
say "$(wc -l <"$WORK/acknowledged") acknowledged, none lost; worst answer after $kills kills $worst ms; $(tail -n 1 \
    "$WORK/load.out")"
