# Under the journal a line begins with its priority; as JSON each line is an object; no line bears a password
. "$(dirname "$0")/../lib.sh"
requires python3
EXTRA="log: {level: debug, format: json}"
start_node json
psql -h "$DIR/run" -Xqc 'select 1' >/dev/null 2>&1
stop_node
python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin]' <"$DIR/log" || fail "a line is no JSON"
EXTRA=; configure journal
mkfifo "$DIR/fifo"; cat "$DIR/fifo" >"$DIR/log" & reader=$!
exec 9>"$DIR/fifo"
JOURNAL_STREAM=$(stat -L -c '%d:%i' /proc/self/fd/9) "$BIBD" -f "$CONFIG" 2>&9 &
PID=$!; started+=("$PID"); wait_ready; stop_node
exec 9>&-; wait $reader
bad=$(grep -cvE '^<[0-7]>' "$DIR/log")
equal "$bad" 0 "lines without a priority"
