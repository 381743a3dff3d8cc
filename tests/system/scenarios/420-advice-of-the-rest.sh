# Damaged notes of a node, migrations, pauses, logins, repositories and trails: what is advised about them is done as it
# stands, and the node is well
# for: root
# seconds: 240
. "$(dirname "$0")/../lib.sh"
requires psql python3
unset -f bibctl
mkdir "$WORK/bin"; ln -s "$BIBCTL" "$WORK/bin/bibctl"; ln -s "$BIBD" "$WORK/bin/bibd"; PATH=$WORK/bin:$PATH
ctl() { bibctl -s "$DIR/run/control.sock" "$@"; }
doctor() { ctl --json doctor -f "$CONFIG"; }
# advised CHECK: what doctor says to do about that
advised() {
	doctor | python3 -c 'import json, sys
for line in sys.stdin:
    l = json.loads(line)
    if l["check"] == sys.argv[1] and l["verdict"] != "ok":
        print(l.get("advice", ""))' "$1"
}
tried=0
well() {
	: >"$DIR/log"; launch; wait_ready; equal "$(sql 'select a from t')" 1 "the row after: $1"; tried=$((tried + 1))
}
# told STATUS WORDS: a start that ends so
told() {
	: >"$DIR/log"; launch; reap 20; equal "$STATUS" "$1" "the status: $(cat "$DIR/log")"
	contains "$(cat "$DIR/log")" "$2" "the log"
}
# set_key WHAT INTO: in the configuration of the node
set_key() { sed -i "s|$1|$2|" "$CONFIG"; }
mkdir "$WORK/migrations"; echo 'create table m (a int);' >"$WORK/migrations/0001_m.sql"
chmod -R go-w "$WORK/migrations"
DATABASE="  migrations_dir: $WORK/migrations" EXTRA="audit: {sign_interval: 300ms}" start_node
sql 'create table t (a int); insert into t values (1)' >/dev/null || fail "insert"
D=$DIR/data

# ---- a session that is missing, a pause ----
# shellcheck disable=SC2016 # they are in bibctl's words
contains "$(ctl kill 4711 2>&1)" '`bibctl clients` lists them' "kill of nobody"
psql -h "$DIR/run" -X -qAt -U write -c 'select pg_sleep(30)' >/dev/null 2>&1 & held=$!
listed() { id=$(ctl clients | awk '/ write .*pg_sleep/ { print $1; exit }'); [ -n "$id" ]; }
until_true 10 listed || fail "a session that is not listed: $(ctl clients)"
ctl kill "$id" >/dev/null || fail "kill of [$id], which bibctl clients has listed: $(ctl clients)"
wait $held
ctl pause >/dev/null || fail "pause"
# shellcheck disable=SC2016
contains "$(ctl pause 2>&1)" 'clients are paused already; `bibctl resume` lets them go on' "a second pause"
# shellcheck disable=SC2016
contains "$(ctl status)" 'or by `bibctl resume`' "status"
ctl resume >/dev/null || fail "resume"
answers || fail "no answer after bibctl resume"; tried=$((tried + 2))

# ---- no backups, and the repository of another node ----
advice=$(advised backup); contains "$advice" "let backup.repository name a directory on another disk, restart bibd" \
    "doctor without backups"
echo "backup: {repository: $WORK/repository}" >>"$CONFIG"
stop_node; well "a repository"
bash -c "${advice##*run: } -s '$DIR/run/control.sock'" >"$WORK/key" 2>&1 ||
    fail "the advice: ${advice##*run: }: $(cat "$WORK/key")"
equal "$(advised backup)" "" "doctor with backups"
mkdir "$WORK/second"; first=$PID first_dir=$DIR first_config=$CONFIG
EXTRA="backup: {repository: $WORK/repository}" start_node second
foreign() { ctl backup list 2>&1 | grep -q 'is the repository of node .*let backup.repository name another place'; }
until_true 20 foreign || fail "a second node in the repository: $(ctl backup list 2>&1)"
stop_node; set_key "$WORK/repository" "$WORK/another"; launch; wait_ready
has_backup() { ctl backup list 2>&1 | grep -q " full "; }
until_true 30 has_backup || fail "no backup in another place: $(ctl backup list 2>&1)"
stop_node; PID=$first DIR=$first_dir CONFIG=$first_config; tried=$((tried + 2))

# ---- a restore and a reset beside a node that runs ----
for command in "restore --in-place" "credentials reset --identity"; do
	# shellcheck disable=SC2086 # words
	out=$(ctl $command -f "$CONFIG" </dev/null 2>&1)
	contains "$out" "stop it first, with bibctl stop" "$command while the node runs"
done
bash -c "bibctl stop -s '$DIR/run/control.sock'" >/dev/null 2>&1 || ctl stop >/dev/null || fail "bibctl stop"
reap 20; equal "$STATUS" 0 "bibctl stop"
bibctl credentials reset --identity -f "$CONFIG" >/dev/null 2>&1 || fail "the reset after bibctl stop"
well "bibctl stop"
of_before() { ctl backup list 2>&1 | grep -q 'written under another identity.*backup.repository name another place'; }
until_true 30 of_before || fail "the repository of the identity that was reset: $(ctl backup list 2>&1)"
stop_node; set_key "$WORK/repository" "$WORK/third"; well "another place for new backups"
until_true 30 has_backup || fail "no backup in a third place: $(ctl backup list 2>&1)"
stop_node

# ---- what says whose the node is ----
cp "$D/node.id" "$WORK/node.id"; echo damaged >"$D/node.id"
told 65 "is damaged: it must hold one line of"; cp "$WORK/node.id" "$D/node.id"; well "a node.id of before"; stop_node
set_key "^node: {" "node: {id: abcdefghijklmnopqrstuvwxyz, "
told 65 "take that node's data_dir, or leave node.id out"; set_key "id: abcdefghijklmnopqrstuvwxyz, " ""
well "node.id left out"; stop_node
echo "what is this" >"$D/home"; told 65 "run: echo WORD >"
way=$(sed -n 's/.*run: \(echo WORD >[^ ;]*\).*/\1/p' "$DIR/log" | tail -n 1); bash -c "${way/WORD/sqlite}"
well "$way"; stop_node
for way in secrets archive; do
	mv "$D/$way" "$WORK/directory"; echo precious >"$D/$way"; told 65 "$D/$way is not a directory: move it away"
	mv "$D/$way" "$WORK/moved"; mv "$WORK/directory" "$D/$way"; well "moving $way away"; stop_node
done
mv "$D" "$WORK/data"; echo precious >"$D"
contains "$(doctor)" "make it a directory, or name another in node.data_dir" "doctor with a file for a data_dir"
mv "$D" "$WORK/moved"; mv "$WORK/data" "$D"; well "a data_dir that is a directory"; stop_node

# ---- migrations ----
mv "$WORK/migrations/0001_m.sql" "$WORK/kept.sql"; told 78 "its file is missing: put it back"
mv "$WORK/kept.sql" "$WORK/migrations/0001_m.sql"; well "putting it back"; stop_node
mv "$WORK/migrations/0001_m.sql" "$WORK/migrations/0001_n.sql"; told 78 "rename it back"
name=$(sed -n 's/.*under the name \([^:]*\): rename it back.*/\1/p' "$DIR/log" | tail -n 1)
mv "$WORK/migrations/0001_n.sql" "$WORK/migrations/$name"; well "renaming it back"; stop_node

# ---- remote applications ----
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cp "$CONFIG" "$WORK/local.yaml"; launch; wait_ready
set_key "^listen: {" "listen: {tcp: {addresses: [\"127.0.0.1\"], port: $port}, "
contains "$(advised listener)" "restart bibd: listen.tcp.addresses is read at its start" "doctor before the restart"
stop_node; well "restarting"; equal "$(advised listener)" "" "doctor after the restart"
out=$(bibctl login add shop -f "$CONFIG" </dev/null 2>&1)
contains "$out" "set listen.tcp.logins" "login add without a file"
set_key "port: $port}" "port: $port, logins: $WORK/logins}"
contains "$(advised listener)" "make it with: bibctl login add NAME" "doctor without the file"
printf 'secret-of-shop\n' | bibctl login add shop -f "$CONFIG" >"$WORK/out" 2>&1 || fail "login add: $(cat "$WORK/out")"
contains "$(cat "$WORK/out")" "bibctl reload puts both in force" "login add"
set_key "^access:\$" "access:\n  - {login: shop, roles: [query]}"
ctl reload >/dev/null 2>&1 || { stop_node; well "a restart, which reload asks for"; }
enters() { [ "$(PGPASSWORD=secret-of-shop psql "host=127.0.0.1 port=$port dbname=bibd user=shop sslmode=require" \
    -w -XqAtc 'select a from t')" = 1 ]; }
until_true 10 enters || fail "the login is not let in"
chmod 644 "$WORK/logins"; way=$(advised listener); bash -c "$way" || fail "the advice of doctor: $way"
equal "$(advised listener)" "" "doctor after: $way"
stop_node; set_key "logins: $WORK/logins}" "logins: $WORK/logins, certificate: $WORK/some.crt}"
told 78 "belong together: set both, or none"; set_key ", certificate: $WORK/some.crt}" "}"
well "setting none"; stop_node; tried=$((tried + 3))

# ---- the database taken away, and the trail with it ----
launch; wait_ready
signed() { [ -s "$D/secrets/audit.head" ]; }
# A longer trail than a new one gets at once.
for ((i = 0; i < 60; i++)); do echo "create table t$i (a int);"; done | psql -h "$DIR/run" -Xq >/dev/null 2>&1
until_true 10 signed || fail "nothing was signed"; sleep 1; stop_node
mkdir "$WORK/taken"; mv "$D"/sqlite/cache.db* "$WORK/taken/"; : >"$DIR/log"; launch; reap 15
way=$(grep -o 'run: echo new >.*/home' "$DIR/log" | tail -n 1); bash -c "${way#run: }" || fail "the advice: $way"
launch; wait_ready
back() { grep -q 'if you took the database away yourself, move' "$DIR/log"; }
until_true 20 back || fail "a trail that begins anew: $(cat "$DIR/log")"
way=$(sed -n 's/.*yourself, move \([^ ]*\) away too.*/\1/p' "$DIR/log" | head -n 1)
stop_node; mv "$way" "$WORK/head" || fail "the advice: $way"
launch; wait_ready
whole() { ctl audit verify >/dev/null 2>&1; }
until_true 20 whole || fail "the trail after: $way: $(ctl audit verify 2>&1)"
stop_node
say "$((tried + 1)) cures"
