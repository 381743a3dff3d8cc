# No role changes SQLite's own tables or the catalogs, and a trail that can't be written is said loudly
. "$(dirname "$0")/../lib.sh"
requires psql python3
start_node
sql "create table t (id serial primary key, a int); insert into t (a) values (1); analyze; \
create view v as select 1 as x" >/dev/null
catalog=$(sql "select count(*) from pg_class")
in_one_session() { # each statement, in one session, with the state of each: what is cached is shared
	psql -h "$DIR/run" -U "$1" -X -qAt -v VERBOSITY=sqlstate 2>&1 <"$WORK/statements" |
	    grep -o '[0-9A-Z]\{5\}$\|^[A-Z]* [0-9]*$'
}
for table in sqlite_stat1 pg_class pg_catalog.pg_class pg_type pg_settings information_schema.tables \
    public.sqlite_stat1; do
	column=relname
	case $table in *stat1) column=tbl ;; *type) column=typname ;;
	*settings) column=name ;; esac
	[ "$table" = information_schema.tables ] && column=table_name
	cat >"$WORK/statements" <<-SQL
	update $table set $column = null;
	delete from $table;
	delete from $table as x returning *;
	insert into $table select * from $table;
	insert into $table ($column) values (null) on conflict do nothing;
	truncate $table;
	drop table $table;
	alter table $table rename to x;
	alter table $table add column x int;
	create index on $table ($column);
	copy $table from stdin;
	SQL
	for role in admin write query audit; do
		equal "$(in_one_session $role | sort | uniq -c | tr -s ' ')" " 11 42501" "$role on $table"
	done
done
case $(state -U write "delete from sqlite_master") in 42501 | 42P01) ;; *) fail "sqlite_master" ;; esac
equal "$(sql "select count(*) from pg_class")" "$catalog" "the catalog"
sql "insert into t (a) values (2)" >/dev/null
equal "$(sql "select max(id) from t")" 2 "the sequence"
equal "$(sql "create temp table x (id serial primary key, b int); insert into x (b) values (1); \
truncate x restart identity; insert into x (b) values (1) returning id")" 1 "a temporary table"
equal "$(sql "truncate t restart identity; insert into t (a) values (1) returning id; \
create table u as select * from t; alter table u add primary key (id); drop table u")" 1 "what DDL changes"
equal "$(sql "select setval('t_id_seq', 41); insert into t (a) values (1) returning id" | tail -n 1)" 42 "setval"
# The trail's own table refuses a row, as it did when its numbers were at their end.
from_outside() { # SQL
	python3 -c "
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], timeout=20); c.execute(sys.argv[2]); c.commit()" "$DIR/data/sqlite/cache.db" "$1"
}
from_outside "create trigger full before insert on bibd_audit begin select raise(abort, 'full'); end"
sql "create table first_that_waits (a int)" >/dev/null
event() { bibctl events | grep -q "$1"; }
until_true 10 event 'audit.unwritten .*cannot be written' || fail "nothing was said: $(bibctl events)"
[ "$(log_lines 'the audit trail cannot be written')" -ge 1 ] || fail "nothing in the log"
bibctl audit verify >"$WORK/out" 2>&1 && fail "a trail that can't be written is whole: $(cat "$WORK/out")"
contains "$(cat "$WORK/out")" "new entries cannot be written" "verify"
for ((i = 0; i < 1100; i++)); do echo "create table if not exists t (a int);"; done >"$WORK/statements"
contains "$(in_one_session admin | sort -u)" 58030 "definitions once nothing more can wait"
equal "$(state -U write 'insert into t (a) values (5)')" ok "a write meanwhile"
from_outside "drop trigger full"
until_true 10 event 'audit.written ' || fail "not written again: $(bibctl events | tail -n 5)"
equal "$(sql -U audit "select count(*) from bibd.audit where statement like 'create table first_that_waits%'")" 1 \
    "what waited"
equal "$(state 'create table w (a int)')" ok "a definition afterwards"
until_true 10 bibctl audit verify || fail "not whole afterwards: $(bibctl audit verify 2>&1)"
stop_node
