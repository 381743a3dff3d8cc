# Out of disk: what is acknowledged is kept, the cause is named, and the node is back when there is room, by itself
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 1s"
mkdir -p "$WORK/node/data"; chmod 755 "$WORK/node"
mount -t tmpfs -o size=160m,mode=711 bibd-test "$WORK/node/data" || fail "no tmpfs"
mounted+=("$WORK/node/data")
start_postgres
sql 'create table t (a int primary key, b text); alter table t alter b set storage plain' || fail "create"
sql "insert into t values (0, 'first')" || fail "insert"
fill() { dd if=/dev/zero of="$WORK/node/data/fill$1" bs=64k 2>/dev/null; }
# 1. no room for the table: the statement fails, and reads go on
fill 1; before=$(event_count)
acknowledged=0 got=
for i in $(seq 1 4000); do
	got=$(state "insert into t select $i * 1000 + n, repeat('x', 2000) from generate_series(1, 500) n")
	[ "$got" = ok ] || break
	acknowledged=$((acknowledged + 500))
done
case $got in 53100 | 57P0? | 08006 | refused) ;; *) fail "an insert with no room left: $got" ;; esac
died() { event_since "$before" 'server\.(disk_full|exited|killed)'; }
# 2. no room for the log of transactions: the server panics, or starts no more; that is said as what it is
if until_true 10 died; then
	event_since "$before" server.disk_full ||
	    fail "the cause is not named: $(bibctl events | tail -n +$((before + 1)))"
	grep 'the PostgreSQL server failed' "$DIR/log" | grep -qiE 'disk|space' ||
	    fail "no cause line: $(tail -n 5 "$DIR/log")"
else
	equal "$(sql 'select b from t where a = 0')" first "a read with no room left"
fi
alive "$PID" || fail "bibd ended"
rm -f "$WORK"/node/data/fill*
writes_again() { [ "$(state "insert into t values (-1, 'again') on conflict do nothing")" = ok ]; }
until_true 60 writes_again || fail "writes have not come back"
until_true 5 ready || fail "not ready afterwards"
equal "$(sql 'select count(*) from t where a > 0')" "$acknowledged" "rows: those acknowledged and no other"
stop_node
say "the insert said $got; $(grep -m 1 'the PostgreSQL server failed' "$DIR/log" || echo 'the server went on')"
