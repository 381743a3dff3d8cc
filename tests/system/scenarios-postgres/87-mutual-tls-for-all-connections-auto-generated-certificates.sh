# Security chapter: every connection over TCP is TLS 1.3 and shows a certificate that bibd made; who shows none is kept out
. "$(dirname "$0")/../postgres.sh"
requires psql openssl
PORT=$((20000 + RANDOM % 20000)) NETWORK="use_unix_socket: false" POSTGRES="    port: $PORT"
start_postgres
for role in admin write query audit; do sql -U $role 'select 1' >/dev/null; done
# those of bibd, each with a certificate whose name is the login
equal "$(superuser -p "$PORT" "select count(*) from pg_stat_ssl s join pg_stat_activity a using (pid) where a.usename like 'bibd\_%' and
    (not s.ssl or s.version <> 'TLSv1.3' or s.client_dn is distinct from '/CN=' || a.usename)")" 0 "connections of bibd without"
[ "$(superuser -p "$PORT" "select count(*) from pg_stat_ssl s join pg_stat_activity a using (pid) where a.usename like 'bibd\_%' and s.ssl")" -ge 4 ] ||
    fail "no connections of bibd over TLS"
for mode in disable require; do
	psql -w -X "host=127.0.0.1 port=$PORT user=bibd_admin_a dbname=bibd sslmode=$mode password=x" -c 'select 1' >/dev/null 2>&1 &&
	    fail "let in with sslmode=$mode and no certificate"
done
equal "$(bibctl certificates | grep -c bibd_)" 9 "certificates of logins"
stop_node
