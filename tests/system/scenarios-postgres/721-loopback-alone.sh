# Security chapter: over TCP the server is on the loopback address of the host, and nowhere else
. "$(dirname "$0")/../postgres.sh"
requires psql ss
PORT=$((20000 + RANDOM % 20000)) NETWORK="use_unix_socket: false" POSTGRES="    port: $PORT"
start_postgres
equal "$(ss -Hltn "sport = :$PORT" | awk '{ print $4 }' | sort -u)" "127.0.0.1:$PORT" "where the port is open"
for address in $(hostname -I); do
	case $address in *:*) continue ;; esac
	pg_isready -q -t 2 -h "$address" -p "$PORT" && fail "the server answers on $address"
done
pg_isready -q -h 127.0.0.1 -p "$PORT" || fail "the server does not answer on 127.0.0.1"
stop_node
for address in 0.0.0.0 "$(hostname -I | awk '{ print $1 }')" ::; do
	NETWORK="use_unix_socket: false, bind_address: \"$address\"" configure_postgres other
	refused 78 10 loopback
	[ ! -e "$DIR/data" ] || fail "$address: it made something"
done
