# SIGUSR1 writes the state to the log
. "$(dirname "$0")/../lib.sh"
start_node
before=$(wc -l <"$DIR/log"); kill -USR1 "$PID"
log_grew() { [ "$(wc -l <"$DIR/log")" -gt "$before" ]; }
until_true 5 log_grew || fail "nothing was written"
sleep 0.3; contains "$(tail -n +$((before + 1)) "$DIR/log")" bibd-sqlite "the state"
stop_node
