# Where more is written than objects of changes hold, a backup comes to its end and the log stays within its bound
. "$(dirname "$0")/../lib.sh"
requires psql
EXTRA="backup: {repository: $WORK/repository}"
start_node
await_backup 20
sql "create table big as select n, 'x' as t from generate_series(1, 2500) s(n)" >/dev/null
# Transactions of 10 MB, one after the other: an object of changes holds 8.
for round in $(seq 1 4000); do echo "update big set t = repeat('$((round % 10))', 4000);"; done >"$WORK/updates"
psql -h "$DIR/run" -U admin -d bibd -X -q -v ON_ERROR_STOP=1 -f "$WORK/updates" >"$WORK/load" 2>&1 & load=$!
started+=("$load")
changed() { [ "$(sql "select count(*) from big where length(t) = 4000")" = 2500 ]; }
until_true 20 changed || fail "no load: $(cat "$WORK/load")"
kill -KILL "$(worker bibd-archive)"
sleep 3
take_backup() { bibctl backup >"$WORK/said" 2>&1; }
until_true 20 take_backup || fail "a backup beside it: $(cat "$WORK/said")"
kill -0 "$load" 2>/dev/null || fail "the load has ended: $(cat "$WORK/load")"
kill "$load"; wait "$load" 2>/dev/null
used=$(du -m "$DIR/data/sqlite/cache.db-wal" | cut -f 1)
[ "$used" -lt 300 ] || fail "the log has grown to $used MB"
echo "the log has $used MB"
stop_node
