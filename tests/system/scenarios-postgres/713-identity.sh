# for: root
# seconds: 240
# A new identity under load: no statement fails, the node id stays, certificates of the old authority are worth nothing.
# A key that is held outside: taken at the next start, and nothing is read, made or lost without it. Certificates of the
# operator's own: refused with the file and the reason, taken when they are right, and read again by a reload.
. "$(dirname "$0")/../postgres.sh"

STARTED="select pg_postmaster_start_time()"
PORT=$((20000 + RANDOM % 20000))
NETWORK="use_unix_socket: false"
POSTGRES="    port: $PORT"
start_postgres node
id=$(node_id) started=$(superuser "$STARTED") certs=$PGDIR/certs secrets=$DIR/data/secrets
fingerprint() { bibctl identity --json | sed -n 's/.*"fingerprint":"\([^"]*\)".*/\1/p'; }
before=$(fingerprint)
mkdir "$WORK/op"
bibctl certificate operator -o "$WORK/op" >/dev/null || fail "certificate operator"
tcp() {
	psql -X -qAt "host=127.0.0.1 port=$PORT dbname=bibd user=postgres sslmode=verify-full \
sslrootcert=$WORK/op/ca.crt \
	    sslcert=$WORK/op/postgres.crt sslkey=$WORK/op/postgres.key connect_timeout=10" -c 'select 1' 2>&1
}
equal "$(tcp)" 1 "the operator"

# ---- a new identity ----
load_start
bibctl rotate identity >/dev/null || fail "rotate identity"
[ "$(fingerprint)" != "$before" ] || fail "the identity is the old one"
sleep 12
load_goes_on 5 || fail "the load does not go on"
load_stop
equal "$(node_id) $(superuser "$STARTED")" "$id $started" "the node's id and the start of PostgreSQL"
equal "$(grep -c BEGIN "$certs/ca.crt")" 1 "authorities that are trusted"
tcp >/dev/null && fail "a certificate of the old authority is let in"
bibctl certificate operator -o "$WORK/op" >/dev/null && equal "$(tcp)" 1 "the operator after the rotation"
contains "$(events)" identity.rotated "events"
log_lines "error" >/dev/null

# ---- killed in the middle: the journal is finished, or nothing has happened ----
stop_node
cp -a "$secrets/identity.pem" "$WORK/identity"
cp -a "$secrets/identity.pem" "$secrets/identity.pem.next"
launch; wait_ready
[ ! -e "$secrets/identity.pem.next" ] || fail "what never counted is still there"
stop_node

# ---- a key that is held outside ----
head -c 32 /dev/urandom >"$WORK/key"; chmod 600 "$WORK/key"
EXTRA="secrets: {key_file: $WORK/key}"
configure_postgres node; launch; wait_ready
equal "$(sql 'select 1')" 1 "a statement with a key outside"
after=$(fingerprint)
grep -q 'PRIVATE KEY' "$secrets/identity.pem" && fail "the identity is not encrypted"
bibctl rotate identity >/dev/null || fail "rotate identity with a key outside"
grep -q 'PRIVATE KEY' "$secrets/identity.pem" && fail "the new identity is not encrypted"
[ "$(fingerprint)" != "$after" ] || fail "the identity is the old one, with a key outside"
after=$(fingerprint)
stop_node
sum=$(tree_sum "$secrets")
EXTRA='' configure_postgres node; refused 65 30 "secrets.key_file"
head -c 32 /dev/urandom >"$WORK/other"; chmod 600 "$WORK/other"
EXTRA="secrets: {key_file: $WORK/other}"; configure_postgres node; refused 65 30 "another key"
EXTRA="secrets: {key_file: $WORK/nowhere}"; configure_postgres node; refused 65 30 "$WORK/nowhere"
chmod 644 "$WORK/key"; EXTRA="secrets: {key_file: $WORK/key}"; configure_postgres node; refused 77 30 "0644"
chmod 600 "$WORK/key"
equal "$(tree_sum "$secrets")" "$sum" "the secrets"
configure_postgres node; launch; wait_ready
equal "$(fingerprint)" "$after" "the identity"
stop_node

# ---- certificates of the operator's own ----
own=$WORK/own; mkdir -m 755 "$own"
sign() { # BASE NAME EXTENSIONS [DAYS]
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$own/$1.key" -out "$WORK/csr" \
	    -subj "/CN=$2" 2>/dev/null
	openssl x509 -req -in "$WORK/csr" -CA "$own/ca.crt" -CAkey "$WORK/ca.key" -CAcreateserial -days "${4:-10}" \
	    -extfile <(printf '%s\n' "$3") -out "$own/$1.crt" 2>/dev/null || fail "sign $1"
	chmod 600 "$own/$1.key"
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/ca.key" -out "$own/ca.crt" \
    -subj "/CN=Ours" \
    -days 100 2>/dev/null
sign server "the server" "subjectAltName=IP:127.0.0.1"
for login in bibd_system bibd_{admin,write,query,audit}_{a,b}; do
	sign "client-$login" "$login" "extendedKeyUsage=clientAuth"
done
POSTGRES="$POSTGRES
    tls: {auto_generate: false, cert_dir: $own}"
configure_postgres node; refused 77 30 "$own/server.key" "chown _bibpg"
chown _bibpg "$own/server.key"
mv "$own/client-bibd_query_a.crt" "$WORK/away"; refused 65 30 "$own/client-bibd_query_a.crt is missing"
cp "$own/client-bibd_query_b.crt" "$own/client-bibd_query_a.crt"; refused 65 30 "$own/client-bibd_query_a.key"
mv "$WORK/away" "$own/client-bibd_query_a.crt"
launch; wait_ready
equal "$(sql 'select 1')" 1 "a statement with the operator's own certificates"
contains "$(bibctl certificates)" "  Ours  " "certificates"
contains "$(events)" certificates.expiring "events"
served() {
	openssl s_client -connect "127.0.0.1:$PORT" -starttls postgres </dev/null 2>/dev/null |
	    openssl x509 -noout -serial
}
old=$(served)
sign server "the server" "subjectAltName=IP:127.0.0.1" 50
chown _bibpg "$own/server.key"
bibctl reload >/dev/null || fail "reload"
serves_new() { [ "$(served)" != "$old" ]; }
until_true 10 serves_new || fail "the server has the old certificate after a reload"
equal "$(sql 'select 1')" 1 "a statement after a reload"
echo garbage >"$own/server.crt"
bibctl reload >/dev/null
failed() { events | grep -q certificates.failed; }
until_true 5 failed || fail "no word of a certificate that is none"
equal "$(sql 'select 1')" 1 "a statement with a spoilt file"
echo "$ROWS rows inserted through a new identity, none lost"
