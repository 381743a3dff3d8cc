# --print-config shows every value in force, is itself a configuration, and masks secrets
. "$(dirname "$0")/../lib.sh"
cat >"$WORK/c.yaml" <<'Y'
node: {mode: proxy, data_dir: /srv/x}
server: {shutdown_timeout: 90s}
database: {postgres: {advanced: {password: hunter2}}}
Y
out=$("$BIBD" --print-config -f "$WORK/c.yaml" 2>&1); equal $? 0 "exit status"
case $out in *hunter2*) fail "the password is shown" ;; esac
for word in proxy /srv/x 'password: "\?\*\*\*' max_open_conns retry_limit postgres:16-alpine; do
	grep -q -- "$word" <<<"$out" || fail "no $word in [$out]"
done
printf '%s\n' "$out" >"$WORK/d.yaml"
again=$("$BIBD" --print-config -f "$WORK/d.yaml" 2>&1) || fail "what it prints is not a configuration: $again"
equal "$again" "$out" "printed twice"
