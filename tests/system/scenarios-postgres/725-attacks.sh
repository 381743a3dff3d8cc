# for: root
# The attacks that the manual says are repelled, one a row: who tries what, and what the answer must say
. "$(dirname "$0")/../postgres.sh"
requires psql openssl python3
PORT=$((20000 + RANDOM % 20000)) NETWORK="use_unix_socket: false"
POSTGRES="    port: $PORT"
ACCESS="  - {user: root, roles: [admin, write, query, audit]}
  - {user: _bibmon, roles: [query]}" start_postgres
sql "create table t (a int); insert into t values (1)" >/dev/null || fail "setup"
mkdir "$WORK/op" "$WORK/made" "$WORK/foreign"
bibctl certificate operator -o "$WORK/op" --days 1 >/dev/null || fail "certificate operator"
# The node's own authority, made again as bibd(8) says: nobody but who has the identity can.
python3 "$tests/authority.py" "$DIR/data/secrets/identity.pem" "$WORK/op/ca.crt" "$WORK/made" postgres=1 nobody=1 ||
    fail "the authority cannot be made again"
cp -r "$WORK/made" "$WORK/expired"
python3 "$tests/authority.py" "$DIR/data/secrets/identity.pem" "$WORK/op/ca.crt" "$WORK/expired" postgres=-1 ||
    fail "an expired certificate"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/foreign/ca.key" \
    -out "$WORK/foreign/ca.crt" \
    -subj "/CN=bibd CA $(node_id)" -days 1 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/foreign/postgres.key" \
    -out "$WORK/foreign/csr" \
    -subj /CN=postgres 2>/dev/null
openssl x509 -req -in "$WORK/foreign/csr" -CA "$WORK/foreign/ca.crt" -CAkey "$WORK/foreign/ca.key" \
    -CAcreateserial -days 1 \
    -out "$WORK/foreign/postgres.crt" 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/foreign/self.key" \
    -out "$WORK/foreign/self.crt" \
    -subj /CN=postgres -days 1 2>/dev/null
chmod 600 "$WORK"/{made,expired,foreign}/*.key

as() { setpriv --reuid="$1" --regid="$(id -g "$1")" --clear-groups -- "${@:2}"; } # USER COMMAND...
client() { as "$1" psql -w -X -qAt -v VERBOSITY=verbose -h "$DIR/run" -d bibd -U "$2" -c "$3"; } # USER ROLE STATEMENT
control() { as "$1" "$BIBCTL" -s "$DIR/run/control.sock" "${@:2}"; }
engine_socket() { as "$1" psql -w -X -h "$PGDIR/run" -p "$PORT" -d bibd -U "$2" -c 'select 1'; }
tcp() { # CERTIFICATE USER NAME=VALUE...
	psql -w -X -qAt "host=127.0.0.1 port=$PORT dbname=bibd user=$2 sslmode=verify-full
	    sslrootcert=$WORK/op/ca.crt sslcert=$1.crt sslkey=$1.key ${*:3}" -c 'select 1'
}
old_tls="ssl_min_protocol_version=TLSv1.2 ssl_max_protocol_version=TLSv1.2"
tcp_port() { as "$1" psql -w -X "host=127.0.0.1 port=$PORT user=$2 dbname=bibd sslmode=require" -c 'select 1'; }
role() { # ROLE STATEMENT...
	psql -X -qAt -v VERBOSITY=verbose -v ON_ERROR_STOP=1 -h "$DIR/run" -U "$1" -d bibd "${@:2:$#-2}" -c "${!#}"
}
# A cancel request with the key of a session that has ended, and with another's.
cancel() {
	python3 - "$DIR/run" "$1" <<'PY'
import socket, struct, sys, time
from wire import Session
directory, how = sys.argv[1:]
old, victim = Session(directory), Session(directory)
key = (old.process, old.key) if how == "replayed" else (victim.process, victim.key ^ 1)
old.close()
time.sleep(.2)
begin = time.monotonic()
victim.send("Q", b"select pg_sleep(1)\0")
time.sleep(.2)
s = socket.socket(socket.AF_UNIX); s.connect(f"{directory}/.s.PGSQL.5432")
s.sendall(struct.pack("!iiii", 16, 80877102, *key))
victim.until_ready()
sys.exit(print("not cancelled") or 1 if time.monotonic() - begin > .9 else 0)
PY
}

tried=0 bad=0
# A row is tried as it stands, and must fail with those words.
while IFS='|' read -r name command words; do
	name=${name%"${name##*[! ]}"} words=${words# }
	[ -n "$name" ] || continue
	tried=$((tried + 1))
	out=$(eval "$command" 2>&1 </dev/null) && { say "$name: was done: $out"; bad=$((bad + 1)); continue; }
	grep -qE "$words" <<<"$out" || { say "$name: [$words] is not in [$out]"; bad=$((bad + 1)); }
done <<'TABLE'
another uid on the client socket           | client nobody admin 'select 1'             | 28000|not allowed|no access
another uid asks as its own name           | client nobody nobody 'select 1'            | 28000|not allowed|no access
another uid on the control socket          | control nobody status                      | .
another uid makes a certificate            | control nobody certificate operator -o /tmp | .
another uid rotates credentials            | control nobody rotate credentials          | .
another uid on the PostgreSQL socket     | engine_socket nobody postgres | Permission denied|Peer authentication failed
a worker on the PostgreSQL socket          | engine_socket _bibd postgres               | Peer authentication failed
root without a password on it              | engine_socket root bibd_admin_a            | no password supplied|rejects
another uid on the TCP port                | tcp_port nobody postgres                   | certificate
a role that it may not have                | client _bibmon admin 'select 1'            | is not open to user
SET ROLE                                   | role query 'set role admin'                | 42501
RESET ROLE                                 | role query -c 'reset role' 'create table n (a int)' | 42501
SET ROLE NONE                              | role query -c 'set role none' 'insert into t values (2)' | 42501
SET SESSION AUTHORIZATION                  | role admin 'set session authorization postgres' | 42501
RESET SESSION AUTHORIZATION                | role query -c 'reset session authorization' 'drop table t' | 42501
COPY PROGRAM as admin                      | role admin "copy t to program 'id'"        | 42501
COPY PROGRAM as write                      | role write "copy t from program 'id'"      | 42501
COPY to a file                             | role admin "copy t to '/tmp/t'"            | 42501
pg_read_file                               | role admin "select pg_read_file('/etc/passwd')" | 42501
pg_read_file as query                      | role query "select pg_read_file('/etc/passwd')" | 42501
pg_ls_dir                                  | role admin "select pg_ls_dir('/')"         | 42501
a large object from a file                 | role admin "select lo_import('/etc/passwd')" | 42501
a large object to a file                   | role admin "select lo_export(1, '/tmp/x')" | 42501
a large object by a reader                 | role query "select lo_from_bytea(0, 'x')"  | 42501
ATTACH                                     | role admin "attach '/etc/passwd' as x"     | 42601
load_extension                             | role admin "select load_extension('/tmp/x.so')" | 42883
LOAD                                       | role admin "load '/tmp/x.so'"              | 42501|58P01
dblink                                     | role admin 'create extension dblink'       | 42501|0A000|58P01
postgres_fdw                               | role admin 'create extension postgres_fdw' | 42501|0A000|58P01
an untrusted language                      | role admin 'create language plpython3u'    | 42501|0A000|58P01
a function in C                            | role admin "create function f() returns int language c as 'x'" | 42501
ALTER SYSTEM                               | role admin "alter system set log_statement = 'all'" | 42501
a superuser of its own                     | role admin 'create role intruder superuser' | 42501
itself a superuser                         | role admin 'alter role admin superuser'    | 42501
the passwords of others                    | role admin 'select rolpassword from pg_authid' | 42501
another role's password                    | role write "alter role bibd_admin_a password 'mine'" | 42501
the end of a sibling                       | role write 'select pg_terminate_backend(pid) from pg_stat_activity' | 42501
the cancelling of a sibling                | role write 'select pg_cancel_backend(pid) from pg_stat_activity' | 42501
the audit trail as admin                   | role admin 'delete from bibd.audit'        | 42501
the audit trail as its reader              | role audit 'delete from bibd.audit'        | 42501
a table as the trail's reader              | role audit 'select * from t'               | 42501
an expired certificate                     | tcp "$WORK/expired/postgres" postgres      | expired
a foreign certificate                      | tcp "$WORK/foreign/postgres" postgres      | alert|SSL error
a self-made certificate                    | tcp "$WORK/foreign/self" postgres          | alert|SSL error
a certificate of another name              | tcp "$WORK/made/nobody" postgres  | certificate authentication failed
the operator's for a login of bibd         | tcp "$WORK/op/postgres" bibd_admin_a password=x | authentication failed
no certificate                             | tcp "$WORK/none" postgres                  | certificate
no TLS                                     | tcp "$WORK/op/postgres" postgres sslmode=disable | no encryption
TLS 1.2                                    | tcp "$WORK/op/postgres" postgres "$old_tls" | protocol version
an unknown user                            | tcp "$WORK/op/postgres" intruder           | pg_hba.conf
a replayed cancel key                      | cancel replayed                            | not cancelled
a guessed cancel key                       | cancel guessed                             | not cancelled
TABLE
# The same way in, with what is right: else the rows above say nothing.
equal "$(tcp "$WORK/op/postgres" postgres)" 1 "the operator"
equal "$(tcp "$WORK/made/postgres" postgres)" 1 "a certificate of the authority that was made again"
equal "$(client _bibmon query 'select a from t')" 1 "a role that it may have"

# What a client may do to the login that it shares is undone, and no other client feels it.
for change in "password 'mine'" "password null" 'set default_transaction_read_only = on' "set role = 'none'" \
    'connection limit 0' 'nologin'; do
	role write -c 'set role none' "alter role bibd_write_a $change" >/dev/null 2>&1
	tried=$((tried + 1))
	clients=()
	for n in 1 2 3 4 5 6; do
		sql -U write 'insert into t select 1 where pg_sleep(.3) is null' >"$WORK/shared$n" 2>&1 &
		clients+=("$!")
	done
	wait "${clients[@]}"
	grep -hE 'ERROR|FATAL' "$WORK"/shared? && { say "a client felt: $change"; bad=$((bad + 1)); }
done
[ $bad = 0 ] || fail "$bad of $tried attacks were not repelled"
stop_node
say "$tried attacks repelled"
