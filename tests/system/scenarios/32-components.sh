# A program of phase 2 runs without a shell, is started again when it ends, and stops with the node
. "$(dirname "$0")/../lib.sh"
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 100ms"
EXTRA="p2p: {enabled: true, command: [/bin/sleep, '98765'], user: $ME}"
start_node
part() { pgrep -P "$PID" -f 'sleep 98765'; }
until_true 5 part || fail "the program does not run"
first=$(part); kill -9 "$first"
came_back() { [ -n "$(part)" ] && [ "$(part)" != "$first" ]; }
until_true 5 came_back || fail "the program was not started again"
answers || fail "storage noticed"
last=$(part); stop_node
gone "$last" || fail "the program outlives bibd"
