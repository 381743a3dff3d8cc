# Migrations are applied in order, once; a changed, missing or failing one stops the start with its name and leaves
# nothing
. "$(dirname "$0")/../lib.sh"
requires psql
mkdir "$WORK/m"; chmod 755 "$WORK/m"
echo 'create table first (a int primary key); insert into first values (1);' >"$WORK/m/0001_first.sql"
echo 'alter table first add column b text;' >"$WORK/m/0002_second.sql"
chmod 644 "$WORK"/m/*
DATABASE="  migrations_dir: $WORK/m"
start_node
equal "$(sql 'select a, b is null from first')" "1|t" "what the migrations made"
stop_node; launch; wait_ready; equal "$(sql 'select count(*) from first')" 1 "after a second start"; stop_node
stopped() { # NAME
	launch; reap 15; equal "$STATUS" 78 "exit status ($1)"
	tail -n 3 "$DIR/log" | grep -q "$1" || fail "the last lines do not name $1"
}
cp "$WORK/m/0001_first.sql" "$WORK/kept"; echo '-- changed' >>"$WORK/m/0001_first.sql"; stopped 0001_first.sql
rm "$WORK/m/0001_first.sql"; stopped 0001_first.sql
cp "$WORK/kept" "$WORK/m/0001_first.sql"
echo 'create table third (a int); insert into nosuch values (1);' >"$WORK/m/0003_third.sql"
launch; reap 15; [ "$STATUS" != 0 ] || fail "a failing migration does not stop the start"
tail -n 3 "$DIR/log" | grep -q 0003_third.sql || fail "the failing migration is not named"
rm "$WORK/m/0003_third.sql"
launch; wait_ready
equal "$(state 'select * from third')" 42P01 "the table of the failed migration"
stop_node
