# A node answers psql, says its roles apart, and stops with nothing left behind
. "$(dirname "$0")/../lib.sh"
requires psql
start_node
equal "$(sql 'create table t (a int primary key, b text)' && sql "insert into t values (1, 'x') returning b")" x \
    "insert returning"
for role in admin write query; do
	equal "$(sql -U $role 'select current_user, count(*) from t')" "$role|1" "select as $role"
done
equal "$(state -U nosuchrole 'select 1')" refused "a role that is not given"
equal "$(psql -h "$DIR/run" -U "$ME" -X -qAtc 'select current_user')" admin \
    "the caller's own name is the first role of the rule"
equal "$(psql -h "$DIR/run" -d nosuchdb -X -qAtc 'select 1' 2>&1 | grep -c 'does not exist')" 1 "another database"
stop_node
start_node
equal "$(sql 'select b from t')" x "the row after a restart"
stop_node
