# A missing listen.group, a user who may not ask, a damaged audit.head, a file in a socket's way, a login's file: what
# is advised is done as it stands, and the node is well
# for: root
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=yes exec unshare --mount --propagation private bash "$0"
. "$(dirname "$0")/../lib.sh"
requires psql python3 groupadd usermod setpriv
# In a copy of /etc, so that this host keeps its groups.
{ cp -a /etc "$WORK/etc" && mount --bind "$WORK/etc" /etc; } || skip "no mounts"
useradd --system --user-group --no-create-home --shell /usr/sbin/nologin bibdtest || fail "no user"
unset -f bibctl
mkdir "$WORK/bin"; ln -s "$BIBCTL" "$WORK/bin/bibctl"; PATH=$WORK/bin:$PATH
doctor() { bibctl -s "$DIR/run/control.sock" --json doctor -f "$CONFIG"; }
# advised CHECK: what doctor says to do about that
advised() {
	doctor | python3 -c 'import json, sys
for line in sys.stdin:
    l = json.loads(line)
    if l["check"] == sys.argv[1] and l["verdict"] != "ok":
        print(l.get("advice", ""))' "$1"
}
as_user() { setpriv --reuid=bibdtest --regid=bibdtest --init-groups bibctl -s "$DIR/run/control.sock" "$@" 2>&1; }
# A group that is not there: doctor makes it; after a restart its members ask, as bibctl has told one who may not
LISTEN="group: bibdops" EXTRA="audit: {sign_interval: 300ms}" start_node
sql 'create table t (a int); insert into t values (1)' >/dev/null || fail "insert"
way=$(advised users); contains "$way" "make it with: groupadd" "doctor without the group"
bash -c "${way#*with: }" || fail "the advice of doctor: $way"
equal "$(advised users)" "" "doctor with the group"
stop_node; launch; wait_ready
out=$(as_user status); equal $? 77 "status of one who may not ask: $out"
way=$(sed -n 's/.*(\(usermod .*\) USER, then log in anew).*/\1 bibdtest/p' <<<"$out")
[ -n "$way" ] || fail "bibctl does not say how to be let in: $out"
bash -c "$way" || fail "the advice of bibctl: $way"
out=$(as_user status) || fail "status of a member of the group: $out"
# A socket that somebody has removed
rm "$DIR/run/.s.PGSQL.5432"; way=$(advised sockets)
contains "$way" "restart bibd" "doctor without the clients' socket"
kill -TERM "$PID"; reap 15; equal "${STATUS:-}" 0 "a stop without the socket"
launch; wait_ready; equal "$(advised sockets)" "" "doctor after the restart"
answers || fail "no answer after the restart"
# Something that is no socket in its place
stop_node; echo precious >"$DIR/run/.s.PGSQL.5432"; : >"$DIR/log"; launch; reap 15
equal "$STATUS" 73 "the status with a file in the way"
way=$(sed -n 's/.* \(\/[^ ]*\) is in the way and is not a socket: move it away.*/\1/p' "$DIR/log" | tail -n 1)
[ -n "$way" ] || fail "nothing is said of the file: $(cat "$DIR/log")"
mv "$way" "$WORK/moved" || fail "the advice: $way"
launch; wait_ready; answers || fail "no answer after the file"; equal "$(cat "$WORK/moved")" precious "the file"
# A damaged audit.head: nothing is signed until it is moved away; then verify says what is whole, and heads are signed
head=$DIR/data/secrets/audit.head
signed() { [ -s "$head" ]; }
until_true 10 signed || fail "nothing was signed"
stop_node; echo nonsense >"$head"; : >"$DIR/log"; launch; wait_ready
verify() { out=$(bibctl -s "$DIR/run/control.sock" audit verify 2>&1); status=$?; [ $status != 69 ]; }
until_true 10 verify || fail "no answer: $out"
equal "$status" 65 "verify with a damaged head: $out"
contains "$out" "audit.head is damaged: move it away, and look with: bibctl audit verify" "verify of a damaged head"
way=$(grep -o '/[^ ]*/audit.head' <<<"$out" | head -n 1); mv "$way" "$WORK/head" || fail "the advice: $way"
whole() { verify && [ $status = 0 ]; }
until_true 10 whole || fail "verify after the head is away: $out"
sql 'create table u (a int)' >/dev/null
until_true 10 signed || fail "nothing is signed anew: $(bibctl -s "$DIR/run/control.sock" events)"
until_true 10 whole || fail "verify after a new head: $out"
equal "$(sql 'select a from t')" 1 "the row"
equal "$(doctor | grep -c '"verdict":"failed"')" 0 "what doctor still finds: $(doctor)"
stop_node
