# An image of a registry that asks for a login is pulled with credentials from a file, which no process shows
. "$(dirname "$0")/../postgres.sh"
requires psql python3
auth=$WORK/registry/config.json
mkdir "$WORK/registry"
printf '{"auths": {"127.0.0.1:5000": {"auth": "%s"}}}\n' "$(printf 'puller:open-sesame-4711' | base64)" >"$auth"
touch "$WORK/slow"
python3 "$tests/registry.py" "$IMAGE_ROOT" 5000 "$WORK/slow" puller:open-sesame-4711 >"$WORK/registry.log" \
    2>&1 & started+=("$!")
serving() { curl -s http://127.0.0.1:5000/v2/; }
until_true 60 serving || fail "no registry: $(cat "$WORK/registry.log")"
USE_IMAGE=127.0.0.1:5000/postgres:15 HEALTH="action: shutdown"
configure_postgres nobody; refused 69 40 127.0.0.1:5000/postgres:15
POSTGRES="    registry_auth: $auth"
configure_postgres closed; chmod 600 "$auth"; chown root:root "$auth"; refused 77 40 "cannot read $auth"
configure_postgres open; chgrp _bibctr "$auth"; chmod 644 "$auth"
refused 77 40 "every user of this host may read $auth" "chmod o= $auth"
way=$(sed -n 's/.*with: \(chmod o= .*\)$/\1/p' "$DIR/log" | tail -n 1); bash -c "$way" || fail "the advice: $way"
equal "$(stat -c %a "$auth")" 640 "the mode after the advice"
configure_postgres node; launch
pulling() { pgrep -f 'pull.*127.0.0.1:5000/postgres:15'; }
until_true 30 pulling || fail "nothing is pulled: $(cat "$DIR/log")"
for process in $(pulling); do
	grep -qaE 'open-sesame|cHVsbGVyOm9wZW4' "/proc/$process/cmdline" "/proc/$process/environ" &&
	    fail "a process shows the credentials"
done
rm "$WORK/slow"; wait_ready
equal "$(sql 'select 1')" 1 "after the pull"
grep -qE 'open-sesame|cHVsbGVyOm9wZW4' "$DIR/log" && fail "the log has the credentials"
stop_node
engine_cli rmi -f 127.0.0.1:5000/postgres:15 >/dev/null
