# bibctl top and metrics count each statement, transaction and answer of clients once, in either protocol, and no work
# of bibd's own
. "$(dirname "$0")/../postgres.sh"
requires psql pgbench
POSTGRES="    pool: {size: 4}"
start_postgres
metric() { bibctl metrics | awk -v name="$1" '$1 == name { print $2 }'; }
counts() {
	printf '%s %s %s\n' "$(metric bibd_statements_total)" "$(metric bibd_transactions_total)" \
	    "$(metric bibd_answer_seconds_count)"
}
export PGHOST=$DIR/run PGUSER=query
equal "$(counts)" "0 0 0" "counts without clients"
psql -XqAt -c 'select 1' -c 'begin' -c 'select 2' -c 'commit' -c 'select 1/0' >/dev/null 2>&1
equal "$(counts)" "5 3 5" "one by one"
# Of what pgbench asks by itself nothing: -n.
printf 'select 1;\n' >"$WORK/one.sql"
n=0
for mode in simple extended prepared; do
	pgbench -n -f "$WORK/one.sql" -M "$mode" -c 2 -t 50 >"$WORK/out" 2>&1 || fail "$(cat "$WORK/out")"
	n=$((n + 100))
	equal "$(counts)" "$((n + 5)) $((n + 3)) $((n + 5))" "after pgbench -M $mode"
done
psql -XqAt -c 'select pg_sleep(0.3)' >/dev/null || fail "a statement that runs long"
slow=$(($(metric 'bibd_answer_seconds_bucket{le="+Inf"}') - $(metric 'bibd_answer_seconds_bucket{le="0.262144"}')))
equal "$slow" 1 "answers of more than 262 ms"
# Who waits for a connection waits for an answer.
waiters=()
for _ in 1 2 3 4 5 6 7 8; do psql -XqAt -c 'select pg_sleep(0.4)' >/dev/null 2>&1 & waiters+=("$!"); done
wait "${waiters[@]}"
slow=$(($(metric 'bibd_answer_seconds_bucket{le="+Inf"}') - $(metric 'bibd_answer_seconds_bucket{le="0.524288"}')))
[ "$slow" -ge 3 ] || fail "of eight clients on four connections $slow waited for more than 524 ms"

pgbench -n -f "$WORK/one.sql" -c 2 -T 8 >"$WORK/out" 2>&1 & load=$!
until_true 10 sh -c "'$BIBCTL' -s '$DIR/run' clients | grep -q pgbench" ||
    fail "pgbench does not come: $(cat "$WORK/out")"
out=$(bibctl top -n 1 --interval 2s) || fail "top: $out"
rate=$(sed -nE 's/^rate +([0-9]+)\.[0-9] statements.*/\1/p' <<<"$out")
[ "${rate:-0}" -gt 50 ] || fail "the rate: $out"
grep -qE '^pool +[0-9]+ of [0-9]+ open, [0-9]+ busy, 0 pinned, [0-9]+ clients waiting$' <<<"$out" ||
    fail "the pool: $out"
grep -qE '^store +open, .*, probed in ' <<<"$out" || fail "the store: $out"
grep -qE '^[0-9]+ +query +[0-9]+\.[0-9] .*pgbench' <<<"$out" || fail "the busiest client: $out"
wait "$load" || fail "pgbench: $(cat "$WORK/out")"
real=$(sed -nE 's/^tps = ([0-9]+)\..*/\1/p' "$WORK/out")
if [ "$rate" -lt $((real / 3)) ] || [ "$rate" -gt $((real * 3)) ]; then
	fail "$rate statements a second by top, $real by pgbench"
fi
say "$rate statements a second by top, $real by pgbench"
stop_node
