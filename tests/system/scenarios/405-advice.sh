# What keeps a node from starting, or is wrong with it, is told by bibd and by doctor with a command that mends it as it
# stands
# for: root
. "$(dirname "$0")/../lib.sh"
requires psql python3 unshare
unset -f bibctl
start_node; sql 'create table t (a int); insert into t values (1)' >/dev/null || fail "insert"; stop_node
doctor() { "$BIBCTL" -s "$DIR/run/control.sock" --json doctor -f "$CONFIG"; }
# command_in: the command in a line of advice, without what else could be done
command_in() { sed -n 's/\(, or\|; if others\|, and have\) .*//; s/^.*\(with\|run\): //; p' | head -n 1; }
# advised_by_doctor: what it says to do about the first thing that is not well; 606 follows what it says of backups
advised_by_doctor() {
	python3 -c 'import json, sys
for line in sys.stdin:
    l = json.loads(line)
    if l["verdict"] != "ok" and l.get("advice") and l["check"] not in ("daemon", "backup"):
        print(l["advice"]); break'
}
well() {
	: >"$DIR/log"; launch; wait_ready
	equal "$(sql -U write 'insert into t values (2); delete from t where a = 2; select a from t')" 1 \
	    "the row after: $1"
	stop_node
	equal "$(doctor | advised_by_doctor)" "" "what doctor still finds after: $1"
}
owners() { find "$WORK" ! -name log ! -name bibd.yaml -printf '%p %U %G %m\n' | sort; }
tried=0
# advice WHAT STATUS COMMAND...: with that broken, one try, that status, and a cure that works; doctor's does the same
advice() {
	local what=$1 want=$2 way cured; shift 2
	"$@" || fail "breaking: $what"
	: >"$DIR/log"; launch; until_true 15 gone "$PID" || fail "it goes on: $what"
	reap 1; equal "$STATUS" "$want" "exit status: $what: $(cat "$DIR/log")"
	way=$(grep -E '(with|run): ' "$DIR/log" | command_in)
	[ -n "$way" ] || fail "bibd tells no cure: $what: $(cat "$DIR/log")"
	bash -c "$way" || fail "the advice of bibd does not work: $what: $way"
	cured=$(owners)
	[ "${ONLY_BIBD:-}" = "" ] || { well "$way"; return 0; }
	"$@" || fail "breaking: $what"
	way=$(doctor | advised_by_doctor | command_in)
	[ -n "$way" ] || fail "doctor tells no cure: $what: $(doctor)"
	bash -c "$way" || fail "the advice of doctor does not work: $what: $way"
	equal "$(diff <(owners) <(echo "$cured"))" "" "what doctor's advice does otherwise: $what: $way"
	well "$way"; tried=$((tried + 1))
}
D=$DIR/data
advice "a data_dir of another" 77 chown nobody "$D"
advice "a data_dir that others write" 77 chmod 777 "$D"
advice "the database's directory of root" 77 chown root: "$D/sqlite"
advice "the database's directory and files of root" 77 chown -R root: "$D/sqlite"
advice "the database of root" 77 chown root: "$D/sqlite/cache.db"
advice "the database not to be written" 77 chmod 400 "$D/sqlite/cache.db"
advice "secrets of root" 77 chown -R root: "$D/secrets"
advice "secrets open to others" 65 chmod 755 "$D/secrets"
advice "an identity of root" 65 chown root: "$D/secrets/identity.pem"
advice "an identity open to others" 65 chmod 644 "$D/secrets/identity.pem"
advice "a parent that is closed" 77 chmod 700 "$WORK"
chmod 777 "$DIR/run"; way=$(doctor | advised_by_doctor | command_in)
bash -c "$way" || fail "the advice of doctor on listen.path: $way"
well "$way"
head -c 32 /dev/urandom >"$WORK/key"; chmod 600 "$WORK/key"
sed -i '$a secrets: {key_file: '"$WORK/key}" "$CONFIG"; well "a key"
advice "a key open to others" 77 chmod 644 "$WORK/key"
mkdir "$WORK/migrations"; echo 'create table m (a int);' >"$WORK/migrations/0001_m.sql"
sed -i "s|^  backend: sqlite|  migrations_dir: $WORK/migrations\n&|" "$CONFIG"; well "a migration"
ONLY_BIBD=yes advice "a migration that others write" 78 chmod 666 "$WORK/migrations/0001_m.sql"
ONLY_BIBD=yes advice "migrations that others write" 78 chmod 777 "$WORK/migrations"
mkdir "$WORK/elsewhere"; mv "$D/sqlite/cache.db" "$WORK/elsewhere/rows.db"; chown _bibd: "$WORK/elsewhere"
rm -f "$D/cache.db"
sed -i "s|^  sqlite: .*|  sqlite: {path: $WORK/elsewhere/rows.db}|" "$CONFIG"; rm -f "${D:?}/home"; well "elsewhere"
advice "the configured directory of root" 77 chown root: "$WORK/elsewhere"
advice "the configured database of root" 77 chown root: "$WORK/elsewhere/rows.db"
# In a copy of /etc, so that this host keeps its users: the command makes the one that is missing.
cat >"$WORK/user.sh" <<'SH'
cp -a /etc "$1/etc" && mount --bind "$1/etc" /etc || exit 1
sed -i '/^_bibmon:/d' /etc/passwd /etc/shadow /etc/group /etc/gshadow || exit 1
way=$(timeout 15 "$2" -f "$3" 2>&1 | sed -n 's/^.*make it with: //; s/, or all.*//; p' | head -n 1)
[ -n "$way" ] && eval "$way" && getent passwd _bibmon
SH
unshare --mount bash "$WORK/user.sh" "$WORK" "$BIBD" "$CONFIG" >"$WORK/user.out" 2>&1 ||
    fail "a user that is missing: $(cat "$WORK/user.out")"
say "$tried cures"
