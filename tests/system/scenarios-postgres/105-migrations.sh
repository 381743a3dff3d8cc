# Migrations on PostgreSQL: in order, once, each whole or not at all; a changed, missing or failing one stops the start
# with its name; what applications see of them
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
mkdir "$WORK/m"; chmod 755 "$WORK/m"
echo 'create table first (a int primary key); insert into first values (1);' >"$WORK/m/0001_first.sql"
printf 'alter table first add column b text;\ncreate function f() returns int language plpgsql as $$ begin return 7; '\
'end $$;\n' >"$WORK/m/0002_second.sql"
chmod 644 "$WORK"/m/*
DATABASE="  migrations_dir: $WORK/m"
start_postgres
equal "$(sql 'select a, b is null, f() from first')" "1|t|7" "what the migrations made"
equal "$(sql -U query 'select count(*) from first')" 1 "what they made, for the role query"
equal "$(sql -U write 'insert into first values (2) returning a')" 2 "for the role write"
equal "$(sql "select pg_get_userbyid(relowner) from pg_class where relname = 'first'")" admin "the owner"
equal "$(sql -U audit 'select count(*) >= 0 from bibd.audit')" t "bibd's own migration"
stop_node; launch; wait_ready; equal "$(sql 'select count(*) from first')" 2 "after a second start"; stop_node
stopped() { # NAME
	launch; reap 60; equal "$STATUS" 78 "exit status ($1)"
	tail -n 5 "$DIR/log" | grep -q "$1" || fail "the last lines do not name $1: $(tail -n 3 "$DIR/log")"
	[ "$(engine_cli ps -q | wc -l)" = 0 ] || fail "the container runs on ($1)"
}
cp "$WORK/m/0001_first.sql" "$WORK/kept"; echo '-- changed' >>"$WORK/m/0001_first.sql"; stopped 0001_first.sql
rm "$WORK/m/0001_first.sql"; stopped 0001_first.sql
cp "$WORK/kept" "$WORK/m/0001_first.sql"
echo 'create table third (a int); insert into nosuch values (1);' >"$WORK/m/0003_third.sql"
launch; reap 60; [ "$STATUS" != 0 ] || fail "a failing migration does not stop the start"
tail -n 5 "$DIR/log" | grep -q 0003_third.sql || fail "the failing migration is not named"
tail -n 5 "$DIR/log" | grep -q nosuch || fail "the reason is not named"
rm "$WORK/m/0003_third.sql"
launch; wait_ready
equal "$(state 'select * from third')" 42P01 "the table of the failed migration"
stop_node
