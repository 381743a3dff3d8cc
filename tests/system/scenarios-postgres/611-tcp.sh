# Without PostgreSQL's Unix socket: published on the loopback address alone, from inside nothing outside is reached nor
# another container; the network is made, mended and removed; a process that has the port is named before anything
# starts
. "$(dirname "$0")/../postgres.sh"
requires psql python3
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 500ms"
# less than TLS with certificates is refused while TLS is on; and so are addresses beyond the host
NETWORK="use_unix_socket: false" POSTGRES="    ssl_mode: prefer"; configure_postgres node
refused 78 10 ssl_mode; [ ! -e "$DIR/data" ] || fail "it made something"
tcp="    port: 15432"
NETWORK="use_unix_socket: false, bind_address: 0.0.0.0" POSTGRES=$tcp; configure_postgres node
refused 78 10 bind_address loopback
[ ! -e "$DIR/data" ] || fail "it made something"
if [ "$ENGINE" = podman ]; then # which never got ready there
	NETWORK="use_unix_socket: false, bind_address: '::1'" POSTGRES=$tcp; configure_postgres node
	refused 78 30 'publishes no port on ::1' 127.0.0.1; equal "$(log_lines ' again')" 0 "tries on ::1"
	rm -rf "$DIR/data"
fi
NETWORK="use_unix_socket: false, bridge_network_name: bibd-test-net"
setpriv --reuid=nobody --clear-groups -- /usr/bin/python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 15432))
while True: s.accept()[0].close()' & holder=$!
listens() { ss -Hltn 'sport = :15432' | grep -q .; }
until_true 5 listens
HEALTH="action: shutdown" configure_postgres node; refused 69 30 15432 'in use by' nobody
equal "$(engine_cli ps -aq | wc -l)" 0 "containers after a start with the port in use"
kill $holder; wait $holder 2>/dev/null

configure_postgres node; launch; wait_ready
sql 'create table t (a int); insert into t values (1)' || fail "insert"
equal "$(ss -Hltn 'sport = :15432' | awk '{ print $4 }')" 127.0.0.1:15432 "where the port is open"
pg_isready -q -h 127.0.0.1 -p 15432 || fail "the published port does not answer"
psql -w -h 127.0.0.1 -p 15432 -U postgres -d bibd -X -c 'select 1' >/dev/null 2>&1 &&
    fail "the superuser may log in over TCP"
equal "$(engine_cli network ls --filter name=bibd-test-net -q | wc -l)" 1 "networks"
reaches() {
	nsenter -t "$1" --net timeout 3 python3 -c "import socket; socket.create_connection(('$2', $3), 2)" >/dev/null \
	    2>&1
}
inside=$(inspect '{{.State.Pid}}')
# what can be reached from where it should be, so that what can't says something
python3 -c "import socket; socket.create_connection(('$OUTSIDE', 7), 2)" || fail "outside is not there"
engine_cli network create bibd-test-other >/dev/null && engine_cli run -d --name other --network bibd-test-other \
    "$IMAGE" sleep 600 >/dev/null
other=$(engine_cli inspect -f '{{.State.Pid}}' other)
reaches "$other" "$OUTSIDE" 7 || fail "an ordinary container does not reach outside"
nsenter -t "$other" --net python3 -c 'import socket; s = socket.create_server(("0.0.0.0", 9)); s.settimeout(60)
while True: s.accept()' & server=$!
address=$(nsenter -t "$other" --net ip -4 -o addr show scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
until_true 5 reaches "$other" 127.0.0.1 9 || fail "the other container's server"
reaches "$inside" "$OUTSIDE" 7 && fail "an address outside is reached from inside"
reaches "$inside" "$address" 9 && fail "another container is reached from inside"
kill $server; wait $server 2>/dev/null; engine_cli rm -f -t 0 other >/dev/null 2>&1 || engine_cli rm -f other >/dev/null
engine_cli network rm bibd-test-other >/dev/null
# the network removed under it
before=$(event_count)
engine_cli network disconnect -f bibd-test-net "$(container_name)" >/dev/null 2>&1
engine_cli network rm -f bibd-test-net >/dev/null 2>&1 ||
    engine_cli network rm bibd-test-net >/dev/null 2>&1
network_is() { [ "$(engine_cli network ls --filter name=bibd-test-net -q | wc -l)" = "$1" ]; }
network_is 0 || fail "the network can't be removed"
until_true 40 event_since "$before" 'server\.' || fail "nothing is said of the removed network"
until_true 40 answers || fail "not back after the network was removed: $(tail -n 5 "$DIR/log")"
network_is 1 || fail "the network was not made again"
equal "$(sql 'select a from t')" 1 "the row"
stop_node; network_is 0 || fail "the network is left behind"
# without TLS, when that is wanted
POSTGRES="$tcp
    tls: {enabled: false}" configure_postgres node; launch; wait_ready; equal "$(sql 'select a from t')" 1 \
    "the row without TLS"; stop_node
# one of that name that is not bibd's is used, or refused by name, and left
engine_cli network create bibd-test-net >/dev/null; : >"$DIR/log"; launch
settled() { ready || gone "$PID"; }
until_true 60 settled || fail "neither ready nor refused with a foreign network"
if ready >/dev/null 2>&1; then stop_node
else wait "$PID"; contains "$(cat "$DIR/log")" bibd-test-net "the foreign network in the log"; fi
network_is 1 || fail "a network that is not bibd's was removed"
