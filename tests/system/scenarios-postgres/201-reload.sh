# reload on a PostgreSQL node: the access rules at once; what the container is made of needs a restart, and is named
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
start_postgres
start=$(superuser 'select pg_postmaster_start_time()') pids=$(children "$PID" | sort)
cp "$CONFIG" "$WORK/good"
sed -i 's/roles: \[[^]]*\]/roles: [query]/' "$CONFIG"; bibctl reload || fail "a good reload"
equal "$(state 'select 1')" refused "admin after it was taken away"; equal "$(sql -U query 'select 1')" 1 "query"
sed -i 's/interval: 500ms/interval: 700ms/' "$CONFIG"; bibctl reload || fail "a reload of health"
for change in 's/image: .*/image: "other:1"/' 's/container_runtime: .*/container_runtime: ""/' \
    's/network: {}/network: {use_unix_socket: false}/' \
    's/mode: full/mode: selective/' 's/    network:/    memory_mb: 700\n&/' \
    's/    network:/    max_connections: 300\n&/'; do
	cp "$WORK/good" "$CONFIG"; sed -i "$change" "$CONFIG"
	out=$(bibctl reload 2>&1) && fail "a reload with $change says that it was done"
	contains "$out" 'needs a restart' "the reason for $change"
	say "$out"
done
cp "$WORK/good" "$CONFIG"; bibctl reload || fail "back to the first"
equal "$(children "$PID" | sort)" "$pids" "the workers' pids"
equal "$(superuser 'select pg_postmaster_start_time()')" "$start" "the server's start time"
stop_node
