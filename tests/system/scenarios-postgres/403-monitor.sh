# The role monitor is a member of pg_monitor and reads no table; a node that an older version made gets it at its start
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
ACCESS="  - {user: $ME, roles: [admin, write, query, audit, monitor]}"
start_postgres
sql 'create table t (a int); insert into t values (1)' || fail "setup"
mkfifo "$WORK/pipe"
psql -h "$DIR/run" -U write -X -qAt <"$WORK/pipe" >"$WORK/held" 2>&1 & started+=("$!")
exec 7>"$WORK/pipe"
printf 'begin; select 4711;\n' >&7
until_true 10 grep -q 4711 "$WORK/held" || fail "no session of another role"
is_monitor() {
	equal "$(sql -U monitor 'select current_user')" monitor "current_user $1"
	equal "$(superuser "select pg_has_role('monitor', 'pg_monitor', 'usage'), \
rolcanlogin from pg_roles where rolname = 'monitor'")" \
	    "t|f" "the role $1"
	equal "$(state -U monitor 'select * from t')" 42501 "a table read by monitor $1"
	equal "$(state -U monitor 'select * from bibd.audit')" 42501 "the trail read by monitor $1"
	equal "$(state -U monitor 'create table n (a int)')" 42501 "a table made by monitor $1"
	sql -U monitor 'select count(*) from pg_stat_wal' >/dev/null || fail "statistics $1"
	equal "$(sql -U monitor "select setting from pg_settings where name = 'config_file'")" \
	    /bibd/etc/postgresql.conf "a setting $1"
}
is_monitor "of a new node"
equal "$(sql -U monitor "select query from pg_stat_activity where query like '%4711%' and pid <> pg_backend_pid()")" \
    "select 4711;" "what another session does"
equal "$(sql -U query "select count(*) from pg_stat_activity where query like '%select 4711%' and pid <> \
pg_backend_pid()")" 0 "what query sees of it"
exec 7>&-
bibctl rotate credentials >/dev/null || fail "rotate"
is_monitor "after a rotation"
# As in a database of before the role, or in one whose directory is from a backup of then.
superuser -d template1 'drop owned by monitor' >/dev/null || fail "drop owned"
out=$(superuser 'drop owned by monitor; drop role bibd_monitor_a, bibd_monitor_b, monitor') || fail "drop role: $out"
stop_node
[ -s "$PGDIR/data/bibd.setup" ] || fail "the setup left no stamp"
rm "$PGDIR/data/bibd.setup"
launch; wait_ready
is_monitor "of an old node"
contains "$(cat "$DIR/log")" "setting up the database for this bibd" "what is told"
[ -s "$PGDIR/data/bibd.setup" ] || fail "the setup left no stamp"
stop_node; launch; wait_ready
equal "$(grep -c "setting up the database" "$DIR/log")" 1 "how often it was set up"
equal "$(sql 'select a from t')" 1 "the rows"
stop_node
