# shellcheck shell=bash
# Sourced by the scenarios about remote applications on either backend, after lib.sh or postgres.sh: a node that listens
# on loopback, and what applications of other hosts see of it.

# remote_configure CONFIGURE...: that command, such that the node which it configures listens on a free port
remote_configure() {
	TCP_PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	SERVER="startup_timeout: 3s" LISTEN="tcp: {addresses: [\"127.0.0.1\"], port: $TCP_PORT, logins: $WORK/logins}" \
	    "$@"
	CERTS=$WORK/certs
	mkdir -p "$CERTS"
}

# remote LOGIN [psql's options] TEXT: over TCP with nothing but the authority's certificate; the password is $PASSWORD
# remote_by NAME USER TEXT: with the certificate of that name
remote() {
	PGPASSFILE=/nonexistent PGPASSWORD=${PASSWORD:-} psql "host=127.0.0.1 port=$TCP_PORT dbname=bibd user=$1 \
sslmode=${SSLMODE:-verify-full} sslrootcert=$CERTS/ca.crt sslcert=/nonexistent sslkey=/nonexistent ${MORE:-}" \
	    -w -X -qAt -v ON_ERROR_STOP=1 "${@:2:$#-2}" -c "${!#}" 2>&1
}
remote_by() {
	psql "host=localhost hostaddr=127.0.0.1 port=$TCP_PORT dbname=bibd user=$2 sslmode=verify-full \
sslrootcert=$CERTS/ca.crt sslcert=$CERTS/$1.crt sslkey=$CERTS/$1.key" -w -X -qAt -v ON_ERROR_STOP=1 -c "$3" 2>&1
}
remote_in_trail() { [ "$(sql -U audit "select count(*) > 0 from bibd.audit where $1")" = t ]; }
remote_found() {
	until_true 10 remote_in_trail "$1" ||
	    fail "not in the trail: $1: $(sql -U audit 'select * from bibd.audit order by id desc limit 20')"
}
remote_serial() {
	openssl s_client -starttls postgres -connect "127.0.0.1:$TCP_PORT" </dev/null 2>/dev/null |
	    openssl x509 -noout -serial
}
remote_serial_is_not() { local s; s=$(remote_serial); [ -n "$s" ] && [ "$s" != "$1" ]; }

remote_all() {
	remote_certificates
	remote_passwords
	remote_strangers
	remote_cancel
	remote_renewal
	remote_revoked
}

remote_certificates() {
	# The file of logins does not exist yet: that is told, and no password lets anybody in.
	contains "$(bibctl events)" "listen.tcp.logins: cannot open" "the missing file"
	contains "$(bibctl_f doctor)" "make it with: bibctl login add NAME" "doctor of the missing file"
	bibctl_f login add shop <<<"correct horse" >"$WORK/out" || fail "login add: $(cat "$WORK/out")"
	contains "$(cat "$WORK/out")" "bibctl reload" "login add"
	equal "$(stat -c %a "$WORK/logins")" 600 "the mode of the logins"
	grep -q 'correct' "$WORK/logins" && fail "the password is in the file"
	bibctl reload >/dev/null || fail "no reload"
	for name in shop stock nobody-knows; do
		bibctl certificate client $name -o "$CERTS" >/dev/null || fail "no certificate for $name"
	done
	equal "$(stat -c %a "$CERTS/shop.key")" 600 "the mode of a key"
	bibctl certificate client ../shop -o "$CERTS" >/dev/null 2>&1 && fail "a name that is a path"
	until_true 10 remote_serial_is_not none || fail "nobody listens"
	equal "$(remote_by shop shop 'select current_user')" "$(remote_role write)" \
	    "by the login's name: the rule's first role"
	equal "$(remote_by shop query 'select current_user')" "$(remote_role query)" "another role of the rule"
	contains "$(remote_by shop admin 'select 1')" 'role "admin" is not open to login "shop"' \
	    "a role that the rule has not"
	contains "$(remote_by stock shop 'select 1')" 'role "shop" is not open to login "stock"' "another's name"
	contains "$(remote_by nobody-knows nobody-knows 'select 1')" 'no access rule lets login "nobody-knows" in' \
	    "no rule"
	remote_by shop write 'create table if not exists remote_t (a int)' >/dev/null
	sql 'create table if not exists remote_t (a int)' >/dev/null || fail "no table"
	remote_by shop write 'insert into remote_t select generate_series(1, 100000)' >/dev/null || fail "no insert"
	equal "$(remote_by stock stock 'select count(*), sum(a) from remote_t')" "100000|5000050000" "many rows go in"
	equal "$(remote_by stock query 'select a from remote_t' | sort -n | uniq | wc -l)" 100000 "and out"
	remote_found "kind = 'refused' and source = 'shop@127.0.0.1' and result = '28000' and uid is null"
}

# What current_user says of a role: on PostgreSQL it is the login behind it.
remote_role() { sql -U "$1" 'select current_user'; }

remote_passwords() {
	equal "$(PASSWORD='correct horse' remote shop 'select current_user')" "$(remote_role write)" "by password"
	equal "$(PASSWORD='correct horse' MORE=channel_binding=require remote shop 'select 1')" 1 "SCRAM-SHA-256-PLUS"
	equal "$(PASSWORD='correct horse' MORE=channel_binding=disable remote shop 'select 1')" 1 "SCRAM-SHA-256"
	contains "$(PASSWORD=wrong remote shop 'select 1')" 'password authentication failed for user "shop"' \
	    "a wrong password"
	contains "$(PASSWORD=wrong remote nobody 'select 1')" 'password authentication failed for user "nobody"' \
	    "no such login"
	contains "$(PASSWORD='correct horse' remote write 'select 1')" \
	    'password authentication failed for user "write"' "a role"
	contains "$(remote shop 'select 1')" "no password supplied" "no password"
	remote_found "kind = 'refused' and result = '28P01' and statement like '%shop%from 127.0.0.1: \
password authentication failed'"
	# An address that guesses has to wait; a client with a certificate need not.
	local i guesses=(); for i in 1 2 3 4 5 6 7 8; do
		PASSWORD=wrong$i remote guess$i 'select 1' >/dev/null & guesses+=($!)
	done
	wait "${guesses[@]}"
	contains "$(PASSWORD='correct horse' remote shop 'select 1')" "too many wrong passwords" "after ten"
	equal "$(remote_by shop shop 'select 1')" 1 "a certificate meanwhile"
}

remote_strangers() {
	contains "$(SSLMODE=disable remote shop 'select 1')" "remote connections must use TLS" "no TLS"
	remote_found "kind = 'refused' and statement like '%from 127.0.0.1: no TLS'"
	# Another authority's certificate, of the same name.
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=shop \
	    -keyout "$CERTS/foreign.key" \
	    -out "$CERTS/foreign.crt" 2>/dev/null && chmod 600 "$CERTS/foreign.key"
	remote_by foreign shop 'select 1' >"$WORK/out" && fail "a foreign certificate is taken"
	remote_found "kind = 'refused' and statement like '%from 127.0.0.1: %self-signed certificate%'"
	# A client does not trust a foreign listener, nor a name that is not in the certificate.
	psql "host=elsewhere.example hostaddr=127.0.0.1 port=$TCP_PORT dbname=bibd user=shop sslmode=verify-full \
sslrootcert=$CERTS/ca.crt" -w -X -c 'select 1' >"$WORK/out" 2>&1 && fail "any name is believed"
	contains "$(cat "$WORK/out")" "does not match host name" "another name"
	timeout 60 python3 - "$TCP_PORT" <<'PY' || fail "see above"
import socket, struct, sys, time
address = ("127.0.0.1", int(sys.argv[1]))
def connect(): return socket.create_connection(address, 20)
def ends(s):
    try:
        while s.recv(4096): pass
    except ConnectionResetError: pass
    return True
# a request for TLS with a startup packet behind it in the same breath: what came before TLS is not believed
body = struct.pack("!i", 3 << 16) + b"user\0shop\0database\0bibd\0\0"
s = connect()
s.sendall(struct.pack("!ii", 8, 80877103) + struct.pack("!i", len(body) + 4) + body)
assert s.recv(1) == b"S"
assert ends(s)
# garbage, in pieces
for text in (b"GET / HTTP/1.0\r\n\r\n", b"\0" * 64, b"\xff" * 9, struct.pack("!ii", 8, 80877104) * 2):
    s = connect(); s.sendall(text); assert ends(s)
# GSS is refused, and TLS taken after that
s = connect()
s.sendall(struct.pack("!ii", 8, 80877104))
assert s.recv(1) == b"N"
s.sendall(struct.pack("!ii", 8, 80877103))
assert s.recv(1) == b"S"
# a client that sends nothing is closed in time (server.startup_timeout), in plain text and within TLS's handshake
t = time.time(); quiet = connect(); assert ends(s) and ends(quiet); assert time.time() - t < 18
# a cancel request with a wrong key does nothing to anybody, and the connection ends
s = connect(); s.sendall(struct.pack("!iiii", 16, 80877102, 1, 1)); assert ends(s)
PY
	answers || fail "the node does not answer any more"
}

remote_sleeps() {
	[ "$(sql "select count(*) from pg_stat_activity where query like '%remote sleep%' and state = 'active' and \
query not like '%pg_stat%'")" = 1 ]
}
remote_cancel() {
	remote_by shop write \
	    "select count(*) from generate_series(1, 3000000000) as g where g % 7 = 8 /* remote sleep */" \
	    >"$WORK/cancelled" &
	local p=$! inner
	until_true 20 remote_sleeps || fail "nothing to cancel: $(cat "$WORK/cancelled")"
	inner=$(pgrep -P $p psql || echo $p)
	kill -INT "$inner"; wait $p
	contains "$(cat "$WORK/cancelled")" "canceling statement due to user request" "a cancel request"
}

# One session goes on over a new certificate of the listener.
remote_renewal() {
	local before; before=$(remote_serial)
	coproc SESSION { psql \
	    "host=127.0.0.1 port=$TCP_PORT dbname=bibd user=shop sslmode=verify-full sslrootcert=$CERTS/ca.crt \
sslcert=$CERTS/shop.crt sslkey=$CERTS/shop.key" -X -qAt 2>&1; }
	local pid=$SESSION_PID line
	echo "select 'before';" >&"${SESSION[1]}"; read -r -t 20 line <&"${SESSION[0]}"
	equal "$line" before "a session"
	sed -i "s|logins: $WORK/logins|&, names: [elsewhere.example]|" "$CONFIG"
	bibctl reload >/dev/null || fail "no reload"
	until_true 20 remote_serial_is_not "$before" || fail "the listener has its certificate of before"
	equal "$(psql "host=elsewhere.example hostaddr=127.0.0.1 port=$TCP_PORT dbname=bibd user=shop \
sslmode=verify-full \
sslrootcert=$CERTS/ca.crt sslcert=$CERTS/shop.crt sslkey=$CERTS/shop.key" -w -X -qAt -c 'select 1' 2>&1)" 1 \
"the new name, and the authority of before"
	echo "select 'after';" >&"${SESSION[1]}"; read -r -t 20 line <&"${SESSION[0]}"
	equal "$line" after "the same session"
	echo '\q' >&"${SESSION[1]}"; wait "$pid"
	contains "$(bibctl certificates)" listener "bibctl certificates"
	contains "$(bibctl status)" "127.0.0.1:$TCP_PORT" "bibctl status"
	contains "$(bibctl_f doctor)" \
	    "remote applications are let in on 127.0.0.1:$TCP_PORT, by certificate or password" "doctor"
}

# Without its rule a login has no role, and without its line it has no password.
remote_revoked() {
	bibctl_f login remove shop >/dev/null || fail "login remove"
	sed -i '/login: stock/d' "$CONFIG"
	bibctl reload >/dev/null || fail "no reload"
	equal "$(remote_by shop shop 'select 1')" 1 "the certificate stays"
	contains "$(remote_by stock stock 'select 1')" 'no access rule lets login "stock" in' \
	    "a rule that was taken away"
	grep -q . "$WORK/logins" && fail "the password is still there"
	bibctl_f login remove shop >/dev/null 2>&1 && fail "it was removed twice"
	contains "$(cat "$DIR/log")" "ready: clients are served on" "the log"
	grep -qE 'correct horse|PRIVATE KEY|SCRAM-SHA-256\$' "$DIR/log" && fail "secrets in the log"
}
bibctl_f() { "$BIBCTL" -s "$DIR/run/control.sock" "$@" -f "$CONFIG"; }
