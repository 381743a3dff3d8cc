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
for statement in 'copy first from stdin' 'commit' 'create temporary table third (a int)' 'select 1 / 0' \
    'insert into bibd_migrations select * from bibd_migrations' 'vacuum'; do
	echo "insert into first values (7); $statement;" >"$WORK/m/0003_third.sql"
	launch; reap 15; [ "$STATUS" != 0 ] || fail "a migration that cannot be run does not stop the start: $statement"
	tail -n 3 "$DIR/log" | grep -q 0003_third.sql || fail "the migration is not named: $statement"
done
rm "$WORK/m/0003_third.sql"
# everything else is as for a client: functions, triggers, changes of several steps, settings that end with it
cat >"$WORK/m/0003_third.sql" <<'EOF'
create table log (a int);
create function note() returns trigger language plpgsql as
    $$ begin insert into log values (new.a + nextval('drawn')); return new; end $$;
create sequence drawn start 100;
create trigger note before insert on first for each row execute function note();
insert into first values (2), (3);
merge into log using (values (102), (4)) v(n) on a = n when matched then update set a = a + 1000
    when not matched then insert values (n);
with w as (insert into log values (5) returning a) insert into log select a + 1 from w;
do $$ begin insert into log values (60); raise notice 'nobody hears it'; end $$;
create schema apart create table within (a int) create view seen as select * from within;
set local search_path = apart; insert into within values (6);
create table later (a int primary key deferrable initially deferred); insert into later values (1), (2);
update later set a = 3 - a;
EOF
launch; wait_ready
equal "$(sql 'select string_agg(a::text, $$ $$ order by a) from log')" "4 5 6 60 104 1102" "what was noted"
equal "$(sql 'select count(*) from first')" 3 "the rows"
equal "$(sql 'select (select a from apart.seen), (select count(*) from apart.later)')" "6|2" "the schema's"
# shellcheck disable=SC2016 # not this shell's
equal "$(sql 'show search_path'; sql "select nextval('drawn')")" '"$user", public
102' "what ends with it, and what goes on"
stop_node; echo '-- the same' >"$WORK/m/0004_fourth.sql"; launch; wait_ready
equal "$(state 'select * from third')" 42P01 "the table of the failed migration"
stop_node
