# shellcheck shell=bash
# Sourced by the scenarios of both backends: a node is ready; what role may make and change temporary tables.

# answer ROLE WANT STATEMENTS: in one session; of rows and SQLSTATEs the last line
answer() {
	local got
	got=$(psql -h "$DIR/run" -U "$1" -X -qAt -v VERBOSITY=sqlstate -c "set client_min_messages = error" \
	    -c "$3" 2>&1 | tail -n 1)
	[ "${got##*:  }" = "$2" ] || { say "$1: $3: got [$got], want [$2]"; wrong_answers=$((wrong_answers + 1)); }
}

temporary_tables_are_for_writers() {
	local role statement made wrong_answers=0
	sql "create table t (a int); insert into t values (1); create table s (id serial primary key); \
insert into s default values; create view v as select * from t" >/dev/null || fail "setup"
	made="create temp table x (id serial primary key, a int unique, b text); insert into x (a, b) values (5, 'y');"
	for role in admin write; do
		answer $role 1 "$made select count(*) from x"
		answer $role 2 "$made truncate x restart identity; insert into x (a) values (1), (2); \
select max(id) from x"
		answer $role 7 "$made create index on x (b); alter table x add column c int default 7; select c from x"
		answer $role y "$made alter table x rename to y; alter table y rename column b to d; select d from y"
		answer $role y "$made alter table x alter column a type text; alter table x drop column a; \
select b from x"
		answer $role 6 "$made create temp view w as select a + 1 as n from x; select n from w"
		answer $role 42P01 "$made drop table x; select * from x"
		answer $role 1 "drop table if exists x; create temp table x as select * from t; select * from x; \
drop table x"
		answer $role 42P01 "drop table absent"
		# It hides the file's table, and what is dropped is what is seen.
		answer $role 1 "create temp table t (b int); alter table t rename to z; drop table z; select a from t"
		answer $role 1 "create temp table t (b int); drop table t; select a from t"
		# No sequence, nothing that is its owner's.
		answer $role 0 "begin; truncate t restart identity; select count(*) from t"
		answer $role 1 "begin; truncate t restart identity; rollback; select count(*) from t"
	done
	for role in query audit; do
		answer $role 42501 "create temp table x (a int)"; answer $role 42501 "drop table t"
	done
	for statement in "drop table t" "drop table public.t" "drop table x, t" "drop view v" \
	    "alter table t add column b int" "alter table public.t add b int" \
	    "alter table t rename to x2" "alter table t rename a to b" "create index on t (a)" \
	    "create index on public.t (a)" "truncate x, s restart identity" "truncate s restart identity" \
	    "create table n (a int)" "create table public.n (a int)" "create view n as select 1" \
	    "drop table bibd.audit" "alter table bibd.audit add b int" "drop table pg_class"; do
		answer write 42501 "create temp table x (id serial primary key, a int); $statement"
	done
	# The file's table is named while a temporary one hides it.
	answer write 42501 "create temp table t (b int); drop table public.t"
	answer write 42501 "create temp table t (b int); drop table t, public.t"
	equal "$(sql "select (select count(*) from t) + (select count(*) from s)")" 2 "rows of the file's tables"
	equal "$(sql "select count(*) from pg_class where relname in ('x', 'x2', 'n', 'w', 'z')")" 0 "what stayed of it"
	sql "drop view v; drop table t, s" >/dev/null || fail "drop"
	equal "$wrong_answers" 0 "answers that are not as they should be"
}
