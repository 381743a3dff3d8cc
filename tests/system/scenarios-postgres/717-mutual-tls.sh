# Security chapter: every connection over TCP is TLS 1.3 and shows a certificate that bibd made; a client that shows
# none is refused
. "$(dirname "$0")/../postgres.sh"
requires psql openssl
PORT=$((20000 + RANDOM % 20000)) NETWORK="use_unix_socket: false" POSTGRES="    port: $PORT
    memory_mb: 256
    max_connections: 50"
HEALTH="interval: 500ms, retry_backoff: 200ms"
start_postgres
# bibd's own probes are no strangers, and what initdb wrote into its file is no error at a reload
superuser -p "$PORT" 'select pg_reload_conf()' >/dev/null || fail "reload"
reloaded() { bibctl logs -n 1000 | grep -q 'received SIGHUP'; }
until_true 10 reloaded || fail "no reload: $(bibctl logs)"
sleep 2
equal "$(bibctl logs -n 1000 | grep -E 'FATAL:|contains errors|cannot be changed' |
    grep -vc 'the database system is')" 0 "complaints: $(bibctl logs -n 1000 | grep -E 'FATAL:|errors|cannot')"
equal "$(superuser -p "$PORT" "select current_setting('max_connections'), current_setting('shared_buffers')")" \
    "50|64MB" "settings"
contains "$(superuser -p "$PORT" 'create role pg_bibd_probe login' )" reserved "the name of the probe"
for role in admin write query audit; do sql -U $role 'select 1' >/dev/null; done
# those of bibd, each with a certificate whose name is the login
equal "$(superuser -p "$PORT" \
    "select count(*) from pg_stat_ssl s join pg_stat_activity a using (pid) where a.usename like 'bibd\_%' and
    (not s.ssl or s.version <> 'TLSv1.3' or s.client_dn is distinct from '/CN=' || a.usename)")" 0 \
    "connections of bibd without"
[ "$(superuser -p "$PORT" "select count(*) from pg_stat_ssl s join pg_stat_activity a using (pid) where a.usename like \
'bibd\_%' and s.ssl")" -ge 4 ] ||
    fail "no connections of bibd over TLS"
for mode in disable require; do
	psql -w -X "host=127.0.0.1 port=$PORT user=bibd_admin_a dbname=bibd sslmode=$mode password=x" \
	    -c 'select 1' >/dev/null 2>&1 &&
	    fail "let in with sslmode=$mode and no certificate"
done
psql -w -X "host=127.0.0.1 port=$PORT user=pg_bibd_probe dbname=bibd sslmode=disable password=x" \
    -c 'select 1' >/dev/null 2>&1 &&
    fail "let in as the probe"
equal "$(bibctl certificates | grep -c bibd_)" 11 "certificates of logins"
stop_node
