# Security chapter: admin, write, query and audit each may do what the others may not
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
start_postgres
# may ROLE STATE STATEMENT
may() { equal "$(state -U "$1" "$3")" "$2" "$1: $3"; }
may admin ok 'create table t (a int primary key)'
may write 42501 'create table u (a int)'; may write ok 'insert into t values (1)'
may query 42501 'insert into t values (2)'; may query ok 'select a from t'
may audit 42501 'select a from t'; may audit ok 'select count(*) from bibd.audit'
may query 42501 'select count(*) from bibd.audit'
equal "$(superuser "select count(distinct usename) from pg_stat_activity where usename in (select rolname from pg_roles
    where rolsuper) and pid <> pg_backend_pid() and backend_type = 'client backend'")" 0 \
    "logins of bibd that are superusers"
equal "$(superuser "select count(*) from pg_roles where rolname like 'bibd\_%' and rolsuper")" 0 \
    "roles of bibd that are superusers"
stop_node
