# shellcheck shell=bash
# Sourced by the scenarios of both backends: a node is ready, and what bibctl pause and resume promise is tested on it.

# held_psql NAME: a psql that reads from fd 7 (NAME 1) or 8 (NAME 2), answers go to $WORK/held.NAME
held_psql() {
	rm -f "$WORK/pipe.$1"
	mkfifo "$WORK/pipe.$1"
	psql -h "$DIR/run" -X -qAt <"$WORK/pipe.$1" >"$WORK/held.$1" 2>&1 &
	started+=("$!")
	if [ "$1" = 1 ]; then exec 7>"$WORK/pipe.1"; else exec 8>"$WORK/pipe.2"; fi
}
held_says() { [ "$(tail -n 1 "$WORK/held.$1" 2>/dev/null)" = "$2" ]; }
status_has() { bibctl status | grep -q "$1"; }

clients_are_paused_and_resumed() {
	local out p
	sql "create table paused (a int)" >/dev/null || fail "create table"
	held_psql 1; held_psql 2
	printf 'begin; insert into paused values (1); select %s;\n' "'in'" >&7
	until_true 10 held_says 1 in || fail "no transaction: $(cat "$WORK/held.1")"
	printf 'select %s;\n' "'idle'" >&8
	until_true 10 held_says 2 idle || fail "no session: $(cat "$WORK/held.2")"

	# When a transaction does not end in time, all clients go on.
	out=$(bibctl pause --timeout 1s 2>&1); equal $? 69 "pause beside an open transaction"
	contains "$out" "1 transaction did not end within 1 s (session " "what pause says"
	equal "$(sql 'select 1')" 1 "a statement after a pause that failed"

	# An open transaction is finished first; after that its session's next statement waits like all others.
	bibctl pause --timeout 60s --for 5m >"$WORK/pause" 2>&1 & p=$!
	until_true 10 held_is_back || fail "a new statement did not wait while a transaction is open"
	printf 'insert into paused values (2); commit; select %s;\n' "'after'" >&7
	wait "$p" || fail "pause: $(cat "$WORK/pause")"
	contains "$(cat "$WORK/pause")" "clients are paused, and no transaction is open" "what pause says"
	printf 'select count(*) from paused;\n' >&8
	out=$(bibctl status); equal $? 69 "exit status of status while paused"
	contains "$out" "paused" "status while paused"
	contains "$out" "by bibctl pause of uid $(id -u)" "who paused"
	bibctl ready >/dev/null; equal $? 1 "ready while paused"
	contains "$(bibctl --json status)" '"phase":"paused"' "status in JSON"
	until_true 10 clients_wait 2 || fail "they do not wait: $(bibctl clients)"
	held_says 2 idle || fail "a statement was answered while paused: $(cat "$WORK/held.2")"
	out=$(bibctl pause 2>&1); equal $? 69 "a second pause"
	contains "$out" "paused already" "a second pause"
	# A client that waits can be cancelled or ended.
	PGOPTIONS="-c statement_timeout=300" timeout 20 psql -h "$DIR/run" -X -qAt -c "select 1" >/dev/null 2>&1 &&
	    fail "a statement was served"

	bibctl resume >"$WORK/resume" || fail "resume: $(cat "$WORK/resume")"
	until_true 10 held_says 1 after || fail "the first does not go on: $(cat "$WORK/held.1")"
	until_true 10 held_says 2 2 || fail "the second does not go on: $(cat "$WORK/held.2")"
	exec 7>&- 8>&-
	bibctl ready >/dev/null || fail "not ready after resume"
	contains "$(bibctl resume)" "clients were not paused" "resume of what is not paused"

	# The pause ends by itself.
	bibctl pause --for 1s >/dev/null || fail "pause"
	equal "$(sql 'select count(*) from paused')" 2 "a statement that waited until the time was over"
	out=$(bibctl events --only clients.)
	contains "$out" "new statements wait for at most 300 s, by bibctl pause of uid $(id -u)" \
	    "the event of the pause"
	contains "$out" "clients go on, by bibctl resume of uid $(id -u)" "the event of the resume"
	contains "$out" "the time of bibctl pause of uid $(id -u) is over: clients go on" "the event of its end"
	until_true 10 pause_in_trail || fail "the trail: $(sql -U audit "select kind from bibd.audit")"
	bibctl pause --for 2h 2>/dev/null; equal $? 64 "a pause of two hours"
}
held_is_back() { status_has "being paused"; }
clients_wait() { [ "$(bibctl --json clients | grep -c '"state":"waiting"')" = "$1" ]; }
pause_in_trail() {
	[ "$(sql -U audit "select count(distinct kind) from bibd.audit where kind in ('order.pause', 'order.resume', \
'clients.paused', 'clients.resumed')")" = 4 ]
}
