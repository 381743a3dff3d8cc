# action shutdown ends with 69 at the first death; retry_limit gives up with 69 after max_retries; each death is one
# line
. "$(dirname "$0")/../lib.sh"
HEALTH="interval: 500ms, action: shutdown"; start_node shutdown
kill -9 "$(worker sqlite)"; reap 10; equal "$STATUS" 69 "exit status with action shutdown"
equal "$(log_lines '(signal 9|SIGKILL|[Kk]illed)')" 1 "cause lines"
HEALTH="interval: 10s, action: retry_limit, max_retries: 3, retry_backoff: 100ms"; start_node limit
for i in 1 2 3; do
	victim=$(worker sqlite); kill -9 "$victim"
	until_true 5 new_worker sqlite "$victim" || fail "no new worker after death $i"
	until_true 5 ready || fail "not ready after death $i"
done
kill -9 "$(worker sqlite)"; reap 10; equal "$STATUS" 69 "exit status after max_retries"
equal "$(log_lines '(signal 9|SIGKILL|[Kk]illed)')" 4 "cause lines"
[ ! -e "$DIR/run/.s.PGSQL.5432" ] || fail "the socket was left behind"
