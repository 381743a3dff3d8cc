# What each role may do, also through views, triggers, PRAGMA, ATTACH and functions that reach files
. "$(dirname "$0")/../lib.sh"
requires psql
start_node
sql "create table t (a int primary key, b text); insert into t values (1, 'x'); create table secret (a int);
    create view v as select * from t" || fail "setup"
bad=0
wrong() { say "$*"; bad=$((bad + 1)); }
allowed() {
	local got; got=$(state -U "$1" "$2")
	[ "$got" = ok ] || wrong "$1: $2: got [$got], want success"
}
denied() { # ROLE SQLSTATES STATEMENT: one of them
	local got; got=$(state -U "$1" "$3")
	case " $2 " in *" $got "*) ;; *) wrong "$1: $3: got [$got], want one of [$2]" ;; esac
}
for role in admin write query; do allowed $role 'select * from t'; allowed $role 'select * from v'; done
for role in admin write; do
	allowed $role "insert into t values (2, 'y')"; allowed $role "update t set b = 'z' where a = 2"
	allowed $role 'delete from t where a = 2'
done
for statement in "insert into t values (3, 'y')" "update t set b = 'q'" 'delete from t' \
    "with x as (select 1) insert into t select 9, 'q'" 'copy t from stdin'; do
	denied query 42501 "$statement"
done
for role in write query audit; do
	for statement in 'create table n (a int)' 'drop table t' 'alter table t add column c int' \
	    'create index i on t (b)' \
	    'create view w as select 1' 'drop view v' 'truncate secret' ; do
		[ "$role $statement" = "write truncate secret" ] && continue
		denied $role '42501 25006' "$statement"
	done
done
allowed audit 'select count(*) from bibd.audit'
denied audit 42501 'select * from t'
denied audit 42501 "insert into t values (3, 'y')"
for role in write query; do denied $role '42501 42P01' 'select * from bibd.audit'; done
for role in admin write query audit; do
	denied $role '42501 0A000 42601' "attach database '/etc/passwd' as x"
	denied $role '42501 0A000 42601' "attach ':memory:' as x"
	denied $role '42501 0A000 42601' 'pragma journal_mode = delete'
	denied $role '42501 0A000 42601' 'pragma writable_schema = on'
	denied $role '42501 0A000 42883' "select load_extension('/tmp/x.so')"
	denied $role '42501 0A000 42883' "select readfile('/etc/passwd')"
	denied $role '42501 0A000 42883' "select writefile('/tmp/x', 'x')"
	denied $role '42501 0A000 42883' "select fts3_tokenizer('x')"
	denied $role '42501 0A000 42601' "vacuum into '/var/tmp/x.db'"
	denied $role '42501 0A000 42P01 42601' "copy t to '/var/tmp/x.csv'"
	denied $role '42501 0A000 42P01 42601' "copy t from program 'id'"
done
for role in admin write query audit; do
	denied $role '42501 42P01 42809 0A000' 'delete from bibd.audit'
	denied $role '42501 42P01 42809 0A000' "update bibd.audit set statement = ''"
	denied $role '42501 42P01 42809 0A000' 'drop table bibd.audit'
	denied $role '42501 42P01 42809 0A000' 'delete from bibd_audit'
	denied $role '42501 42P01 42809 0A000' 'delete from sqlite_schema'
	denied $role '42501 42P01 42809 0A000' 'drop table bibd_migrations'
done
# A role is the session's: neither SET ROLE nor a statement that another role has run before changes what it may
denied query '42501 0A000 22023' 'set role admin'
denied query '42501 0A000 22023' 'set session authorization admin'
allowed write "insert into t values (7, 'y')"; denied query 42501 "insert into t values (7, 'y')"
equal "$(sql -U audit "select count(*) > 0 from bibd.audit where statement like '%create table t%'" 2>&1 | tail -n 1)" \
    t \
    "admin's statements in the audit table"
equal "$(sql -U audit "select count(*) from bibd.audit where statement like '%''x''%'" 2>&1 | tail -n 1)" 0 \
    "literals in the audit table"
[ $bad = 0 ] || fail "$bad statements that a role may, or may not"
