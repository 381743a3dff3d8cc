# pgbench: initialises, runs its transactions in every protocol mode with many clients, and the balances add up
. "$(dirname "$0")/../lib.sh"
requires psql pgbench
start_node
export PGHOST=$DIR/run
pgbench -i -q -s 1 >"$WORK/out" 2>&1 || fail "$(cat "$WORK/out")"
for mode in simple extended prepared; do
	pgbench -n -c 20 -j 2 -T 2 -M $mode --max-tries=100 >"$WORK/out" 2>&1 || fail "$mode: $(cat "$WORK/out")"
	grep -q 'number of failed transactions: 0 ' "$WORK/out" || fail "$mode: $(grep failed "$WORK/out")"
	pgbench -n -S -c 20 -j 2 -T 1 -M $mode >"$WORK/out" 2>&1 || fail "$mode -S: $(cat "$WORK/out")"
done
equal "$(sql 'select (select sum(abalance) from pgbench_accounts) = (select sum(delta) from pgbench_history)')" t \
    "balances"
