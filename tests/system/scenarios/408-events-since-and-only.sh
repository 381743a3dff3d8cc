# bibctl events leaves out what is older than --since and what is not of --only, and status ends with the last of them
. "$(dirname "$0")/../lib.sh"
start_node
events() { "$BIBCTL" -s "$DIR/run" --json events "$@"; }
all=$(events | wc -l)
[ "$all" -gt 1 ] || fail "only $all events of a start"
equal "$(events --since 1h | wc -l)" "$all" "events of the last hour"
equal "$(events --since 0s | wc -l)" 0 "events of no time"
source=$(events | sed -n 's/.*"source":"\([^"]*\)".*/\1/p' | head -n 1) \
    code=$(events | sed -n 's/.*"code":"\([^".]*\).*/\1/p' | head -n 1)
[ "$(events --only "$source" | wc -l)" -gt 0 ] || fail "no events of $source"
equal "$(events --only "$source" | grep -vc "\"source\":\"$source\"")" 0 "events of others than $source"
[ "$(events --only "$code." | wc -l)" -gt 0 ] || fail "no events of $code"
equal "$(events --only "$code." | grep -vc "\"code\":\"$code\.")" 0 "events of others than $code"
equal "$(events --only no.such | wc -l)" 0 "events of no code"
for age in 1 h -1h 1w 1.5h 99999999d ''; do
	out=$(events --since "$age"); equal $? 64 "the exit status of --since '$age'"
	contains "$out" "wants an age" "the words for '$age'"
done
last=$(events | tail -n 1 | sed 's/.*"code":"\([^"]*\)".*/\1/')
contains "$("$BIBCTL" -s "$DIR/run" status | tail -n 1)" "  $last  " "the last line of status"
"$BIBCTL" -s "$DIR/run" status --since 1h >/dev/null 2>&1; equal $? 64 "status --since"
stop_node
