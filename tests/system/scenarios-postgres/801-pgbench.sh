# pgbench: initialises, runs its transactions in every protocol mode with many clients, and the balances add up
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql pgbench
start_postgres
export PGHOST=$DIR/run
pgbench -i -q -s 1 >"$WORK/out" 2>&1 || fail "$(cat "$WORK/out")"
# A thread for each client: pgbench prepares in a way that holds up its thread, and with it clients who have a
# connection.
for mode in simple extended prepared; do
	pgbench -n -c 50 -j 50 -T 3 -M $mode --max-tries=100 >"$WORK/out" 2>&1 || fail "$mode: $(cat "$WORK/out")"
	grep -q 'number of failed transactions: 0 ' "$WORK/out" || fail "$mode: $(grep failed "$WORK/out")"
	pgbench -n -S -c 100 -j 100 -T 2 -M $mode >"$WORK/out" 2>&1 || fail "$mode -S: $(cat "$WORK/out")"
	figures="${figures:-} $mode $(sed -n 's/^tps = \([0-9]*\).*/\1/p' "$WORK/out")"
done
pgbench -n -S -C -c 20 -j 2 -T 2 >"$WORK/out" 2>&1 || fail "-C: $(cat "$WORK/out")"
equal "$(sql 'select (select sum(abalance) from pgbench_accounts) = (select sum(delta) from pgbench_history)')" t \
    "balances"
stop_node
say "selects a second with 100 clients:$figures"
