# The listener's own side: certificates of the operator's, a new identity, its process and the one that answers killed
# under remote sessions, and a stop that ends them as it ends those of this host
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../remote.sh"
requires psql python3 openssl
ACCESS="  - {user: $ME, roles: [admin, write, query, audit]}
  - {login: shop, roles: [write]}"
: >"$WORK/logins"; chmod 600 "$WORK/logins"
remote_configure configure node
launch; wait_ready
certificate() { bibctl certificate client shop -o "$CERTS" >/dev/null || fail "no certificate"; }
serves() { [ "$(remote_by shop shop 'select 1')" = 1 ]; }
certificate
until_true 20 serves || fail "no session: $(remote_by shop shop 'select 1')"
# The operator's own, in place of bibd's: applications are let in by bibd's authority all the same.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=own \
    -addext subjectAltName=DNS:localhost \
    -keyout "$WORK/own.key" -out "$WORK/own.crt" 2>/dev/null
chmod 644 "$WORK/own.key"
sed -i "s|logins: $WORK/logins|&, certificate: $WORK/own.crt, key: $WORK/own.key|" "$CONFIG"
bibctl reload >/dev/null || fail "no reload"
said() { bibctl events | grep -qF "$1"; }
until_true 5 said "own.key must be readable for its owner alone" || fail "a key that everybody can read is not told"
serves || fail "nothing goes on as before"
way=$(bibctl events | grep -o "chmod 0600 $WORK/own.key" | tail -n 1); bash -c "$way" || fail "the advice: $way"
bibctl reload >/dev/null || fail "no reload"
cp "$CERTS/ca.crt" "$CERTS/ours.crt"; cp "$WORK/own.crt" "$CERTS/ca.crt"
until_true 10 serves || fail "the operator's own certificate: $(remote_by shop shop 'select 1')"
sed -i "s|, certificate: $WORK/own.crt, key: $WORK/own.key||" "$CONFIG"
cp "$CERTS/ours.crt" "$CERTS/ca.crt"; bibctl reload >/dev/null || fail "no reload"
until_true 10 serves || fail "back to bibd's own"
# Either process is killed: who was there is told or sees the end, and who comes is served again.
for process in bibd-remote bibd-sqlite; do
	before=$(worker "$process")
	kill -KILL "$before"; until_true 20 new_worker "$process" "$before" || fail "$process is not started again"
	until_true 20 serves || fail "nobody is served after $process was killed: $(remote_by shop shop 'select 1')"
done
# A new identity is a new authority: what the old one signed is nothing any more.
bibctl rotate identity >/dev/null || fail "no new identity"
cp "$CERTS/shop.crt" "$CERTS/old.crt"; cp "$CERTS/shop.key" "$CERTS/old.key"
certificate
until_true 20 serves || fail "no session after a new identity: $(remote_by shop shop 'select 1')"
[ "$(remote_by old shop 'select 1')" != 1 ] || fail "a certificate of the old identity lets in"
# A session that waits is told at a stop.
coproc SESSION { psql \
    "host=127.0.0.1 port=$TCP_PORT dbname=bibd user=shop sslmode=verify-full sslrootcert=$CERTS/ca.crt \
sslcert=$CERTS/shop.crt sslkey=$CERTS/shop.key" -X -qAt 2>&1; }
session=$SESSION_PID
echo "select 'here';" >&"${SESSION[1]}"; read -r -t 20 line <&"${SESSION[0]}"; equal "$line" here "a session"
exec 7<&"${SESSION[0]}" 8>&"${SESSION[1]}"
stop_node
echo "select 'gone';" >&8; contains "$(timeout 20 cat <&7)" "terminating connection due to administrator command" \
    "at a stop"
exec 7<&- 8>&-
wait "$session" 2>/dev/null || true
