# The audit trail on PostgreSQL: entries, signatures, and a change that is found; limits of clients there
. "$(dirname "$0")/../lib.sh"
requires psql python3 initdb postgres
as=()
[ "$(id -u)" != 0 ] || as=(setpriv --reuid postgres --regid postgres --init-groups --)
server=$WORK/server port=$((20000 + $$ % 20000))
mkdir "$server"; [ "$(id -u)" != 0 ] || chown postgres "$server"
"${as[@]}" initdb -D "$server/data" -A trust -U postgres >"$WORK/initdb" 2>&1 ||
    fail "initdb: $(tail -n 2 "$WORK/initdb")"
"${as[@]}" "$(command -v postgres)" -D "$server/data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c "unix_socket_directories=$server" >"$WORK/server.log" 2>&1 &
started+=($!)
superuser() { psql -h 127.0.0.1 -p "$port" -U postgres -X -qAt "$@"; }
until_true 20 superuser -d postgres -c 'create database bibd' || fail "no server: $(tail -n 3 "$WORK/server.log")"
configure node
cat >"$CONFIG" <<YAML
node: {mode: full, data_dir: $DIR/data}
listen: {path: $DIR/run}
access:
  - {user: $ME, roles: [admin, write, query, audit]}
server: {shutdown_timeout: 5s, max_clients_per_uid: 5, max_starting: 8, startup_timeout: 1s}
database:
  backend: postgres
  postgres:
    managed: false
    advanced: {host: 127.0.0.1, port: $port, database: bibd, user: postgres, password: none, ssl_mode: disable}
audit: {sign_interval: 300ms}
YAML
chmod 600 "$CONFIG"
launch; wait_ready
sql "create table t (a int default 4711)" >/dev/null
sql "create role bibd_test password 'a secret'" >/dev/null
state -U query "set role pg_monitor" >/dev/null
in_trail() { [ "$(sql -U audit "select count(*) > 0 from bibd.audit where $1")" = t ]; }
found() { until_true 5 in_trail "$1" || fail "not in the trail: $1: $(sql -U audit 'select * from bibd.audit')"; }
found "kind = 'node.ready' and source = 'bibd'"
found "kind = 'definition' and role = 'admin' and source = 'bibd-postgres' and uid = $(id -u) and statement like \
'create table t%'"
found "kind = 'rights' and statement = 'create role bibd_test password ?'"
found "kind = 'role' and role = 'query' and statement = 'set role pg_monitor'"
equal "$(sql -U audit "select count(*) from bibd.audit where statement like '%4711%' or statement like '%secret%'")" 0 \
    "literals"
# Limits, as on SQLite
python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, time
from wire import Failed, Session
d = sys.argv[1]
held = [Session(d, user="query") for _ in range(5)]
try: Session(d, user="query"); sys.exit("a sixth client of one uid was let in")
except Failed as e: assert e.code == "53300" and "server.max_clients_per_uid is 5" in str(e), e
for h in held: h.close()
silent = [Session(d, start=False) for _ in range(2)]; time.sleep(.2)
try: s = Session(d, start=False); s.until_ready(); sys.exit("a third that keeps silent was let in")
except Failed as e: assert e.code == "53300" and "server.max_starting (8)" in str(e), e
begun = time.monotonic()
try: silent[0].until_ready(); sys.exit("?")
except Failed as e: assert e.code == "57014" and "server.startup_timeout" in str(e), e
assert time.monotonic() - begun < 5
PY
found "kind = 'refused' and result = '53300'"
signed() { bibctl --json audit verify | grep -q '"heads":[1-9]'; }
until_true 5 signed || fail "nothing was signed: $(bibctl audit verify 2>&1)"
stop_node
equal "$(superuser -d bibd \
    -c 'select (select max(position) from bibd.audit) = (select max(position) from bibd.audit_head)')" t \
    "the last row is signed"
equal "$(superuser -d bibd -c 'select kind from bibd.audit order by id desc limit 1')" node.stopping "the last row"
superuser -d bibd -c "update bibd.audit set uid = 1 where id = 3"
launch; wait_ready
broken() { bibctl audit verify 2>&1 | grep -q 'row 3 was changed'; }
until_true 5 broken || fail "the change was not found: $(bibctl audit verify 2>&1)"
superuser -d bibd -c "update bibd.audit set uid = $(id -u) where id = 3; delete from bibd.audit where id = 4"
missing() { bibctl audit verify 2>&1 | grep -q 'before row 5 are missing'; }
until_true 5 missing || fail "the row that is missing was not found: $(bibctl audit verify 2>&1)"
# A server that goes away loses no entry.
kill -INT "${started[0]}"
seen_gone() { ! ready >/dev/null 2>&1; }
until_true 30 seen_gone || fail "the node did not see that its server has gone"
"${as[@]}" "$(command -v postgres)" -D "$server/data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c "unix_socket_directories=$server" >>"$WORK/server.log" 2>&1 &
started+=($!)
until_true 20 answers || fail "the node is not back"
sql "create table u (a int)" >/dev/null
found "kind = 'definition' and statement like 'create table u%'"
found "kind like 'node.recovered'"
stop_node
