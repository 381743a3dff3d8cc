# bibctl: exit codes of ready, status on a page, events, --json that is JSON, stop
. "$(dirname "$0")/../lib.sh"
requires python3
configure node
bibctl ready >/dev/null 2>&1; equal $? 2 "ready with no node"
bibctl nosuch >/dev/null 2>&1; equal $? 64 "an unknown command"
launch; wait_ready
bibctl ready >/dev/null; equal $? 0 "ready"
out=$(bibctl status); equal $? 0 "status"
for word in selective sqlite bibd-sqlite bibd-control "$(worker sqlite)"; do contains "$out" "$word" "status"; done
case $out in "ready: clients are served since "*) ;; *) fail "the first line of status: $out" ;; esac
case $out in *$'\033'*) fail "colour on what is no terminal" ;; esac
less "$(wc -l <<<"$out")" 19 "lines of status"
for command in status ready events; do
	bibctl --json $command >"$WORK/json" || fail "--json $command"
	python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin.read().splitlines() if line] if '\
'sys.argv[1] == "events" else json.load(sys.stdin)' \
	    $command <"$WORK/json" || { cat "$WORK/json"; fail "--json $command is no JSON"; }
done
victim=$(worker sqlite); kill -9 "$victim"; until_true 5 new_worker sqlite "$victim"; until_true 5 ready
contains "$(bibctl events)" bibd-sqlite "the death in events"
told='process.failed\|node.down\|process.restarted\|node.recovered'
codes=$(bibctl events | sed -n "s/.*  \($told\)  .*/\1/p" | paste -sd' ')
equal "$codes" "process.failed node.down process.restarted node.recovered" \
    "the death, what it meant, and the end of it in events"
contains "$(bibctl status)" "SIGKILL" "the last cause in status"
timeout 3 "$BIBCTL" -s "$DIR/run/control.sock" events --follow >"$WORK/follow" & f=$!
sleep 0.5; kill -HUP "$PID"; wait $f
[ "$(wc -l <"$WORK/follow")" -gt "$(bibctl events | wc -l)" ] || grep -qi reload "$WORK/follow" ||
    fail "--follow shows no reload: $(cat "$WORK/follow")"
bibctl --json stop >/dev/null || fail "stop"
reap 15; equal "$STATUS" 0 "exit status after bibctl stop"
