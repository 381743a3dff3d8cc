# Security chapter: what the server shows is signed by the node's authority and names where it is
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql openssl
PORT=$((20000 + RANDOM % 20000)) NETWORK="use_unix_socket: false" POSTGRES="    port: $PORT"
start_postgres
certs=$PGDIR/certs
openssl s_client -connect "127.0.0.1:$PORT" -starttls postgres -showcerts </dev/null 2>/dev/null |
    openssl x509 >"$WORK/shown.crt"
equal "$(openssl x509 -in "$WORK/shown.crt" -noout -fingerprint)" \
    "$(openssl x509 -in "$certs/server.crt" -noout -fingerprint)" "what is shown"
openssl verify -x509_strict -CAfile "$certs/ca.crt" -purpose sslserver -verify_ip 127.0.0.1 \
    "$WORK/shown.crt" >/dev/null || fail "it is not right"
openssl verify -x509_strict -CAfile "$certs/ca.crt" -purpose sslserver -verify_ip 127.0.0.2 \
    "$WORK/shown.crt" >/dev/null 2>&1 &&
    fail "it is right for another address"
openssl verify -x509_strict -CAfile "$certs/ca.crt" -purpose sslclient "$WORK/shown.crt" >/dev/null 2>&1 &&
    fail "it would do for a client"
stop_node
