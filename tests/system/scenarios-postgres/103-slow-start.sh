# A start that is over its time ends with the last lines of the container's log; recovery that makes progress is waited
# for, however long it takes; a server that can't start says why
# engines: docker
# alone: a start has 2 s
. "$(dirname "$0")/../postgres.sh"
requires psql
HEALTH="interval: 500ms, startup_timeout: 2s, retry_backoff: 300ms, max_retries: 1"
start_postgres
sql 'create table t (a int, b text)' || fail "create"
# 1. crash recovery over more of the log than startup_timeout allows for
superuser "alter system set max_wal_size = '8GB'" >/dev/null
superuser "alter system set checkpoint_timeout = '1h'" >/dev/null
superuser 'alter system set recovery_prefetch = off' >/dev/null; superuser 'select pg_reload_conf()' >/dev/null
sql "insert into t select n, repeat('x', 60) from generate_series(1, 3000000) n" || fail "insert"
sql "update t set b = b || 'y'" || fail "update"
start=$(now_ms); kill -9 "$(postmaster)"
until_true 120 answers || fail "not back after a long recovery: $(tail -n 8 "$DIR/log")"
took=$(($(now_ms) - start))
equal "$(log_lines 'the PostgreSQL server failed')" 1 "failures: $(grep 'server failed' "$DIR/log")"
equal "$(sql 'select count(*) from t where b like $$%y$$')" 3000000 "rows after it"
stop_node
# 2. a server that waits for ever
as_server() { setpriv --reuid=_bibpg --regid=_bibd --clear-groups -- "$@"; }
as_server sh -c \
    "touch '$PGDIR/data/recovery.signal' && echo \"restore_command = 'sleep 300'\" >>'$PGDIR/data/postgresql.auto.conf'"
: >"$DIR/log"; launch; reap 90; equal "$STATUS" 69 "exit status of a start that never ends"
grep -q 'LOG:  database system was shut down' "$DIR/log" ||
    fail "the log of the container is not in the error: $(cat "$DIR/log")"
contains "$(cat "$DIR/log")" 2000 "the time that was given"
as_server rm "$PGDIR/data/recovery.signal"; as_server sed -i '/restore_command/d' "$PGDIR/data/postgresql.auto.conf"
# 3. one that ends at once
as_server sh -c "echo 'nonsense = 1' >>'$PGDIR/data/postgresql.auto.conf'"
: >"$DIR/log"; launch; reap 90; equal "$STATUS" 69 "exit status of a server that can't start"
grep -q nonsense "$DIR/log" || fail "the reason is not in the log: $(cat "$DIR/log")"
as_server sed -i '/nonsense/d' "$PGDIR/data/postgresql.auto.conf"
launch; wait_ready; equal "$(sql 'select count(*) from t')" 3000000 "rows afterwards"; stop_node
say "recovery took $took ms with a startup_timeout of 2000"
