# bibctl why tells what happened as a story: an outage is one paragraph with its cause, length and end; and when
# nothing happened
. "$(dirname "$0")/../lib.sh"
requires psql python3
HEALTH="interval: 500ms, retry_backoff: 1500ms, max_retries: 20"; start_node
json() { bibctl --json why "$@" | python3 -c 'import json, sys
stories = [json.loads(line) for line in sys.stdin]
around = stories.pop()
outages = [s for s in stories if s["kind"] == "outage"]
assert around["kind"] == "around" and all(s["schema"] == 1 for s in stories)
'"$JUDGE"; }
out=$(bibctl why); equal $? 0 "exit status"
contains "$out" "No outage is known of; this is the last hour." "a node that has had no outage"
contains "$out" "was started (pid $PID)." "the start"
case $out in *"not served"*) fail "an outage that was none: $out" ;; esac
contains "$(bibctl why --since 0s)" "Nothing happened from " "no time"
JUDGE='assert not around["happened"] and not stories' json --since 0s || fail "no time, in JSON"

# The second death is waited after: an outage while it goes on, and when it is over.
victim=$(worker sqlite); kill -9 "$victim"; until_true 5 new_worker sqlite "$victim" || fail "no new worker"
until_true 5 ready || fail "not ready"
victim=$(worker sqlite); kill -9 "$victim"; until_true 2 eval '! ready' || fail "still ready"
contains "$(bibctl why)" ", and are not yet: bibd-sqlite (pid $victim) was killed by SIGKILL from outside bibd." \
    "an outage that goes on"
JUDGE='assert outages[-1]["end"] is None' json || fail "one that goes on, in JSON"
until_true 10 ready || fail "not ready again"
out=$(bibctl why)
case $out in *$'\033'*) fail "colour on what is no terminal" ;; esac
paragraph=$(awk -v RS= -v victim="(pid $victim) was killed" 'index($0, victim)' <<<"$out")
killed="bibd-sqlite \(pid $victim\) was killed by SIGKILL from outside bibd\."
grep -qE "^Clients were not served for [12]\.[0-9] s: $killed Clients that were connected lost their connections, " \
    <<<"$paragraph" || fail "the heading: $out"
equal "$(grep -c '^  [0-9][0-9]:' <<<"$paragraph")" 4 "sentences of the outage: $paragraph"
JUDGE='assert len(outages) == 2 and 1000 <= outages[1]["milliseconds"] < 3000, outages
assert outages[0]["milliseconds"] < 1000, outages
codes = [e["code"] for e in outages[1]["entries"]]
assert codes == ["process.failed", "node.down", "process.restarted", "node.recovered"], outages' json ||
    fail "both outages, in JSON"

bibctl pause >/dev/null || fail "pause"; bibctl resume >/dev/null || fail "resume"
bibctl reload >/dev/null || fail "reload"
sed -i 's/^node: {mode: selective/node: {mode: selectiv/' "$CONFIG"
bibctl reload >/dev/null 2>&1 && fail "a wrong configuration"
out=$(bibctl why --since 1m)
grep -qE "^Clients were paused for .*: new statements wait for at most 300 s, by bibctl pause of uid $(id -u)\.$" \
    <<<"$out" ||
    fail "a pause: $out"
contains "$out" "  The configuration was reloaded." "a reload"
contains "$out" "  The configuration was not reloaded: " "a reload that was refused"
contains "$(bibctl why --at "$(date +%H:%M:%S)")" "  The configuration was reloaded." "around now"
contains "$(bibctl why --at "2001-01-01 12:00")" "Nothing happened from 2001-01-01 11:55:00 to 2001-01-01 12:05:00." \
    "long ago"
bibctl why --at tomorrow >/dev/null 2>&1; equal $? 64 "a time that is none"
bibctl why --at 12:00 --since 1m >/dev/null 2>&1; equal $? 64 "two times"
stop_node
bibctl why >/dev/null 2>"$WORK/err"; equal $? 69 "why without the daemon"
contains "$(cat "$WORK/err")" "there is no such socket" "why without the daemon"
