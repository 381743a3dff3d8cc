# shellcheck shell=bash
# Sourced by the scenarios that compare a node with plain PostgreSQL: one server that bibd does not run, which trusts
# its clients, with the database bibd for the node and the database plain beside it. PLAIN is the directory of its
# socket; start_external starts a node on it.
# shellcheck source-path=SCRIPTDIR source=postgres.sh
. "$(dirname "${BASH_SOURCE[0]}")/postgres.sh"
requires psql python3 initdb createdb
PLAIN=$WORK/server
PLAIN_PORT=15499
as_server() { setpriv --reuid=nobody --regid=nogroup --clear-groups -- "$@"; }
server_ready() { pg_isready -q -h "$PLAIN" -p "$PLAIN_PORT"; }
# plain TEXT: runs it in the database plain, without bibd
plain() {
	psql -h "$PLAIN" -p "$PLAIN_PORT" -U postgres -d "${DATABASE_NAME:-bibd}" -X -qAt -v ON_ERROR_STOP=1 -c "$1"
}

run_external() {
	as_server postgres -F -D "$PLAIN/data" -k "$PLAIN" -p "$PLAIN_PORT" -c listen_addresses=127.0.0.1 \
	    >>"$PLAIN.log" 2>&1 &
	EXTERNAL_PID=$!
	started+=("$EXTERNAL_PID")
	until_true 20 server_ready || fail "the server does not start: $(tail -n 3 "$PLAIN.log")"
}

start_external() { # [SIZE]
	PGPORT=5432
	install -d -o nobody -m 755 "$PLAIN"
	as_server initdb -D "$PLAIN/data" -U postgres -A trust -N --locale=C.UTF-8 >/dev/null 2>&1 || fail "initdb"
	run_external
	createdb -h "$PLAIN" -p "$PLAIN_PORT" -U postgres bibd || fail "create database bibd"
	createdb -h "$PLAIN" -p "$PLAIN_PORT" -U postgres plain || fail "create database plain"
	configure_postgres node
	sed -i '/^  postgres:/,$d' "$CONFIG"; chmod 600 "$CONFIG"
	cat >>"$CONFIG" <<YAML
  postgres:
    managed: false
    pool: {size: ${1:-3}}
    advanced: {host: 127.0.0.1, port: $PLAIN_PORT, database: bibd, user: postgres, password: any, ssl_mode: disable}
YAML
	launch; wait_ready
}
