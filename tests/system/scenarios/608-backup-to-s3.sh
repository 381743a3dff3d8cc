# Backups in S3 are whole whatever the network does, another client reads them, and a bare machine restores from them
# seconds: 240
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../s3.sh"
requires psql s3cmd python3
start_s3
s3="endpoint: \"http://127.0.0.1:$S3_PORT\", timeout: 1s"
EXTRA="backup: {repository: s3://bibd-test/some/node, s3: {$s3, credentials_file: $WORK/credentials}}"
start_node
await_backup 30
bibctl backup key >"$WORK/key" || fail "no recovery key"
sql "create table t as select n, md5(n::text) || md5((n * 7)::text) as filler from generate_series(1, 250000) s(n)"

# Each answer that can be bad is bad, some are good, and what was sent arrives.
faults "new ok drop lost ok 500 503 cut ok short long ok half ok ok slow"
bibctl backup --full >"$WORK/said" || fail "a backup through a bad network: $(cat "$WORK/said")"
until_true 20 bibctl backup verify >/dev/null || fail "verify through a bad network: $(bibctl backup verify 2>&1)"
for word in drop lost 500 503 cut short long half slow; do
	[ "$(met $word)" -gt 0 ] || fail "no request was answered by $word"
done
faults "old ok"
sql "delete from t where n > 249000" >/dev/null
bibctl backup >/dev/null || fail "a backup to a server that knows no conditions"
equal "$(bibctl backup list | grep -c full)" 2 "full backups"

# Another client, which signs by code of its own, reads the same objects.
printf '[default]\naccess_key = S3RVER\nsecret_key = S3RVER\nhost_base = %s\nhost_bucket = %s\nuse_https = False\n' \
    "127.0.0.1:$S3_PORT" "127.0.0.1:$S3_PORT" >"$WORK/s3cfg"
mkdir "$WORK/copy"
s3cmd -c "$WORK/s3cfg" -q sync s3://bibd-test/some/node/ "$WORK/copy/" >"$WORK/said" 2>&1 ||
    fail "s3cmd: $(cat "$WORK/said")"
bibctl restore --into "$WORK/from-copy" --from "$WORK/copy" --key "$WORK/key" >/dev/null || fail "a restore of the copy"

# A bare machine: the configuration, the key and the credentials, here printed by a program, of the virtual style.
cat >"$WORK/print" <<'SH'
#!/bin/sh
echo '{"Version": 1, "AccessKeyId": "S3RVER", "SecretAccessKey": "S3RVER"}'
SH
chmod 755 "$WORK/print"
before=$DIR/run/control.sock
EXTRA="backup: {repository: s3://bibd-test/some/node, s3: {endpoint: \"http://s3.localhost:$S3_BEHIND\",
  style: virtual, credentials_command: [$WORK/print]}}" configure bare
mkdir "$WORK/second"
bibctl restore --into "$WORK/second/data" --key "$WORK/key" -f "$CONFIG" >"$WORK/said" 2>&1 ||
    fail "a bare machine: $(cat "$WORK/said")"
rows() { # what was shipped between the two is the trail's
	python3 -c 'import hashlib, sqlite3, sys
print(hashlib.sha256(repr(sqlite3.connect(sys.argv[1]).execute("select * from t order by n").fetchall()).encode())
    .hexdigest())' "$1/sqlite/cache.db"
}
equal "$(rows "$WORK/second/data")" "$(rows "$WORK/from-copy")" "the rows of two restores"
first=$PID
EXTRA='' start_node second
equal "$(sql 'select count(*), max(n) from t')" "249000|249000" "rows of the second node"
stop_node
PID=$first DIR=$WORK/node CONFIG=$WORK/node/bibd.yaml

# A wrong secret is said, and said nowhere.
printf 'aws_access_key_id = S3RVER\naws_secret_access_key = never+this/one\n' >"$WORK/credentials"
kill -KILL "$(worker bibd-archive)"
refused() { bibctl -s "$before" backup list 2>&1 | grep -q 'credentials\|secret key'; }
until_true 20 refused || fail "a wrong secret: $(bibctl backup list 2>&1)"
if grep -raq 'never+this' "$DIR/log" <(bibctl events) <(tr '\0' ' ' <"/proc/$(worker bibd-archive)/cmdline") \
    <(tr '\0' ' ' <"/proc/$(worker bibd-archive)/environ"); then fail "a secret can be read"; fi
stop_node

# The bucket's objects are gone: none are made in their place. The same bucket at another endpoint is another place.
printf 'aws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n' >"$WORK/credentials"
rm -rf "$WORK"/s3/bibd-test/some
launch; wait_ready
is_away() {
	bibctl backup list 2>&1 | grep -q "not at s3://bibd-test/some/node at http://127.0.0.1:$S3_PORT any more"
}
until_true 30 is_away || fail "a repository that is lost: $(bibctl backup list 2>&1)"
[ ! -e "$WORK/s3/bibd-test/some" ] || fail "a repository was made anew in silence"
stop_node
sed -i "s|http://127.0.0.1:$S3_PORT|http://127.0.0.1:$S3_BEHIND|" "$CONFIG"
launch; wait_ready
until_true 30 has_backup || fail "no backup at another endpoint: $(bibctl backup list 2>&1)"
stop_node
# What was written down by a bibd that did not name the endpoint is known wherever it is looked for first.
known=$(find "$DIR/data" -name known)
rm -rf "$WORK"/s3/bibd-test/some; sed -i 's/ at .*//' "$known"
launch; wait_ready
until_true 30 sh -c "'$BIBCTL' -s '$DIR/run/control.sock' backup list 2>&1 | grep -q 'any more'" ||
    fail "a repository known without its endpoint: $(bibctl backup list 2>&1)"
stop_node
