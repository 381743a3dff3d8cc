# What each process has given up, as the kernel sees it and bibctl shows it
. "$(dirname "$0")/../lib.sh"
requires python3
start_node
out=$(bibctl status --verbose)
for w in bibd-sqlite bibd-keeper bibd-control; do
	line=$(grep "^sandbox .*$w" <<<"$out")
	contains "$line" "no new privileges" "$w"
	contains "$line" "no capabilities" "$w"
	[ "$SLOW" != 1 ] || contains "$line" ", seccomp," "$w"
done
bibctl status | grep -q '^sandbox' && fail "the sandbox without --verbose"
bibctl --json status --verbose >"$WORK/status" || fail "no status"
python3 - "$WORK/status" "$(id -u)" <<'PY' || fail "see above"
import json, pwd, sys
for p in json.load(open(sys.argv[1]))["processes"]:
    s = p["sandbox"]
    assert s["observed"] and s["no_new_privileges"] and s["capabilities"] == "0", p
    assert s["uid"] == pwd.getpwnam(p["user"]).pw_uid, p
    status = dict(l.rstrip("\n").split(":\t", 1) for l in open(f"/proc/{p['pid']}/status") if ":\t" in l)
    assert status["Uid"].split()[0] == str(s["uid"]) and (status["Seccomp"] == "2") == s["seccomp"], (p, status)
    if sys.argv[2] == "0": assert s["uid"] != 0, p
PY
bibctl status --verbose --verbose >/dev/null || fail "twice"
"$BIBCTL" doctor -f "$CONFIG" | grep -q '^ok *sandbox .*Landlock' ||
    say "this kernel lacks something: $("$BIBCTL" doctor -f "$CONFIG" | grep sandbox)"
grep -c '^sandbox' <<<"$out"
