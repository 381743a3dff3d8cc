# The role monitor sees what all sessions do, and the catalogs; no table, no audit trail, and it changes nothing
. "$(dirname "$0")/../lib.sh"
requires psql
ACCESS="  - {user: $ME, roles: [admin, write, query, audit, monitor]}"
start_node
sql "create table t (a int primary key); insert into t values (1); create view v as select * from t" || fail "setup"
mkfifo "$WORK/pipe"
psql -h "$DIR/run" -U write -X -qAt <"$WORK/pipe" >"$WORK/held" 2>&1 & started+=("$!")
exec 7>"$WORK/pipe"
printf 'select 4711;\n' >&7
until_true 10 grep -q 4711 "$WORK/held" || fail "no session of another role"
equal "$(sql -U monitor 'select current_user')" monitor "current_user"
equal "$(sql -U monitor \
    "select usename, query from pg_stat_activity where query like '%4711%' and pid <> pg_backend_pid()")" \
    "write|select 4711;" "what another session does"
equal "$(sql -U query "select count(*) from pg_stat_activity where query like '%select 4711%' and pid <> \
pg_backend_pid()")" 0 "what query sees of it"
equal "$(sql -U monitor "select count(*) from pg_class where relname = 't'")" 1 "the catalogs"
equal "$(sql -U query "select string_agg(rolname, ' ') from (select rolname from pg_roles order by oid) r")" \
    "admin pg_database_owner write query audit monitor" "pg_roles"
for statement in 'select * from t' 'select * from v' 'select * from bibd.audit' 'insert into t values (2)' \
    'delete from t' \
    'create table n (a int)' 'create temporary table n (a int)' 'drop table t' 'copy t to stdout'; do
	state=$(state -U monitor "$statement")
	case $state in 42501 | 42P01) ;; *) fail "$statement as monitor: [$state]" ;; esac
done
refusal_in_trail() {
	[ "$(sql -U audit "select count(*) > 0 from bibd.audit where kind = 'refused' and role = 'monitor' and result \
= '42501'")" = t ]
}
until_true 10 refusal_in_trail || fail "what was refused to monitor is not in the trail"
contains "$(bibctl --json status)" '"audit":0,"monitor":0,"starting"' "status"
exec 7>&-
stop_node
