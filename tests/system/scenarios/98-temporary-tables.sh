# Temporary tables are for whoever may write, and no right to define anything else comes with them, as on PostgreSQL
. "$(dirname "$0")/../lib.sh"
. "$tests/temporary_tables.sh"
requires psql
start_node
temporary_tables_are_for_writers
for statement in "alter table x rename to bibd_x" "create temp table bibd_x (a int)" "create temp table y as select * from bibd.audit" \
    "create temp view y as select * from bibd.audit; select * from y"; do
	equal "$(state -U write -c "create temp table x (a int)" "$statement")" 42501 "$statement"
done
equal "$(state -U query "drop table if exists x")" 42501 "query: drop table"
# Definitions of what is the session's own are no definitions of the node's.
sql -U write "create temp table noted (a int); drop table noted" >/dev/null
sql "create temp table noted_too (a int); create table defined (a int)" >/dev/null
in_trail() { [ "$(sql -U audit "select count(*) from bibd.audit where statement like '%defined%'")" != 0 ]; }
until_true 10 in_trail || fail "admin's definition is not in the trail"
equal "$(sql -U audit "select count(*) from bibd.audit where kind = 'definition' and statement like '%noted%' and statement not like '%defined%'")" 0 "temporary tables in the trail"
stop_node
