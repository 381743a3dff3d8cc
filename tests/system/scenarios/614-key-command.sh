# A key command holds the outer key of backups: a bare machine restores by it, and one that fails costs no backup
# seconds: 240
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../s3.sh"
requires psql python3
KEY_PORT=$(free_port)
mode() { echo "$1" >"$WORK/mode"; }
mode ok
head -c 32 /dev/urandom >"$WORK/outer"
python3 "$tests/key_service.py" "$KEY_PORT" "$WORK/mode" "$WORK/outer" >"$WORK/service.log" 2>&1 &
started+=("$!")
until_true 20 listens "$KEY_PORT" || fail "the stand-in does not listen: $(cat "$WORK/service.log")"
(umask 077
printf 'hvs.tests-own-token\n' >"$WORK/token"
printf 'aws_access_key_id = KMSTESTS\naws_secret_access_key = never/said+secret\n' >"$WORK/kms")
[ "$(id -u)" != 0 ] || chown _bibarc "$WORK/token" "$WORK/kms"
vault="[$BUILD/bibd-key-vault, --address, \"http://127.0.0.1:$KEY_PORT\", --key, bibd, --token-file, $WORK/token]"
aws="[$BUILD/bibd-key-aws, --endpoint, \"http://127.0.0.1:$KEY_PORT\", --region, eu-central-1, --key, alias/bibd,
  --credentials-file, $WORK/kms]"
# extra COMMAND: of a configuration
extra() { EXTRA="backup: {repository: $WORK/repository}
secrets: {key_command: $1}"; }
extra "$vault"
start_node
first=$PID node=$DIR conf=$CONFIG
back() { PID=$first DIR=$node CONFIG=$conf; }
first_line() { bibctl status | head -n 1; }
is_red() { first_line | grep -q "$1"; }
is_content() { ! is_red "not healthy"; }
opens() { bibctl backup list 2>&1 | grep -q 'by secrets.key_command (seen at'; }
until_true 30 opens || fail "the key is not wrapped: $(bibctl backup list 2>&1; tail -n 5 "$DIR/log")"
until_true 20 is_content || fail "a node with a key command and without a recovery key: $(first_line)"
sql "create table t as select n from generate_series(1, 1000) s(n)" >/dev/null || fail "no table"
bibctl backup >/dev/null || fail "no backup"
key_line() { grep -a '^outer ' "$WORK/repository/repository"; }
[ -n "$(key_line)" ] || fail "no wrap is in the repository"
in_trail() { [ "$(sql -U audit "select count(*) > 0 from bibd.audit where kind = 'backup.key_wrapped'")" = t ]; }
until_true 10 in_trail || fail "the audit trail does not have it"

# A bare machine: the repository, the configuration, and who may ask the service.
bare() { extra "$1"; configure bare; bare=$CONFIG; back; }
restored() { bibctl restore --into "$WORK/$1" -f "$bare" >"$WORK/said" 2>&1; }
rows() { python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("select count(*), max(n) from t").fetchone())' "$WORK/$1/sqlite/cache.db"; }
bare "$vault"
restored by-vault || fail "a bare machine with Vault: $(cat "$WORK/said")"
equal "$(rows by-vault)" "(1000, 1000)" "rows by Vault"

# It fails in every way on the bare machine: what and where is said, and nothing is restored.
n=0
refused() { # STATUS WORDS: of a restore
	n=$((n + 1))
	bibctl restore --into "$WORK/refused-$n" -f "$bare" >"$WORK/said" 2>&1
	equal $? "$1" "exit status for: $2 ($(cat "$WORK/said"))"
	contains "$(cat "$WORK/said")" "$2" "what is said"
	[ ! -e "$WORK/refused-$n/sqlite" ] || fail "something was restored: $2"
}
mode garbage; refused 69 "has not the form of Vault's"
mode long; refused 69 "is too long"
mode 503; refused 69 "answered 503"
mode wrong; refused 77 "is not the key of"
mode hang; refused 69 "timed out"
mode ok
cp "$WORK/outer" "$WORK/outer.kept"
head -c 32 /dev/urandom >"$WORK/outer"; refused 69 "message authentication failed"
cp "$WORK/outer.kept" "$WORK/outer"
printf 'hvs.another\n' >"$WORK/token"; refused 69 "permission denied"
chmod 644 "$WORK/token"; refused 69 "others than its owner"
printf 'hvs.tests-own-token\n' >"$WORK/token"; chmod 600 "$WORK/token"
stand_in() { # SCRIPT: in place of the program
	printf '#!/bin/sh\n%s\n' "$1" >"$WORK/program"; chmod 755 "$WORK/program"
}
bare "[$WORK/program]"
stand_in 'sleep 100'; refused 69 "$WORK/program took too long, and was killed"
stand_in 'kill -KILL $$'; refused 69 "$WORK/program was ended by signal 9"
stand_in 'head -c 100000 /dev/zero'; refused 69 "$WORK/program said too much"
stand_in 'head -c 5000 /dev/zero'; refused 69 "5000 bytes"
stand_in 'echo short'; refused 69 "6 bytes"
stand_in 'exit 3'; refused 69 "ended with status 3"
rm "$WORK/program"; refused 69 "could not be started"

# KMS instead: the command of before fails, and what it could not unwrap is wrapped anew; a restore by that.
before=$(key_line)
extra "$aws"
stop_node; configure node; launch; wait_ready; first=$PID
until_true 30 opens || fail "the key is not wrapped by KMS: $(bibctl backup list 2>&1; tail -n 5 "$DIR/log")"
[ "$(key_line)" != "$before" ] || fail "the wrap is the one of before"
contains "$(bibctl events)" "in place of what it could not unwrap" "the event"
contains "$(bibctl backup key 2>&1 >"$WORK/key")" "by the recovery key, by secrets.key_command" "who opens it"
bare "$aws"
restored by-kms || fail "a bare machine with KMS: $(cat "$WORK/said")"
equal "$(rows by-kms)" "(1000, 1000)" "rows by KMS"
printf 'aws_access_key_id = KMSTESTS\naws_secret_access_key = another\n' >"$WORK/kms"
refused 69 "SignatureDoesNotMatch"
printf 'aws_access_key_id = KMSTESTS\naws_secret_access_key = never/said+secret\n' >"$WORK/kms"
grep -q TrentService.Decrypt "$WORK/service.log" || fail "KMS was not asked"

# On the node: a service that is away, or stands still, is said; commits, backups and a stop go on; then all is well.
mode 503
kill -KILL "$(worker bibd-archive)"
until_true 40 is_red "secrets.key_command cannot" || fail "status does not say it: $(first_line)"
contains "$(bibctl events)" "backup.key_command_failed" "the events"
sql "insert into t values (1001)" >/dev/null || fail "a commit"
made() { bibctl backup >"$WORK/said" 2>&1; }
until_true 20 made || fail "no backup meanwhile: $(cat "$WORK/said")"
equal "$(key_line | wc -l)" 1 "wraps that are kept"
mode hang
until_true 40 made || fail "no backup while it stands still: $(cat "$WORK/said")"
mode ok
until_true 60 is_content || fail "the node does not recover: $(first_line)"
mode hang
kill -KILL "$(worker bibd-archive)"
asked() { [ "$(pgrep -fc "bibd-key-aws.*$KEY_PORT")" -gt 0 ]; }
until_true 30 asked || fail "it is not asked"
stopped=$(date +%s)
stop_node
less $(($(date +%s) - stopped)) 6 "seconds of a stop while the command stands still"
asked && fail "the program is left"
if grep -raq 'never/said\|tests-own-token' "$DIR/log" "$WORK/repository/repository" "$CONFIG"; then
	fail "a secret can be read"
fi
true
