# What each role may do on PostgreSQL; that none of them leaves its role, disturbs another, or spoils the shared logins
# engines: docker
. "$(dirname "$0")/../postgres.sh"
. "$tests/temporary_tables.sh"
requires psql
start_postgres
temporary_tables_are_for_writers
sql "create table t (a int primary key, b text); insert into t values (1, 'x'); create table secret (a int);
    create view v as select * from t; create sequence s; create schema other; create table other.t (a int)" ||
    fail "setup"
bad=0
wrong() { say "$*"; bad=$((bad + 1)); }
allowed() {
	local got; got=$(state -U "$1" "$2")
	[ "$got" = ok ] || wrong "$1: $2: got [$got], want success"
}
denied() { # ROLE SQLSTATES STATEMENT [-c STATEMENT-BEFORE]: one of them
	local got; got=$(state -U "$1" "${@:4}" "$3")
	case " $2 " in *" $got "*) ;; *) wrong "$1: $3: got [$got], want one of [$2]" ;; esac
}
for role in admin write query; do allowed $role 'select * from t'; allowed $role 'select * from v'; done
for role in admin write; do
	allowed $role "insert into t values (2, 'y')"; allowed $role "update t set b = 'z' where a = 2"
	allowed $role 'delete from t where a = 2'; allowed $role "select nextval('s')"
done
for statement in "insert into t values (3, 'y')" "update t set b = 'q'" 'delete from t' \
    "with x as (insert into t values (9) returning a) select * from x" 'copy t from stdin' "select nextval('s')"; do
	denied query '42501 25006' "$statement"
done
for role in write query audit; do
	for statement in 'create table n (a int)' 'drop table t' 'alter table t add column c int' \
	    'create index i on t (b)' \
	    'create view w as select 1' 'drop view v' 'create schema n' 'create extension hstore'; do
		denied $role '42501 25006' "$statement"
	done
done
allowed audit 'select count(*) from bibd.audit'
denied audit 42501 'select * from t'
denied audit 42501 "insert into t values (3, 'y')"
for role in write query; do denied $role '42501 42P01' 'select * from bibd.audit'; done
for role in admin write query audit; do
	for statement in 'set role bibd_system' 'set role postgres' 'set session authorization postgres' \
	    "copy t to '/tmp/x'" "copy t to program 'id'" "copy t from '/etc/passwd'" \
	    "select pg_read_file('/etc/passwd')" \
	    "select lo_import('/etc/passwd')" "select pg_ls_dir('/')" "alter system set log_statement = 'all'" \
	    'select pg_terminate_backend(1)' 'select pg_cancel_backend(1)' 'select pg_reload_conf()' 'checkpoint' \
	    'create role intruder' 'create database other' "alter role bibd_system password 'x'" \
	    'alter role admin superuser' 'grant admin to query' 'grant postgres to admin' \
	    'select rolpassword from pg_authid' 'select * from pg_shadow' 'drop database bibd' \
	    "alter database bibd owner to query" \
	    'delete from bibd.audit' "update bibd.audit set statement = ''" 'drop table bibd.audit' \
	    'truncate bibd.audit' \
	    'drop schema bibd cascade' 'create language plpython3u' "load '/lib/x.so'"; do
		[ "$role $statement" != "admin alter database bibd owner to query" ] || continue
		denied $role '42501 0A000 55006 42704 58P01 57P01' "$statement"
	done
done
for role in write query audit; do denied $role '42501' 'set role admin'; done
# a role is the session's, whatever it resets
for way in 'reset role' 'set role none' 'reset all' 'discard all' 'reset session authorization'; do
	for role in write query audit; do
		for statement in 'create table n (a int)' 'drop table secret'; do
			denied $role 42501 "$statement" -c "$way"
		done
	done
	denied query 42501 'insert into t values (4)' -c "$way"
done
# what one session of admin makes, any other session of it may alter; and the others get their rights on it
sql 'create table made (a int)' || fail "create"
equal "$(sql "select pg_get_userbyid(relowner) from pg_class where relname = 'made'")" admin \
    "the owner of what admin makes"
allowed write 'insert into made values (1)'; allowed query 'select * from made'; denied query 42501 'delete from made'
# PUBLIC has nothing
equal "$(superuser -d bibd \
    "select has_schema_privilege('public', 'public', 'create'), has_database_privilege('public', 'bibd', 'connect'), \
has_database_privilege('public', 'bibd', 'temp')" 2>/dev/null)" "f|f|f" "rights of PUBLIC"
sql -U write 'grant select on secret to public' >/dev/null
equal "$(superuser -d bibd "select relacl::text like '%,=r%' from pg_class where relname = 'secret'")" f \
    "a grant by write"
# a shared login that a client has spoiled is mended: at once where it is noticed, at the latest when the server is next
# met
for role in query write; do
	for change in "password 'mine'" 'set default_transaction_read_only = on' 'set search_path = pg_catalog' \
	    "set role = 'none'"; do
		sql -U $role -c 'set role none' "alter role bibd_${role}_a $change" >/dev/null
	done
	allowed $role 'select count(*) from t'
done
# more sessions at once than there were: new connections of bibd's to the server log in with that password
for n in 1 2 3 4 5 6 7 8; do
	{ sql -U query 'select pg_sleep(1), count(*) from t' || echo "a session: $?"; } >"$WORK/more$n" 2>&1 &
done
sleep 4; grep -hE 'ERROR|FATAL|session' "$WORK"/more? &&
    wrong "a session of another client failed after a password was changed"
stop_node; launch; wait_ready
for role in write query; do allowed $role 'select count(*) from t'; denied $role 42501 'create table n (a int)'; done
allowed write "insert into t values (5, 'after')"
[ $bad = 0 ] || fail "$bad statements that a role may, or may not"
stop_node
