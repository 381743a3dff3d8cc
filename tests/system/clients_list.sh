# shellcheck shell=bash
# Sourced by the scenarios of both backends: a node is ready, and what bibctl clients and bibctl kill promise is tested
# on it. Ends with an error as soon as something differs.

# client FIELD: of the client that calls itself held
client() {
	bibctl --json clients | grep '"application":"held"' |
	    sed -n "s/.*\"$1\":\(\"\([^\"]*\)\"\|\([^,}]*\)\).*/\2\3/p"
}
client_is() { [ "$(client "$1")" = "$2" ]; }

# A client in a transaction that has written a row; fd 7 is its standard input, its answers go to $WORK/held.
hold_a_client() {
	rm -f "$WORK/pipe"
	mkfifo "$WORK/pipe"
	PGAPPNAME=held psql -h "$DIR/run" -X -qAt <"$WORK/pipe" >"$WORK/held" 2>&1 &
	HELD=$!
	started+=("$HELD")
	exec 7>"$WORK/pipe"
	printf '%s\n' "begin;" "insert into held values (4711, 'a secret'); -- another secret" >&7
	until_true 30 client_is state "idle in transaction" || fail "the client is not listed: $(bibctl clients)"
}

clients_are_listed_and_killed() {
	local id out
	sql "create table held (a int, b text)" >/dev/null || fail "create table"
	hold_a_client
	# In a pipe, so that nothing is cut.
	out=$(bibctl clients | cat)
	contains "$out" "LAST STATEMENT" "the table"
	contains "$out" "insert into held values (?, ?);" "the statement without its literals"
	case $out in *secret* | *4711*) fail "a literal or a comment is shown: $out" ;; esac
	equal "$(client role)" admin "its role"
	equal "$(client uid)" "$(id -u)" "its uid"
	equal "$(client pid)" "$HELD" "its process"
	equal "$(client statement)" "insert into held values (?, ?);" "its statement in JSON"
	[ "$(client holds)" != null ] || fail "a transaction that has written holds nothing"
	[ "$(client transaction)" != null ] || fail "it has no transaction"

	bibctl kill 2>/dev/null; equal $? 64 "kill without an id"
	bibctl kill x 2>/dev/null; equal $? 64 "kill of a word"
	out=$(bibctl kill 2000000001 2>&1); equal $? 64 "kill of nobody"
	contains "$out" "no session has the id 2000000001" "kill of nobody"
	id=$(client id)
	out=$(bibctl kill "$id") || fail "kill: $out"
	contains "$out" "session $id (uid $(id -u), pid $HELD, role admin) was ended" "what kill says"
	until_true 30 client_is state "" || fail "the session is still listed: $(bibctl clients)"
	printf 'commit;\n' >&7
	exec 7>&-
	wait "$HELD"
	contains "$(cat "$WORK/held")" "terminating connection due to administrator command" "what the client is told"
	equal "$(sql 'select count(*) from held')" 0 "rows of the transaction that was ended"
	contains "$(bibctl events)" \
	    "session $id (uid $(id -u), pid $HELD, role admin) was ended by bibctl kill of uid $(id -u)" "the event"
	until_true 30 in_trail ||
	    fail "the trail has no row: $(sql -U audit "select kind, statement, result from bibd.audit")"
	equal "$(bibctl audit verify | cut -c1-18)" "audit trail intact" "the trail"
}
in_trail() {
	[ "$(sql -U audit \
	    "select count(*) from bibd.audit where kind = 'session.terminated' and source like 'bibd-%'")" = 1 ]
}
