# Two managed nodes on one engine: their containers, directories and events are their own; the end of one leaves the
# other
. "$(dirname "$0")/../postgres.sh"
requires psql
start_postgres one; one=$DIR onepid=$PID onename=$(container_name)
sql 'create table t (a int); insert into t values (1)' || fail "one"
start_postgres two; two=$DIR twopid=$PID twoname=$(container_name)
sql 'create table t (a int); insert into t values (2)' || fail "two"
[ "$onename" != "$twoname" ] || fail "one name for both"
DIR=$one; equal "$(sql 'select a from t')" 1 "the first node's row"
DIR=$two PGDIR=$two/data/postgres; before=$(event_count); engine_cli kill "$onename" >/dev/null
sleep 2; equal "$(sql 'select a from t')" 2 "the second node's row"; event_since "$before" server &&
    fail "one's death is two's event"
DIR=$one PGDIR=$one/data/postgres; until_true 30 answers || fail "the first is not back"
PID=$onepid; stop_node; no_container || fail "the first's container"
DIR=$two PGDIR=$two/data/postgres PID=$twopid; equal "$(sql 'select a from t')" 2 "the second node's row"
container_runs || fail "the second's container was removed with the first"
stop_node
