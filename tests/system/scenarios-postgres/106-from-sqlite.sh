# A node on SQLite becomes one on PostgreSQL by one word of its configuration and one of its operator: the same socket,
# roles and statements; and back. Without that word it is refused with 65, since it would begin without its rows
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
MODE=selective; configure_postgres node
sed -i 's/backend: postgres/backend: sqlite/' "$CONFIG"
application() {
	sql 'create table if not exists t (id serial primary key, at timestamp not null default now(), '\
'note varchar(20), b boolean)' >/dev/null
	sql -U write "insert into t (note, b) values ('one', true) returning id, note, b"
	sql -U query "select note, b, at is not null from t where note like 'o%' order by id"
	state -U query "delete from t"; state -U write 'drop table t'
	state -U write "insert into t (note) values (repeat('x', 30))"
	state 'select 1/0'; state "insert into t (id, note) values (1, 'again')"; state 'select nope from t'
	psql -h "$DIR/run" -XqAt -U write -c 'begin' -c "update t set note = 'two'" -c 'rollback' \
	    -c 'select note from t' bibd
}
elsewhere() { # PATH: the node is refused, and names where its rows are; sets WAY, the command that it says goes on
	refused 65 30 "$1" 'nothing was changed' 'database.backend: '
	WAY=$(grep -o 'run: echo [a-z]* >.*/home' "$DIR/log" | head -n 1)
	WAY=${WAY#run: }
	[ -n "$WAY" ] || fail "no way out is named: $(cat "$DIR/log")"
}
backend() { sed -i "s/backend: [a-z]*/backend: $1/" "$CONFIG"; }
whole() { until_true 10 bibctl audit verify || fail "audit verify $1: $(bibctl audit verify 2>&1)"; }
launch; wait_ready; application >"$WORK/sqlite"; whole "on SQLite"; stop_node
backend postgres; before=$(tree_sum "$DIR/data/sqlite")
elsewhere "$DIR/data/sqlite/cache.db"; elsewhere "$DIR/data/sqlite/cache.db"
equal "$(tree_sum "$DIR/data/sqlite")" "$before" "the rows of a node that was refused"
[ ! -e "$PGDIR" ] || fail "$PGDIR was made"
backend sqlite; launch; wait_ready; equal "$(sql -U query 'select note from t')" one "the row, as the message says"
stop_node
backend postgres; bash -c "$WAY" || fail "the advice: $WAY"
launch; wait_ready; application >"$WORK/postgres"
cmp -s "$WORK/sqlite" "$WORK/postgres" || fail "the application notices: $(diff "$WORK/sqlite" "$WORK/postgres")"
whole "on PostgreSQL"
told() { sql -U audit 'select * from bibd.audit' | grep -q 'node.backend_changed'; }
until_true 10 told || fail "no entry of the change: $(sql -U audit 'select * from bibd.audit' | head -n 20)"
stop_node
launch; wait_ready; whole "after another start on PostgreSQL"; stop_node
backend sqlite; elsewhere "$DIR/data/postgres/data"; bash -c "$WAY" || fail "the advice: $WAY"
launch; wait_ready; equal "$(sql -U query 'select note from t')" one "SQLite's row, which was left alone"
whole "back on SQLite"; stop_node
# a node that never served a client changes as it likes
MODE=selective HEALTH='startup_timeout: 1s, action: shutdown' USE_IMAGE=localhost/bibd-test/none:1 configure_postgres \
    fresh
launch; reap 60; [ "$STATUS" != 0 ] || fail "a node without an image is ready"
backend sqlite; launch; wait_ready; equal "$(sql 'select 1')" 1 "a node that has changed before it served"; stop_node
