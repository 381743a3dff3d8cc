# for: root
# seconds: 900
# A server on TCP with TLS 1.3: everybody shows a certificate, the operator a short-lived one that bibctl makes.
# Certificates that live for a short time are renewed under load without a failed statement.
. "$(dirname "$0")/../postgres.sh"

STARTED="select pg_postmaster_start_time()"
PORT=$((20000 + RANDOM % 20000))
NETWORK="use_unix_socket: false"
POSTGRES="    port: $PORT
    tls: {certificate_lifetime: ${LIFETIME:-60s}}"
start_postgres node
certs=$PGDIR/certs
equal "$(sql 'select 1')" 1 "a statement"

# ---- what is on disk ----
equal "$(stat -c '%U %a' "$certs" "$certs"/{ca.crt,server.crt,server.key} | tr '\n' ' ')" \
    "_bibkey 755 _bibkey 644 _bibkey 644 _bibpg 600 " "owners and modes"
openssl verify -x509_strict -CAfile "$certs/ca.crt" -purpose sslserver -verify_ip 127.0.0.1 "$certs/server.crt" \
    >/dev/null ||
    fail "the server's certificate is not right"
equal "$(openssl x509 -in "$certs/ca.crt" -noout -subject -nameopt multiline,-esc_msb | sed -n \
    's/.*commonName *= //p')" \
    "bibd CA $(node_id)" "the authority's name"
contains "$(bibctl certificates)" "bibd_write_a" "certificates"
contains "$(bibctl certificates --json)" '"name":"server"' "certificates --json"
contains "$(bibctl identity)" "SHA256:" "identity"
contains "$(bibctl metrics)" 'bibd_certificate_expiry_seconds{certificate="server"}' "metrics"

# ---- the operator ----
mkdir "$WORK/op"
bibctl certificate operator -o "$WORK/op" --days 1 >/dev/null || fail "certificate operator"
equal "$(stat -c %a "$WORK"/op/* | sort -u)" 600 "modes of the operator's files"
# tcp USER NAME=VALUE...: logs in over TCP with the operator's files, or others
tcp() {
	psql -X -qAt "host=127.0.0.1 port=$PORT dbname=bibd user=$1 sslmode=verify-full sslrootcert=$WORK/op/ca.crt \
	    sslcert=$WORK/op/postgres.crt sslkey=$WORK/op/postgres.key connect_timeout=10 ${*:2}" \
	    -c 'select current_user, version from pg_stat_ssl where pid = pg_backend_pid()' 2>&1
}
equal "$(tcp postgres)" "postgres|TLSv1.3" "the operator over TCP"

# ---- renewal under load ----
serial() { openssl x509 -in "$certs/server.crt" -noout -serial; }
started=$(superuser "$STARTED") authority=$(sha256sum <"$certs/ca.crt")
load_start
# BIBD_RENEWALS: how many there are to be
for ((i = 0; i < ${BIBD_RENEWALS:-1}; i++)); do
	now=$(serial)
	until_true 60 bash -c "[ \"\$(openssl x509 -in '$certs/server.crt' -noout -serial)\" != '$now' ]" ||
	    fail "no renewal $i"
	load_goes_on 10 || fail "the load does not go on"
done
second=$(serial)
served() {
	openssl s_client -connect "127.0.0.1:$PORT" -starttls postgres </dev/null 2>/dev/null |
	    openssl x509 -noout -serial
}
until_true 10 bash -c "$(declare -f served); PORT=$PORT; [ \"\$(served)\" = '$second' ]" ||
    fail "the server has the old one"
load_stop
equal "$(superuser "$STARTED")" "$started" "the start of PostgreSQL"
equal "$(sha256sum <"$certs/ca.crt")" "$authority" "the authority's certificate"
contains "$(events)" certificates.renewed "events"
equal "$(tcp postgres)" "postgres|TLSv1.3" "the operator after the renewal"

# ---- and after a restart ----
stop_node 2>/dev/null || { bibctl stop >/dev/null; reap 60; }
launch; wait_ready
equal "$(sha256sum <"$certs/ca.crt")" "$authority" "the authority's certificate after a restart"
equal "$(tcp postgres)" "postgres|TLSv1.3" "the operator after a restart"
echo "$ROWS rows inserted through ${BIBD_RENEWALS:-1} renewals, none lost"
