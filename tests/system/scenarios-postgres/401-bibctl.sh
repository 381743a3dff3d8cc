# bibctl on PostgreSQL: status with the container and the pool, logs, metrics, doctor with the daemon up and down,
# --json
. "$(dirname "$0")/../postgres.sh"
requires psql python3
configure_postgres node
out=$(bibctl doctor -f "$CONFIG" 2>&1); equal $? 0 "doctor before the first start: $out"
launch; wait_ready
sql 'create table t (a int)' >/dev/null
out=$(bibctl status); name=$(container_name)
for word in postgres "$ENGINE" "$name" "$IMAGE" bibd-postgres bibd-container bibd-keeper bibd-control; do
	contains "$out" "$word" "status"
done
less "$(wc -l <<<"$out")" 30 "lines of status"
for command in status ready events; do
	bibctl --json $command >"$WORK/json" || fail "--json $command: $(cat "$WORK/json")"
	python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin.read().splitlines() if line] if '\
'sys.argv[1] == "events" else json.load(sys.stdin)' \
	    $command <"$WORK/json" || { cat "$WORK/json"; fail "--json $command is no JSON"; }
done
bibctl --json doctor -f "$CONFIG" |
    python3 -c 'import json, sys; assert all(json.loads(line)["verdict"] for line in sys.stdin)' || fail "--json doctor"
contains "$(bibctl logs)" 'database system is ready to accept connections' "logs"
equal "$(bibctl logs -n 2 2>/dev/null | wc -l)" 2 "lines of logs -n 2"
for command in logs metrics doctor; do
	setpriv --reuid=nobody --regid=nogroup --clear-groups "$BIBCTL" -s "$DIR/run/control.sock" $command >/dev/null \
	    2>&1 && fail "nobody may $command"
done
# metrics: the format, what is in it, and that it counts
bibctl metrics >"$WORK/metrics" || fail "metrics"
python3 - "$WORK/metrics" <<'PY' || { head -n 40 "$WORK/metrics"; fail "metrics are not in the format"; }
import re, sys
names, types = set(), {}
for line in open(sys.argv[1]):
    if line.startswith("# TYPE "): _, _, n, t = line.split(); assert n not in types, n; types[n] = t; continue
    if line.startswith("# HELP ") or not line.strip(): continue
    m = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*\})? '
        r'(-?[0-9.e+]+|NaN|[+-]Inf)\n', line)
    assert m, line
    names.add(m[1])
assert names and all(n in types or re.sub(r"_(sum|count|bucket|total)$", "", n) in types
    for n in names), names - set(types)
text = " ".join(names)
for word in ("restart", "probe", "session", "pool|connection", "wait", "memory", "bytes"):
    assert re.search(word, text), (word, names)
PY
types() { grep '^# TYPE' | sort; }
# What only the container knows is left out while it does not answer.
same() {
	[ "$(curl -s --unix-socket "$DIR/run/metrics.sock" http://bibd/metrics | types)" = "$(bibctl metrics | types)" ]
}
until_true 10 same ||
    fail "metrics on their socket: $(curl -s --unix-socket "$DIR/run/metrics.sock" http://bibd/metrics | types)"
restarts() { bibctl metrics | grep -E '^[a-z_]*restart' | awk '{ n += $NF } END { print n + 0 }'; }
before=$(restarts); engine_cli kill "$name" >/dev/null; sleep 1; until_true 30 answers || fail "not back"
[ "$(restarts)" -gt "$before" ] || fail "the restart is not counted: $before"
contains "$(bibctl status)" 'killed' "the last cause in status"
contains "$(bibctl events)" server.killed "the death in events"
# doctor: each line says ok, warning or failed; up and down
bibctl doctor -f "$CONFIG" >"$WORK/doctor"; equal $? 0 "doctor of a healthy node: $(cat "$WORK/doctor")"
for word in "$(socket_of "$ENGINE")" image disk version clock; do
	grep -qi -- "$word" "$WORK/doctor" || fail "doctor says nothing of $word: $(cat "$WORK/doctor")"
done
[ "$(grep -ciE '^ *(ok|warning|failed)' "$WORK/doctor")" -ge 5 ] || fail "doctor: $(cat "$WORK/doctor")"
stop_node
bibctl doctor -f "$CONFIG" >"$WORK/doctor" 2>&1
[ "$(grep -ciE '^ *(ok|warning|failed)' "$WORK/doctor")" -ge 4 ] ||
    fail "doctor with the daemon down: $(cat "$WORK/doctor")"
grep -q "$(socket_of "$ENGINE")" "$WORK/doctor" || fail "doctor with the daemon down does not know the socket"
engine_stop "$ENGINE"
bibctl doctor -f "$CONFIG" >"$WORK/doctor" 2>&1 &&
    fail "doctor finds no fault with the engine down: $(cat "$WORK/doctor")"
grep -iE '^ *failed' "$WORK/doctor" | grep -q "$(socket_of "$ENGINE")" ||
    fail "doctor does not name the socket: $(cat "$WORK/doctor")"
say "$(grep -iE '^ *failed' "$WORK/doctor" | head -n 1)"
