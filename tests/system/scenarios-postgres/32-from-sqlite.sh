# A node on SQLite becomes one on PostgreSQL by one word of its configuration: the same socket, the same roles, the same
# statements; and back
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
MODE=selective; configure_postgres node
sed -i 's/backend: postgres/backend: sqlite/' "$CONFIG"
application() {
	sql 'create table if not exists t (id serial primary key, at timestamp not null default now(), note varchar(20), b boolean)' >/dev/null
	sql -U write "insert into t (note, b) values ('one', true) returning id, note, b"
	sql -U query "select note, b, at is not null from t where note like 'o%' order by id"
	state -U query "delete from t"; state -U write 'drop table t'; state -U write "insert into t (note) values (repeat('x', 30))"
	state 'select 1/0'; state "insert into t (id, note) values (1, 'again')"; state 'select nope from t'
	psql -h "$DIR/run" -XqAt -U write -c 'begin' -c "update t set note = 'two'" -c 'rollback' -c 'select note from t' bibd
}
launch; wait_ready; application >"$WORK/sqlite"; stop_node
sed -i 's/backend: sqlite/backend: postgres/' "$CONFIG"
launch; wait_ready; application >"$WORK/postgres"
cmp -s "$WORK/sqlite" "$WORK/postgres" || fail "the application notices: $(diff "$WORK/sqlite" "$WORK/postgres")"
stop_node
sed -i 's/backend: postgres/backend: sqlite/' "$CONFIG"
launch; wait_ready; equal "$(sql -U query 'select note from t')" one "SQLite's row, which was left alone"; stop_node
