# Security chapter: ten renewals of certificates, each before the last one expires, and no statement fails
# engines: docker
# seconds: 420
. "$(dirname "$0")/../postgres.sh"
requires psql openssl
PORT=$((20000 + RANDOM % 20000)) NETWORK="use_unix_socket: false"
POSTGRES="    port: $PORT
    tls: {certificate_lifetime: 30s}"
start_postgres
load_start
serials=$(openssl x509 -in "$PGDIR/certs/server.crt" -noout -serial) last=$serials n=0 end=$((SECONDS + 350))
while [ $n -lt 10 ] && [ $SECONDS -lt $end ]; do
	now=$(openssl x509 -in "$PGDIR/certs/server.crt" -noout -serial 2>/dev/null)
	openssl x509 -in "$PGDIR/certs/server.crt" -noout -checkend 0 >/dev/null ||
	    fail "it has expired after $n renewals"
	[ -z "$now" ] || [ "$now" = "$last" ] || { n=$((n + 1)) last=$now; }
	sleep 0.5
done
load_stop
equal $n 10 "renewals"
equal "$(log_lines 'bibd-postgres.*failed|storage is back')" 0 "lines of a failure"
stop_node
echo "$ROWS rows inserted through $n renewals"
