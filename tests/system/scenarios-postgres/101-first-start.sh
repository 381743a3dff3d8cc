# From nothing to a node that answers; what its server is made like, and confined to; a clean stop; the data afterwards
. "$(dirname "$0")/../postgres.sh"
requires psql
POSTGRES="    memory_mb: 300
    cpu_cores: 1.5
    max_connections: 60"
begin=$(now_ms); start_postgres; first=$(($(now_ms) - begin))
equal "$(sql 'create table t (a int primary key, b text)' && sql "insert into t values (1, 'x') returning b")" x \
    "insert returning"
for role in admin write query; do equal "$(sql -U $role 'select count(*) from t')" 1 "select as $role"; done
equal "$(state -U nosuchrole 'select 1')" refused "a role that is not given"
equal "$(psql -h "$DIR/run" -d nosuchdb -X -qAtc 'select 1' 2>&1 | grep -c 'does not exist')" 1 "another database"
equal "$(psql -h "$DIR/run" -U "$ME" -X -qAtc 'insert into t values (2) returning a')" 2 \
    "the caller's own name is the first role of the rule"

# the server: PostgreSQL's own settings
show() { equal "$(superuser -d bibd "show $1")" "$2" "$1"; }
show listen_addresses ''; show data_checksums on; show server_encoding UTF8
equal "$(superuser -d bibd 'select datcollate, datctype from pg_database where datname = current_database()')" \
    'C|C.UTF-8' "locale"
show password_encryption scram-sha-256; show max_connections 60; show fsync on; show full_page_writes on
show synchronous_commit on
equal "$(sql "select string_agg(x, '' order by x) from (values ('a'), ('B'), ('é'), ('Z'), ('_')) v (x)")" BZ_aé \
    "order of texts"
equal "$(sql "select upper('é')")" É "upper case beyond ASCII"
grep -vE '^(#|$)' "$PGDIR/etc/pg_hba.conf" | grep -qw trust && fail "pg_hba.conf trusts somebody"

# the container: what its process may, as the kernel sees it
p=$(postmaster); [ -n "$p" ] || fail "no server process"
uid=$(id -u _bibpg) gid=$(id -g _bibd) status=$(cat "/proc/$p/status")
field() { awk -v name="$1:" '$1 == name { $1 = ""; print substr($0, 2) }' <<<"$status"; }
equal "$(field Uid)" "$uid $uid $uid $uid" "the server's uid"
equal "$(field Gid)" "$gid $gid $gid $gid" "the server's gid"
equal "$(field CapEff) $(field CapPrm) $(field CapBnd)" "0000000000000000 0000000000000000 0000000000000000" \
    "its capabilities"
equal "$(field NoNewPrivs)" 1 "no_new_privs"
equal "$(field Seccomp)" 2 "seccomp"
equal "$(nsenter -t "$p" --net ip -o link | grep -vc ' lo')" 0 "network interfaces beside lo"
awk '$5 == "/" { print $6 }' "/proc/$p/mountinfo" | grep -qE '(^|,)ro(,|$)' || fail "its root is not read-only"
limit() { # CONTROLLER FILE
	local path; path=$(awk -F: -v c="$1" '$2 ~ "(^|,)" c "(,|$)" { print $3 }' "/proc/$p/cgroup")
	cat "/sys/fs/cgroup/$1$path/$2"
}
equal "$(limit memory memory.limit_in_bytes)" $((300 * 1048576)) "memory"
equal "$(($(limit cpu cpu.cfs_quota_us) * 100 / $(limit cpu cpu.cfs_period_us)))" 150 "percent of a CPU"
[ "$(limit pids pids.max)" -lt 4096 ] || fail "the number of processes has no bound"
tr '\0' '\n' <"/proc/$p/environ" | grep -iE 'passw|secret' && fail "its environment names a password"
case $(inspect '{{.HostConfig.RestartPolicy.Name}}') in no | '') ;; *) fail "the engine restarts it by itself" ;; esac
contains "$(inspect '{{json .Config.Labels}}')" "$(node_id)" "labels"

# who owns what
owner() { equal "$(stat -c '%U:%G %a' "$DIR/data/$1")" "$2" "$1"; }
owner postgres 'root:root 711'; owner secrets '_bibkey:_bibkey 700'; owner container '_bibctr:_bibctr 700'
owner postgres/etc '_bibctr:_bibctr 755'
equal "$(stat -c '%U %a' "$PGDIR/data")" "_bibpg 700" postgres/data
equal "$(stat -c '%U:%G %a' "$PGDIR/run")" "_bibpg:_bibd 750" postgres/run
[ ! -e "$PGDIR/data.new" ] || fail "data.new was left behind"
contains "$(cat "$PGDIR/data/bibd.node")" "$(node_id)" "the marker"
contains "$(cat "$PGDIR/data/bibd.node")" \
    "$(LC_ALL=C pg_controldata "$PGDIR/data" | sed -n 's/^Database system identifier: *//p')" "the marker"

name=$(container_name); contains "$(bibctl status)" "$name" "status"
stop_node
no_container || fail "the container is still there"
equal "$(control_state)" "shut down" "pg_control"
[ "$(ls -A "$PGDIR/run")" = "" ] || fail "left in run: $(ls -A "$PGDIR/run")"
begin=$(now_ms); launch; wait_ready; second=$(($(now_ms) - begin))
equal "$(sql 'select a, b from t order by a' | tr '\n' ' ')" "1|x 2| " "the rows after a restart"
contains "$(bibctl status)" "$name" "status"
stop_node
say "ready after $first ms, the second time after $second ms"
