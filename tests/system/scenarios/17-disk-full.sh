# Out of disk: inserts fail with 53100, reads go on, and writes come back when there is room
# for: root
. "$(dirname "$0")/../lib.sh"
requires psql
mkdir -p "$WORK/node/data"; chmod 755 "$WORK/node"
mount -t tmpfs -o size=8m,mode=711 bibd-test "$WORK/node/data" 2>/dev/null || skip "no tmpfs can be mounted here"
mounted+=("$WORK/node/data")
start_node
sql 'create table t (a int primary key, b text)' || fail "create"
sql "insert into t values (0, 'first')" || fail "insert"
dd if=/dev/zero of="$WORK/node/data/fill" bs=64k 2>/dev/null
got=
for i in $(seq 1 200); do
	got=$(state "insert into t values ($i, '$(printf 'x%.0s' {1..20000})')"); [ "$got" = ok ] || break
done
equal "$got" 53100 "an insert with no room left"
equal "$(sql 'select b from t where a = 0')" first "a read with no room left"
kept=$(sql 'select count(*) from t')
equal "$kept" "$i" "rows: those acknowledged and no other"
rm "$WORK/node/data/fill"
writes_again() { [ "$(state "insert into t values (1000, 'again')")" = ok ]; }
until_true 10 writes_again || fail "writes have not come back"
until_true 5 ready || fail "not ready afterwards"
stop_node
