# A commit whose sync fails is not called failed, nor done: the worker ends, and what the file then has is the outcome
# for: root
. "$(dirname "$0")/../lib.sh"
requires psql strace
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 100ms" # the worker ends more often than it may otherwise
start_node
sql "create table t (a int); insert into t values (1)" >/dev/null
# fail CALL: that call of the worker's fails from now on, until calm
fail_call() {
	old=$(worker bibd-sqlite)
	strace -f -qq -o /dev/null -e trace="$1" -e inject="$1:error=$2" -p "$old" 2>"$WORK/strace" &
	tracer=$!; started+=("$tracer")
	traced() { grep -q "^TracerPid:[[:space:]]*$tracer$" "/proc/$old/status"; }
	until_true 5 traced || {
		grep -qi "not permitted" "$WORK/strace" && skip "no process may be traced"
		fail "not traced: $(cat "$WORK/strace")"
	}
	for task in "/proc/$old"/task/*/status; do
		thread() { [ ! -e "$task" ] || grep -q "^TracerPid:[[:space:]]*$tracer$" "$task"; }
		until_true 5 thread || fail "a thread is not traced"
	done
}
calm() { kill -TERM "$tracer" 2>/dev/null; until_true 5 gone "$tracer"; }
for statement in "insert into t values (2)" "begin; insert into t values (3); commit" \
    "create table if not exists u as select 1 as x"; do
	for attempt in 1 2 3 4 5; do
		fail_call fsync,fdatasync EIO
		out=$(psql -h "$DIR/run" -Xqt -v VERBOSITY=verbose -c "$statement" 2>&1) || break
		# An entry of the trail was written just before, and ended the worker: the next one has answered.
		new_worker bibd-sqlite "$old" || fail "done, with no sync: $statement"
		calm; sleep 1
	done
	[ "$attempt" -lt 5 ] || fail "the worker always ended before: $statement"
	case $out in *ERROR*) fail "the client is told of an outcome: $out" ;; esac
	contains "$out" "server closed the connection" "what the client sees of: $statement"
	until_true 10 new_worker bibd-sqlite "$old" || fail "no new worker"
	calm
	until_true 10 answers || fail "no answer afterwards"
	rows=$(sql "select count(*) from t")
	kill -KILL "$(worker bibd-sqlite)"; until_true 10 answers || fail "no answer after a kill"
	equal "$(sql 'select count(*) from t')" "$rows" "the outcome, once it was seen: $statement"
	sleep 0.6 # what was healthy for an interval is started again at once
done
[ "$(log_lines 'could not be made durable')" -ge 3 ] || fail "nothing was said"
event() { bibctl events | grep -q "$1"; }
event store.sync_failed || fail "no event: $(bibctl events)"
# A write that fails is an error, since nothing of it can come back; it is told as an event, and so is the end of it
rows=$(sql "select count(*) from t")
fail_call pwrite64 EIO
equal "$(state 'insert into t values (9)')" 58030 "a write that fails"
until_true 5 event store.io_failed || fail "no event: $(bibctl events)"
calm
until_true 10 answers || fail "no answer"
equal "$(state 'insert into t values (10)')" ok "a write afterwards"
until_true 5 event 'store\.io ' || fail "no event: $(bibctl events)"
equal "$(sql 'select count(*) from t')" "$((rows + 1))" "the rows"
# A checkpoint that fails loses nothing, and is told
fail_call pwrite64 EIO
case $(state checkpoint) in 58030) ;; *) fail "a checkpoint that can't write" ;; esac
until_true 5 event store.checkpoint_failed || fail "no event: $(bibctl events)"
calm
until_true 10 answers || fail "no answer"
equal "$(state checkpoint)" ok "a checkpoint afterwards"
until_true 5 event 'store\.checkpoint ' || fail "no event: $(bibctl events)"
equal "$(sql 'select count(*) from t')" "$((rows + 1))" "the rows after the checkpoint"
stop_node
