# Maintenance and names: who may, what is said, and what belongs to bibd stays bibd's
. "$(dirname "$0")/../lib.sh"
requires psql python3
mkdir -p "$WORK/migrations"
echo "create table from_migration (a int);" >"$WORK/migrations/0001_first.sql"
configure node; sed -i "s|^  backend: sqlite|  backend: sqlite\n  migrations_dir: $WORK/migrations|" "$CONFIG"
launch; wait_ready
sql "create table s (a int); insert into s values (1); create view v as select a, a + 1 as b from s; \
create index i on s (a)" >/dev/null
# VACUUM and ANALYZE by others are skipped with a warning, as on PostgreSQL; admin's are in the trail
for statement in "vacuum s" "vacuum full" "analyze s" "vacuum (full, analyze)" analyze; do
	for role in query audit write; do
		contains "$(sql -U $role "$statement")" "WARNING:  permission denied" "$role: $statement"
	done
done
for statement in checkpoint reindex\ table\ s cluster; do
	for role in query audit write; do equal "$(state -U $role "$statement")" 42501 "$role: $statement"; done
done
sql "vacuum full" >/dev/null; sql "analyze s" >/dev/null
in_trail() {
	[ "$(sql -U audit "select count(*) from bibd.audit where kind = 'maintenance' and statement in ('vacuum full', \
'analyze s')")" = 2 ]
}
until_true 5 in_trail || fail "not in the trail: $(sql -U audit 'select * from bibd.audit')"
# TRUNCATE is a DELETE for whoever may delete, but for where sequences stand
sql "create table u (id serial primary key, a int); insert into u (a) values (1)" >/dev/null
for role in query audit; do equal "$(state -U $role "truncate u")" 42501 "$role: truncate"; done
equal "$(state -U write "truncate u restart identity")" 42501 "write: truncate restart identity"
equal "$(state -U write "truncate u"):$(sql 'select count(*) from u')" ok:0 "write: truncate"
# No new object takes a name of bibd's, or of SQLite's
for statement in "alter table s rename to bibd_s" "alter table s rename to BIBD_s" "create table bibd_x (a int)" \
    "create table bibd.x (a int)" \
    "create table bibd_x as select 1 as a" "create view bibd_x as select 1 as a" \
    "create or replace view bibd_x as select 1 as a" \
    "alter view v rename to bibd_v" "alter table v rename to bibd_v" "create index bibd_i on s (a)" \
    "alter index i rename to bibd_i" \
    "create temp table bibd_x (a int)" 'create table "BIBD_x" (a int)'; do
	equal "$(state "$statement")" 42501 "$statement"
done
for statement in "alter table s rename to sqlite_s" "create index sqlite_i on s (a)" \
    "alter index i rename to sqlite_i" "alter view v rename to sqlite_v" \
    'alter table s add constraint "bibd:type" check (a > 0)' \
    'create table x (a int constraint "bibd:int8:serial" check (a > 0))'; do
	equal "$(state "$statement")" 42939 "$statement"
done
equal "$(sql 'select a, b from v')" "1|2" "the view"
# A view is replaced as PostgreSQL does it: no column less, none renamed, none of another type
sql "create view w as select b from v" >/dev/null
equal "$(state 'create or replace view v as select a from s')" 42P16 "a column fewer"
equal "$(state 'create or replace view v as select a, a + 1 as c from s')" 42P16 "a column renamed"
equal "$(state "create or replace view v as select a, 'x' as b from s")" 42P16 "a column of another type"
equal "$(state 'create or replace view v as select a, a + 5 as b, a as c from s')" ok "a column more"
equal "$(sql 'select * from w')" 6 "the view on the view"
sql "create view plain as with q as (select a as x from s) select q.x from q join public.s on s.a = q.x" >/dev/null
equal "$(sql 'create view shadow as with s as (select 7 as a) select s.a, p.a as b from s, public.s p; '\
'select * from shadow; drop view shadow')" "7|1" "a view with a name of WITH"
# A checkpoint that a reader holds back says so; one that is complete does not
printf 'begin isolation level repeatable read;\nselect count(*) from s;\n' >"$WORK/in"
mkfifo "$WORK/held"; psql -h "$DIR/run" -Xqt <"$WORK/held" >"$WORK/out" 2>&1 &
started+=($!); exec 7>"$WORK/held"; cat "$WORK/in" >&7
until_true 10 grep -q 1 "$WORK/out" || fail "no reader"
sql "insert into s values (2)" >/dev/null
contains "$(sql checkpoint)" "WARNING:  the checkpoint is not complete" "a checkpoint beside a reader"
exec 7>&-
quiet() { [ -z "$(sql checkpoint)" ]; }
until_true 10 quiet || fail "a checkpoint alone: $(sql checkpoint)"
stop_node
# What is in the file is SQL to other programs too: they call its database otherwise
python3 - "$DIR/data/sqlite/cache.db" <<'PY' || fail "the file is malformed to others"
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
assert c.execute("select a from s order by a").fetchall() == [(1,), (2,)], "rows"
views = c.execute("select name from sqlite_master where type = 'view' and name in ('v', 'w', 'plain')").fetchall()
assert len(views) == 3, "views"
assert c.execute("select x from plain order by x").fetchall() == [(1,), (2,)], "a view"
PY
# A migration of the application may not change what bibd owns
i=2
for statement in "drop table bibd_audit" "delete from bibd.audit" "drop table bibd_migrations" \
    "alter table bibd_node rename to x" "create table bibd_y (a int)"; do
	echo "$statement;" >"$WORK/migrations/000${i}_bad.sql"
	launch; reap 10; equal "$STATUS" 78 "exit status after the migration $statement"
	contains "$(tail -n 3 "$DIR/log")" "permission denied" "$statement"
	rm "$WORK/migrations/000${i}_bad.sql"
done
# One that others may write is none
echo "create table second (a int);" >"$WORK/migrations/0002_second.sql"
chmod 777 "$WORK/migrations"; launch; reap 10; equal "$STATUS" 78 "exit status with a directory that all may write"
contains "$(tail -n 3 "$DIR/log")" "chmod o-w $WORK/migrations" "the directory"
chmod 755 "$WORK/migrations"; chmod 666 "$WORK/migrations/0002_second.sql"; launch; reap 10
equal "$STATUS" 78 "exit status with a file that all may write"
contains "$(tail -n 3 "$DIR/log")" "chmod o-w $WORK/migrations/0002_second.sql" "the file"
chmod o-w "$WORK/migrations/0002_second.sql"; launch; wait_ready
equal "$(sql 'select count(*) from second')" 0 "the migration after all"
stop_node
