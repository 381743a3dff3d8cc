# Security chapter: the container's network is its own: nothing outside is reached from it
. "$(dirname "$0")/../postgres.sh"
requires psql python3 nsenter
PORT=$((20000 + RANDOM % 20000)) NETWORK="use_unix_socket: false, bridge_network_name: bibd-test-isolated" \
    POSTGRES="    port: $PORT"
start_postgres
inside=$(inspect '{{.State.Pid}}')
reaches() { timeout 5 python3 -c "import socket; socket.create_connection(('$1', $2), 2)" >/dev/null 2>&1; }
reaches "$OUTSIDE" 7 || fail "outside is not there to be reached"
export -f reaches
nsenter -t "$inside" --net bash -c "reaches $OUTSIDE 7" && fail "outside is reached from inside"
equal "$(engine_cli network ls --filter name=bibd-test-isolated -q | wc -l)" 1 "networks"
stop_node
equal "$(engine_cli network ls --filter name=bibd-test-isolated -q | wc -l)" 0 "networks after the stop"
