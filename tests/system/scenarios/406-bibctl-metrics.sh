# Metrics: by bibctl, on the Unix socket and on loopback; garbage there costs nobody anything; logs on a SQLite node
. "$(dirname "$0")/../lib.sh"
requires psql python3
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
EXTRA="metrics: {address: '127.0.0.1:$port'}" start_node
equal "$(stat -c %a "$DIR/run/metrics.sock")" 660 "metrics.sock"
bibctl metrics >"$WORK/text" || fail "bibctl metrics"
for line in 'bibd_ready 1' 'bibd_process_up{process="bibd-sqlite"} 1' 'bibd_storage_up 1' \
    'bibd_sessions{role="query"} 0'; do
	grep -qxF "$line" "$WORK/text" || fail "no line $line in $(cat "$WORK/text")"
done
bibctl logs >"$WORK/out" 2>&1; equal $? 64 "logs on a SQLite node"
contains "$(cat "$WORK/out")" "runs no container" "logs on a SQLite node"

# Statements, transactions and answers are counted, those of clients alone.
metric() { bibctl metrics | awk -v name="$1" '$1 == name { print $2 }'; }
equal "$(metric bibd_statements_total) $(metric bibd_answer_seconds_count)" "0 0" "counts without clients"
psql -h "$DIR/run" -XqAt -c 'select 1' -c 'begin; select 2; commit' -c 'select 1/0' >/dev/null 2>&1
equal "$(metric bibd_statements_total) $(metric bibd_transactions_total) $(metric bibd_answer_seconds_count)" "3 3 3" \
    "statements, transactions, answers"
equal "$(metric 'bibd_answer_seconds_bucket{le="+Inf"}')" 3 "the last bucket"
psql -h "$DIR/run" -XqAt -c "select count(*) from generate_series(1, 3000000)" >/dev/null ||
    fail "a statement that runs long"
equal "$(metric 'bibd_answer_seconds_bucket{le="0.008192"}')" 3 "answers within 8 ms"

python3 - "$DIR/run/metrics.sock" "$port" <<'PY' || fail "HTTP"
import os, random, socket, sys
def connect(where):
    if where.isdigit(): s = socket.create_connection(("127.0.0.1", int(where)))
    else: s = socket.socket(socket.AF_UNIX); s.connect(where)
    s.settimeout(10); return s
def ask(where, request):
    s = connect(where); s.sendall(request); answer = b""
    try:
        while (part := s.recv(65536)): answer += part
    finally: s.close()
    return answer
good = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
for where in sys.argv[1:]:
    head, body = ask(where, good).split(b"\r\n\r\n", 1)
    assert head.startswith(
        b"HTTP/1.1 200 OK") and b"version=0.0.4" in head and f"Content-Length: {len(body)}".encode() in head, head
    assert b"\nbibd_ready 1\n" in body, body
    for request, status in ((b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
            (b"PUT /metrics HTTP/1.1\r\nHost: x\r\n\r\n", b"405"),
                            (b"A" * 4096, b"431"), (b"\x16\x03\x01\x00", b"400"),
                            (b"GET /metrics HTTP/1.1\r\n\r\n", b"400")):
        answer = ask(where, request)
        assert answer.split(b" ")[1] == status, (request, answer)
    held = [connect(where) for _ in range(40)]      # more than are let in, all silent
    for s in held: s.close()
    for _ in range(60):
        s = connect(where)
        try: s.sendall(os.urandom(random.choice([1, 30, 4096, 9000])))
        except OSError: pass
        s.close()
    assert b"\nbibd_ready 1\n" in ask(where, good)
PY
control=$(worker control)
[ "$(bibctl metrics | grep -c '^bibd_process_restarts_total.* 0$')" = 3 ] || fail "garbage cost a process"

victim=$(worker sqlite); kill -9 "$victim"; until_true 5 new_worker sqlite "$victim"; until_true 5 ready
bibctl metrics | grep -qxF 'bibd_failures_total{source="bibd-sqlite",cause="signal"} 1' ||
    fail "the death is not counted"
kill -9 "$control"; until_true 5 new_worker control "$control"; until_true 5 ready
bibctl metrics | grep -qxF 'bibd_failures_total{source="bibd-sqlite",cause="signal"} 1' ||
    fail "the count is lost with control"
exec 3<>"/dev/tcp/127.0.0.1/$port" || fail "the TCP socket is lost with control"
printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3; contains "$(cat <&3)" "HTTP/1.1 200" "metrics after control's restart"
exec 3>&-
stop_node
[ ! -e "$DIR/run/metrics.sock" ] || fail "metrics.sock was left behind"

# An address that is taken, and one that is no loopback address.
EXTRA="metrics: {address: '127.0.0.1:$port'}" start_node one; first=$PID
EXTRA="metrics: {address: '127.0.0.1:$port'}" configure two; launch; reap 5
equal "$STATUS" 73 "status with an address that is taken"
contains "$(cat "$DIR/log")" "metrics.address 127.0.0.1:$port: port $port is in use by " "the reason"
EXTRA="metrics: {address: '0.0.0.0:$port'}" configure three; launch; reap 5
equal "$STATUS" 78 "status with an address that is not loopback"
kill -TERM "$first"; wait "$first"
