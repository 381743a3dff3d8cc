# bibctl why tells the story of a server that died: what bibd saw and the server wrote of it, in order, and
# that clients were served again
. "$(dirname "$0")/../postgres.sh"
requires psql python3
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 500ms"
start_postgres
contains "$(bibctl why)" "No outage is known of" "a new node"
engine_cli kill "$(container_name)" >/dev/null || fail "kill"
outage() { bibctl why | grep -q '^Clients were not served for '; }
until_true 60 outage || fail "no outage: $(bibctl why)"
out=$(bibctl why --since 10m)
paragraph=$(awk -v RS= '/^Clients were not served for|\nClients were not served for/' <<<"$out")
grep -qE '^Clients were not served for [0-9.]+ m?s: PostgreSQL was killed by signal 9 ' <<<"$paragraph" ||
    fail "the heading: $out"
for sentence in "PostgreSQL was killed by signal 9 " "Clients are no longer served: " \
    "PostgreSQL was started: " "PostgreSQL wrote to its log: LOG:  database system was " \
    "Clients were served again."; do
	contains "$paragraph" "  $sentence" "the sentences of the outage"
done
bibctl --json why --since 10m | python3 -c 'import json, sys
stories = [json.loads(line) for line in sys.stdin]
outages = [s for s in stories if s["kind"] == "outage"]
assert len(outages) == 1, stories
entries = outages[0]["entries"]; codes = [e["code"] for e in entries]
assert [e["time"] for e in entries] == sorted(e["time"] for e in entries), entries
assert codes.index("node.down") < codes.index("server.started") < codes.index("node.recovered"), codes
assert "server.log" in codes, codes
assert outages[0]["end"] and outages[0]["milliseconds"] > 0, outages' ||
    fail "in JSON: $(bibctl --json why --since 10m)"

# A restart that was asked for is told as one.
bibctl restart server >/dev/null || fail "restart"
contains "$(bibctl why)" "PostgreSQL was to be restarted: it is restarted, as bibctl of uid $(id -u) asks." "a restart"
stop_node
