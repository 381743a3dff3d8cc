# Rotation at full load: 10 rotations under 50 clients fail no statement, in each protocol mode; a session that holds on
# to its connection gets its time and is then named; by the clock, and only as often as it says
# engines: docker
# seconds: 300
# alone: fifty clients whose statements must end within the grace of a rotation
. "$(dirname "$0")/../postgres.sh"
requires psql pgbench
sides() {
	superuser "select string_agg(distinct right(rolname, 1), \
'') from pg_roles where rolname ~ '^bibd_[a-z]*_[ab]\$' and rolcanlogin"
}
users() {
	superuser "select string_agg(distinct usename, ' ') from pg_stat_activity where usename ~ '^bibd_[a-z]*_$1\$'"
}
rotate() {
	bibctl rotate credentials >"$WORK/rotate" 2>&1 || fail "rotate: $(cat "$WORK/rotate") $(tail -n 5 "$DIR/log")"
}
other() { [ "$1" = a ] && echo b || echo a; }
POSTGRES="    credential_rotation_grace: 4s"
start_postgres
equal "$(sides)" a "the logins that can log in at first"
equal "$(superuser "select count(*) from pg_authid where rolname ~ '_b\$' and rolpassword is not null")" 0 \
    "passwords of the others"
equal "$(sql -U write 'select session_user')" bibd_write_a "the login of a session"
export PGHOST=$DIR/run
pgbench -i -q -s 5 >"$WORK/out" 2>&1 || fail "$(cat "$WORK/out")"
longest=0
for mode in simple extended prepared; do
	if [ $mode = prepared ]; then
		# pgbench waits for each Prepare, and its other clients with it: they need connections of their own
		stop_node; POSTGRES="$POSTGRES
    pool: {size: 60}"; start_postgres
	fi
	pgbench -n -c 50 -j 2 -T 16 -M $mode >"$WORK/$mode" 2>&1 & load=$!
	sleep 2
	for round in 1 2 3 4 5 6 7 8 9 10; do
		begin=$(now_ms); before=$(sides); rotate; took=$(($(now_ms) - begin))
		[ $took -le "$longest" ] || longest=$took
		until_true 6 test "$(other "$before")" = "$(sides)" ||
		    fail "round $round: logins $(sides) after $before: $(cat "$WORK/rotate")"
		[ -z "$(users "$before")" ] || fail "round $round: still used: $(users "$before")"
		sleep 0.5
	done
	wait $load || fail "$mode: $(cat "$WORK/$mode")"
	grep -q 'number of failed transactions: 0 ' "$WORK/$mode" || fail "$mode: $(grep failed "$WORK/$mode")"
	! grep -iE 'error|abort|fatal' "$WORK/$mode" || fail "$mode failed statements"
	figures="${figures:-} $mode $(sed -n 's/^tps = \([0-9]*\).*/\1/p' "$WORK/$mode")/s"
done
equal "$(sql 'select (select sum(abalance) from pgbench_accounts) = (select sum(delta) from pgbench_history)')" t \
    "balances"
equal "$(bibctl events | grep -c credentials.rotated)" 10 "events"
grep -q 'SCRAM-SHA-256' "$DIR/log" && fail "a verifier is in bibd's log"
bibctl logs -n 100000 | grep -q 'SCRAM-SHA-256' && fail "a verifier is in the server's log"
say "30 rotations, the longest $longest ms:$figures"
# one who holds on: a transaction, and a session that is pinned
before=$(sides)
psql -X -qAt -U write -c 'begin' -c 'select pg_sleep(30)' >"$WORK/held" 2>&1 & held=$!
(echo 'create temp table t (a int); select 1;'; sleep 30) | psql -X -qAt -U admin >"$WORK/pinned" 2>&1 & pinned=$!
until_true 5 test -s "$WORK/pinned" || fail "no pinned session"
rotate; contains "$(cat "$WORK/rotate")" "database passwords rotated" "the answer after the grace"
for pid in $held $pinned; do alive "$pid" || true; done
until_true 5 grep -q 'terminating connection' "$WORK/held" || fail "the transaction: $(cat "$WORK/held")"
contains "$(bibctl events | tail -n 1)" "pid $held role write" "the event"
contains "$(bibctl events | tail -n 1)" "role admin" "the event"
equal "$(sides)" "$(other "$before")" "the logins after the grace"
said="new connections log in as bibd_\*_$(other "$before"); bibd_\*_$before can log in no more"
equal "$(log_lines "$said; ended because they still used them: .*pid $held role write")" 1 "the log of that rotation"
[ "$(log_lines "$said\$")" -ge 10 ] || fail "the log of rotations that ended nobody"
kill $pinned 2>/dev/null; wait $held $pinned 2>/dev/null
# asked twice at once: one rotation
before=$(sides); bibctl rotate credentials >"$WORK/one" 2>&1 & one=$!
bibctl rotate credentials >"$WORK/two" 2>&1; two=$?
wait $one; equal "$?$two" 00 "two at once: $(cat "$WORK/one" "$WORK/two")"
until_true 6 test "$(other "$before")" = "$(sides)" || fail "two at once"
# not everybody's
equal "$(setpriv --reuid=nobody --regid=0 --clear-groups "$BIBCTL" -s "$DIR/run/control.sock" rotate \
    credentials >/dev/null 2>&1; echo $?)" 77 "nobody rotates"
# what a client does to its login does not last
sql -U write "reset role; alter role current_user password 'mine'" >/dev/null; before=$(sides); rotate
until_true 6 test "$(other "$before")" = "$(sides)"; answers || fail "no answer after a changed password"
stop_node
# by the clock
POSTGRES="    credential_rotation_interval: 3s"; configure_postgres node; launch; wait_ready
before=$(bibctl events | grep -c credentials.rotated); sleep 11
n=$(($(bibctl events | grep -c credentials.rotated) - before))
if [ $n -lt 2 ] || [ $n -gt 4 ]; then fail "$n rotations in 11 s at an interval of 3 s"; fi
stop_node
POSTGRES="    credential_rotation_interval: 0s"; configure_postgres node; launch; wait_ready; sleep 3
# one that the stop has interrupted goes on, and none begins
if tac "$DIR/log" | sed '/started in .* storage is coming up/q' | grep -q 'rotating the database passwords'; then
	fail "a rotation began at an interval of 0s"
fi
stop_node
