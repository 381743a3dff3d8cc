# Security chapter: the authority's key comes from the node's identity alone, and can be made again from it
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql openssl
PORT=$((20000 + RANDOM % 20000)) NETWORK="use_unix_socket: false" POSTGRES="    port: $PORT"
start_postgres
key() { openssl x509 -in "$PGDIR/certs/ca.crt" -noout -pubkey; }
first=$(key)
contains "$(openssl x509 -in "$PGDIR/certs/ca.crt" -noout -subject)" "$(node_id)" "the authority's name"
stop_node
rm -f "$PGDIR"/certs/*
launch; wait_ready
equal "$(key)" "$first" "the authority's key after its certificate was lost"
bibctl rotate identity >/dev/null || fail "rotate identity"
[ "$(key)" != "$first" ] || fail "another identity has the same authority"
answers || fail "no answer after the identity has changed"
stop_node
