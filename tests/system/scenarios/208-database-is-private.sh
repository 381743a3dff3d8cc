# The database file, its log and its index are nobody else's to read, whatever the umask, the directory and their modes
. "$(dirname "$0")/../lib.sh"
requires psql
umask 000
mkdir "$WORK/ordinary"; chmod 755 "$WORK/ordinary"
[ "$(id -u)" != 0 ] || chown _bibd:_bibd "$WORK/ordinary"
SQLITE="path: $WORK/ordinary/rows.db" start_node
modes() { stat -c '%a %n' "$WORK"/ordinary/rows.db* | sed 's|/.*/||' | grep -v '^600 '; }
sql "create table t (a int); insert into t select x from generate_series(1, 5000) x" >/dev/null
ls "$WORK"/ordinary/rows.db-wal "$WORK"/ordinary/rows.db-shm >/dev/null || fail "no log"
equal "$(modes)" "" "files that others may read"
kill -KILL "$(worker bibd-sqlite)"; until_true 10 answers || fail "no answer after a kill"
equal "$(modes)" "" "files that others may read after a kill"
chmod 644 "$WORK"/ordinary/rows.db "$WORK"/ordinary/rows.db-wal
bibctl doctor -f "$CONFIG" >"$WORK/doctor" 2>&1
contains "$(cat "$WORK/doctor")" "chmod 0600 $WORK/ordinary/rows.db" "doctor"
kill -KILL "$PID"; until_true 10 gone "$PID"
chmod 666 "$WORK"/ordinary/rows.db*
launch; wait_ready
equal "$(sql 'select count(*) from t')" 5000 "the rows"
equal "$(modes)" "" "files that others might read before the start"
[ "$(log_lines 'rows.db was open to others \(mode 0666\)')" = 1 ] || fail "nothing was said"
stop_node
equal "$(modes)" "" "files that others may read after a stop"
