# Each worker that hangs is found within the interval and twice the timeout: all that hang at once are found at once
. "$(dirname "$0")/../lib.sh"
requires psql python3
HEALTH="interval: 3s, timeout: 1s, action: retry_always, retry_backoff: 100ms"
start_node
before=$(children "$PID" | sort)
# shellcheck disable=SC2086 # a word for each
kill -STOP $before
found() { [ "$(grep -c "it did not answer a heartbeat within 1000 ms" "$DIR/log")" -ge 3 ]; }
until_true 20 found || fail "not all that hang were found"
spread=$(grep "did not answer a heartbeat" "$DIR/log" | python3 -c '
import sys, datetime
t = [datetime.datetime.fromisoformat(l.split()[0].rstrip("Z")) for l in sys.stdin]
print(int((max(t) - min(t)).total_seconds() * 1000))')
# One asked at each interval would be 6 s from the first to the third.
[ "$spread" -lt 2500 ] || fail "from the first to the last it took $spread ms"
until_true 20 ready || fail "not ready after the workers were replaced"
until_true 20 answers || fail "psql is not answered"
say "found within $spread ms of each other"
stop_node
