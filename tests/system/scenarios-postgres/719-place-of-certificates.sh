# Security chapter: certificates are in <data_dir>/postgres/certs, or where the configuration says
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql openssl
PORT=$((20000 + RANDOM % 20000)) NETWORK="use_unix_socket: false" POSTGRES="    port: $PORT"
start_postgres
there() { find "$1" -mindepth 1 -printf '%f\n' | sort | tr '\n' ' '; }
equal "$(there "$DIR/data/postgres/certs")" "ca.crt server.crt server.key " "what is there"
equal "$(stat -c '%U %a' "$PGDIR/certs/server.key")" "_bibpg 600" "the key"
stop_node
POSTGRES="    port: $PORT
    tls: {cert_dir: $WORK/elsewhere}"
start_postgres other
equal "$(there "$WORK/elsewhere")" "ca.crt server.crt server.key " "what is elsewhere"
[ ! -e "$PGDIR/certs" ] || fail "certs/ was made all the same"
stop_node
