# A worker that hangs (SIGSTOP) is noticed by its heartbeat and replaced
. "$(dirname "$0")/../lib.sh"
requires psql
HEALTH="interval: 500ms, timeout: 1s, action: retry_always, retry_backoff: 100ms"
start_node
for name in sqlite control; do
	victim=$(worker $name); kill -STOP "$victim"; start=$(now_ms)
	until_true 15 new_worker $name "$victim" || fail "the hung $name worker is still there"
	until_true 5 gone "$victim" || fail "the hung worker was not ended"
	until_true 5 ready || fail "not ready after the hung $name worker was replaced"
	say "$name replaced after $(($(now_ms) - start)) ms"
	sleep 0.7
done
answers || fail "psql is not answered"
stop_node
