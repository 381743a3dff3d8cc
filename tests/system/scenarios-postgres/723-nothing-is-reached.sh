# From a server on TCP neither this host's services nor a name server is reached, nor anything outside, on a bridge of
# its own or on the engine's network
. "$(dirname "$0")/../postgres.sh"
requires psql python3 nsenter iptables
PORT=$((20000 + RANDOM % 10000)) SERVICE=$((31000 + RANDOM % 1000))
# A service of this host on every address, and the name server that the engine is told to ask.
python3 - "$SERVICE" "$WORK/asked" <<'PY' &
import socket, sys, threading
dns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); dns.bind(("198.51.100.1", 53))
def names():
    while True:
        dns.recvfrom(512); open(sys.argv[2], "a").write("asked\n")
threading.Thread(target=names, daemon=True).start()
s = socket.create_server(("", int(sys.argv[1])))
while True: s.accept()[0].close()
PY
started+=($!)
echo 'nameserver 198.51.100.1' >"$WORK/resolv.conf"
resolv=$(readlink -f /etc/resolv.conf)
mount --bind "$WORK/resolv.conf" "$resolv" || fail "no resolv.conf"
mounted+=("$resolv")
tries() { engine_cli exec "$(container_name)" bash -c "exec 3<>/dev/tcp/$1/$2" >"$WORK/tries" 2>&1; }
isolated() {
	local inside gateway
	inside=$(inspect '{{.State.Pid}}')
	for gateway in 198.51.100.1 \
	    $(nsenter -t "$inside" --net ip route | sed -n 's/^default via \([0-9.]*\).*/\1/p'); do
		tries "$gateway" "$SERVICE" && fail "this host's service is reached by $gateway: $1"
	done
	tries "$OUTSIDE" 7 && fail "outside is reached: $1"
	# shellcheck disable=SC2046 # addresses
	nsenter -t "$inside" --net python3 - $(sed -n 's/^nameserver //p' "/proc/$inside/root/etc/resolv.conf") <<'PY'
import socket, sys
for server in sys.argv[1:]:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1)
    try: s.sendto(b"\x12\x34\x01\0\0\1\0\0\0\0\0\0\7example\4test\0\0\1\0\1", (server, 53)); s.recv(512)
    except OSError: pass
PY
	[ ! -e "$WORK/asked" ] || fail "a question for a name left the container: $1"
	equal "$(sql 'select 1')" 1 "an answer: $1"
}
# What the manual says of a program that binds a port by itself, and against it: its firewall rules, as they stand
# there.
binds_and_reaches() {
	nsenter -t "$(inspect '{{.State.Pid}}')" --net python3 - "$1" "$SERVICE" <<'PY'
import socket, sys
s = socket.socket(); s.settimeout(3); s.bind(("", 41000)); s.connect((sys.argv[1], int(sys.argv[2])))
PY
}
gateway_of() { nsenter -t "$(inspect '{{.State.Pid}}')" --net ip route | sed -n 's/^default via \([0-9.]*\).*/\1/p'; }
NETWORK="use_unix_socket: false, bridge_network_name: bibd-test-reach" POSTGRES="    port: $PORT" start_postgres
isolated "a bridge of its own"
binds_and_reaches "$(gateway_of)" || fail "the service is not there to be reached"
sed -n 's/^# iptables \(-I INPUT -i .*\)/\1/p' "$top/man/bibd.8" >"$WORK/rules"
equal "$(wc -l <"$WORK/rules")" 2 "firewall rules in the manual"
# shellcheck disable=SC2086 # words
while read -r rule; do iptables $rule || skip "no firewall rule can be set here"; done <"$WORK/rules"
binds_and_reaches "$(gateway_of)" 2>/dev/null && fail "this host's service is reached past the manual's rules"
equal "$(sql 'select 1')" 1 "an answer beside the manual's rules"
stop_node; launch; wait_ready; equal "$(sql 'select 1')" 1 "an answer after a start beside the manual's rules"
stop_node
# shellcheck disable=SC2086
while read -r rule; do iptables ${rule/-I/-D}; done <"$WORK/rules"
[ "$ENGINE" != docker ] || exit 0 # the tests' Docker has no network of its own
NETWORK="use_unix_socket: false, use_bridge_network: false" POSTGRES="    port: $PORT" start_postgres other
isolated "the engine's network"; stop_node
