# The first line of bibctl status says whether clients are served and the worst of what is wrong, in colour on a
# terminal alone
. "$(dirname "$0")/../lib.sh"
requires python3 script
HEALTH="interval: 300ms, timeout: 700ms, retry_backoff: 3s, max_retries: 20"; start_node
first() { bibctl status | head -n 1; }
says() { [[ $(first) =~ $1 ]]; }
says '^ready: clients are served since [-0-9]+ [:0-9]+ \(.*(ago|just now)\)$' || fail "a healthy node: $(first)"
terminal() { TERM=xterm script -qec "'$BIBCTL' -s '$DIR/run' $*" /dev/null </dev/null; }
contains "$(terminal status)" $'\033[32mready' "colour on a terminal"
case $(terminal --no-color status) in *$'\033'*) fail "colour with --no-color" ;; esac
case $(NO_COLOR=1 terminal status) in *$'\033'*) fail "colour with NO_COLOR" ;; esac

# A second death soon after the first is waited after.
victim=$(worker sqlite); kill -9 "$victim"; until_true 5 new_worker sqlite "$victim" || fail "no new worker"
kill -9 "$(worker sqlite)"
failed="bibd-sqlite failed .*, next try in [0-3] s: killed by SIGKILL from outside bibd"
until_true 2 says "^not ready: clients are not served since .*\): storage is down; $failed\$" ||
    fail "a worker that is waited for: $(bibctl status)"
contains "$(terminal status)" $'\033[31mnot ready' "colour of a failure"
down=$(bibctl --json status | python3 -c 'import json, sys
s = json.load(sys.stdin)
assert not s["ready"] and s["down_since"] > s["started"], s
assert "bibd-sqlite failed" in s["problems"][0] and s["problems"][0] in s["summary"], s
print(s["down_since"])') || fail "JSON of a node that is down"
until_true 10 says '^ready: clients are served since' || fail "it is not back: $(bibctl status)"

bibctl pause >/dev/null || fail "pause"
says "^not ready: clients are paused since .*: by uid $(id -u), over by itself in .* or by .bibctl resume.$" ||
    fail "a pause: $(first)"
bibctl resume >/dev/null || fail "resume"

# Not healthy, with the reason; and what is worse comes first.
mv "$DIR/run/.s.PGSQL.5432" "$DIR/run/away"
until_true 10 says '^ready: .*; bibd-sqlite is not healthy: clients cannot connect to ' ||
    fail "nobody can connect: $(bibctl status)"
mv "$DIR/run/away" "$DIR/run/.s.PGSQL.5432"
until_true 10 says '^ready: clients are served since [^;]*$' || fail "it is not healthy again: $(bibctl status)"
say "down since $down"
stop_node
