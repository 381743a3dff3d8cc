# A worker that was taken over and sends the supervisor each message that it may not send: it is ended, and nothing else
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../taken_over.sh"
HEALTH="action: retry_always, retry_backoff: 10ms"
sent=0
for row in "bibd-sqlite sqlite" "bibd-keeper sqlite" "bibd-control sqlite" "bibd-postgres external" \
    "bibd-container managed"; do
	read -r worker backend <<<"$row"
	configure_taken_over messages "$backend"
	launch_taken_over "$worker"
	until_true $((60 * SLOW)) grep -q "$worker.*attack: has sent them all" "$DIR/log" ||
	    fail "$worker: $(tail -n 3 "$DIR/log")"
	alive "$PID" || fail "$worker has ended bibd"
	while read -r name; do
		grep -q "$worker.* may not send $name to bibd" "$DIR/log" ||
		    fail "$worker: $name was taken: $(grep -A 3 "sends $name\$" "$DIR/log")"
		sent=$((sent + 1))
	done < <(sed -n "s/.*$worker\[.*attack: sends //p" "$DIR/log")
	kill -TERM "$PID"; reap 20
	put_back "$worker"
done
[ $sent -gt 150 ] || fail "only $sent messages"
say "$sent messages refused"
