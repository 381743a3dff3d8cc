# The stored credentials or the identity lost, damaged, cut short, another node's: refused with 65, the database is not
# touched; bibctl credentials reset, as root, makes new ones that the database learns of
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
start_postgres
sql 'create table t (a int primary key); insert into t values (1)' || fail "insert"
bibctl credentials reset -f "$CONFIG" >"$WORK/out" 2>&1 && fail "a reset while the node runs: $(cat "$WORK/out")"
stop_node
secrets=$DIR/data/secrets
grep -qaE 'SCRAM|bibd_admin|BEGIN' "$secrets/credentials" && fail "the credentials are readable"
equal "$(stat -c '%U %a' "$secrets/credentials")" "_bibkey 600" "the file of the credentials"
n=0
damaged() { # WHAT: refused as it is now, in whatever way; then mended by a reset
	local sum; sum=$(tree_sum "$PGDIR/data"); n=$((n + 1))
	refused 65 30 "$secrets" 'bibctl credentials reset'
	refused 65 30 "$secrets"
	equal "$(tree_sum "$PGDIR/data")" "$sum" "the database after $1"
	reset "$1"
	launch; wait_ready
	equal "$(sql 'select count(*) from t')" $n "rows after a reset ($1)"
	sql "insert into t values ($((n + 1)))" || fail "insert after a reset"
	stop_node
	launch; wait_ready; equal "$(sql 'select count(*) from t')" $((n + 1)) "rows after the start that follows"
	stop_node
}
reset() {
	bibctl credentials reset -f "$CONFIG" >"$WORK/out" 2>&1 || fail "credentials reset after $1: $(cat "$WORK/out")"
}
rm "$secrets/credentials"; damaged "the loss of the credentials"
truncate -s 40 "$secrets/credentials"; damaged "cutting them short"
truncate -s 0 "$secrets/credentials"; damaged "emptying them"
printf 'X' | dd of="$secrets/credentials" bs=1 seek=60 conv=notrunc 2>/dev/null; damaged "a changed byte"
head -c 4096 /dev/urandom >"$secrets/credentials"; damaged "random bytes in their place"
rm "$secrets/identity.pem"; damaged "the loss of the identity"
rm -rf "$secrets"; damaged "the loss of both"
# credentials of another time: the database does not know them; that is said, and mended by a reset
start_postgres other; stop_node; cp -a "$DIR/data/secrets" "$WORK/secrets"
configure_postgres node; rm -rf "$secrets"; cp -a "$WORK/secrets" "$secrets"
: >"$DIR/log"; launch
if until_true 20 gone "$PID"; then wait "$PID"; say "another node's credentials: exit $?: $(tail -n 2 "$DIR/log")"
else ready >/dev/null 2>&1 && fail "ready with another node's credentials"; kill -TERM "$PID"; reap 60; fi
reset "another node's"
launch; wait_ready; equal "$(sql 'select count(*) from t')" $((n + 1)) "rows"; stop_node
