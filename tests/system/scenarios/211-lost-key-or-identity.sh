# A lost key or a damaged identity on SQLite: the advice that bibd and doctor print is applied literally, and the node
# is well
. "$(dirname "$0")/../lib.sh"
head -c 32 /dev/urandom >"$WORK/key"; chmod 600 "$WORK/key"
PATH=$WORK/bin:$PATH
mkdir "$WORK/bin"; ln -s "$BIBCTL" "$WORK/bin/bibctl"
unset -f bibctl
secrets=$WORK/node/data/secrets
EXTRA="secrets: {key_file: $WORK/key}" configure node
doctor() { command bibctl -s "$DIR/run/control.sock" doctor -f "$CONFIG" 2>&1; }
launch; wait_ready
sql "create table t (a int); insert into t values (1)" >/dev/null
made() { grep -q BIBDIDEN "$secrets/identity.pem"; }
until_true 5 made || fail "no identity was made"
out=$(doctor); case $out in *"credentials reset"*) fail "doctor on a healthy node with a key: $out" ;; esac
contains "$out" "they are in $secrets" "doctor on a healthy node with a key"
stop_node
out=$(command bibctl credentials reset -f "$CONFIG" 2>&1) && fail "a reset without --identity on SQLite"
contains "$out" "--identity" "a reset on SQLite"
cp -a "$DIR/data" "$WORK/whole"; cp "$CONFIG" "$WORK/good.yaml"

# advised NAME: bibd does not start, its advice is run as it stands, and then the node is well and has its row
advised() {
	local advice
	: >"$DIR/log"; launch; reap 20
	equal "$STATUS" 65 "$1: exit status"
	advice=$(sed -n 's/.*as root, run: \(bibctl [^;]*\);.*/\1/p' "$DIR/log" | tail -n 1)
	[ -n "$advice" ] || fail "$1: no advice: $(cat "$DIR/log")"
	apply "$1" "$advice"
}
apply() {
	local out
	sh -c "$2" >"$WORK/out" 2>&1 || fail "$1: the advice fails: $2: $(cat "$WORK/out")"
	[ -z "${3:-}" ] || "$3"
	launch; wait_ready
	equal "$(sql 'select a from t')" 1 "$1: the row"
	new() { [ -s "$secrets/identity.pem" ]; }
	until_true 5 new || fail "$1: no new identity"
	whole() { out=$(command bibctl -s "$DIR/run/control.sock" audit verify 2>&1); }
	until_true 10 whole || fail "$1: audit verify: $out"
	contains "$(doctor)" "they are in $secrets" "$1: doctor afterwards"
	stop_node
	[ -n "$(find "$secrets" -name 'identity.pem.damaged-*' -print -quit)" ] || [ "$1" = "removed" ] ||
	    fail "$1: the old identity was not set aside: $(ls "$secrets")"
	say "$1: $2"
	rm -rf "$DIR/data"; cp -a "$WORK/whole" "$DIR/data"; cp "$WORK/good.yaml" "$CONFIG"
}
sed -i '/^secrets:/d' "$CONFIG"; advised "no key is named"
head -c 32 /dev/urandom >"$WORK/other"; chmod 600 "$WORK/other"
sed -i "s|$WORK/key|$WORK/other|" "$CONFIG"; advised "another key"
truncate -s 70 "$secrets/identity.pem"; advised "cut short"
: >"$secrets/identity.pem"; advised "empty"
printf -- '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' >"$secrets/identity.pem"
advised "no key in it"
rm "$secrets/identity.pem"; ln -s /etc/passwd "$secrets/identity.pem"; advised "a link"
# The key file itself is gone: what is said of the configuration is done too.
rm "$WORK/key"; sed -i "s|$WORK/key|$WORK/gone|" "$CONFIG"
: >"$DIR/log"; launch; reap 20; equal "$STATUS" 65 "the key file is gone: exit status"
contains "$(cat "$DIR/log")" 'let secrets.key_file name a new one (or "")' "the key file is gone"
new_key() { head -c 32 /dev/urandom >"$WORK/gone"; chmod 600 "$WORK/gone"; }
advice=$(sed -n 's/.*as root, run: \(bibctl [^;]*\);.*/\1/p' "$DIR/log" | tail -n 1)
apply "the key file is gone" "$advice" new_key
# What doctor advises.
cp "$WORK/other" "$WORK/key"; chmod 600 "$WORK/key"
echo nonsense >"$secrets/identity.pem"
out=$(doctor); advice=$(sed -n 's/.*as root, run: \(bibctl [^;]*\);.*/\1/p' <<<"$out")
[ -n "$advice" ] || fail "doctor has no advice: $out"
apply "by doctor" "$advice"
chmod 644 "$secrets/identity.pem"
out=$(doctor); advice=$(grep -o "chown [0-9]* $secrets/identity.pem && chmod 0600 $secrets/identity.pem" <<<"$out")
[ -n "$advice" ] || fail "doctor on a file that others can read: $out"
case $out in *"credentials reset"*) fail "doctor would destroy an identity whose mode is wrong: $out" ;; esac
