# A drill proves that the newest state can be restored; one that failed, is late or could not run proves nothing
# seconds: 240
. "$(dirname "$0")/../lib.sh"
requires psql python3
echo 'select count(*) = 3 from t; select 1;' >"$WORK/drill.sql"
chmod 644 "$WORK/drill.sql"
EXTRA="backup: {repository: $WORK/repository, drill: {interval: 0s, script: $WORK/drill.sql}}"
start_node
await_backup 20
bibctl backup key >/dev/null || fail "no recovery key"
first_line() { bibctl status | head -n 1; }
is_red() { first_line | grep -q "$1"; }
is_content() { ! is_red "not healthy"; }
until_true 20 is_content || fail "the node is not content: $(first_line)"
scratch=$DIR/data/archive/drill

# What is proven is what was committed last, the schema's own functions and indexes with it.
equal "$(sql 'show bibd.proven_to')" "" "the proven moment before any drill"
sql "create table t(n int primary key, name text check (name ~ '^[a-z]+$')); create index i on t (lower(name));
create table u(n int references t); insert into t values (1, 'a'), (2, 'b'), (3, 'c'); insert into u values (1)" \
    >/dev/null || fail "no tables"
committed=$(date +%s)
stored() { [ "$(date -d "$(sql 'show bibd.recoverable_to')" +%s)" -gt "$committed" ]; }
until_true 10 stored || fail "recoverable to $(sql 'show bibd.recoverable_to')"
said=$(bibctl drill) || fail "the drill: $said"
contains "$said" "was restored and proven" "what the drill says"
contains "$said" "as many as at that commit" "what the drill says"
proven=$(sql 'show bibd.proven_to')
[ "$(date -d "$proven" +%s)" -ge "$((committed - 1))" ] || fail "proven is $proven, committed was $committed"
[ ! -e "$scratch" ] || fail "the drill has left something in $scratch"
in_trail() { [ "$(sql -U audit "select count(*) > 0 from bibd.audit where kind = '$1' and result = '$2'")" = t ]; }
until_true 10 in_trail drill.passed "done" || fail "the audit trail does not have it"


# Whoever asks for a status is told the same.
told() { bibctl status | grep "^proven .*$(date -d "$proven" '+%F %T')" >/dev/null; }
until_true 20 told || fail "status: $(bibctl status)"
contains "$(bibctl ready --verbose)" "$(bibctl status | grep '^proven' | cut -c 1-40)" "ready --verbose"
contains "$(bibctl ready --verbose)" "opened by   the node's identity, the recovery key" "ready --verbose"
members() { python3 -c 'import json, sys; print(sorted(json.load(sys.stdin)["backup"]))'; }
equal "$(bibctl ready --json --verbose | members)" \
    "['drilled', 'made', 'opened_by', 'proven', 'stored']" "members of the backup in JSON"
metric() { bibctl metrics | sed -n "s/^bibd_backup_$1_timestamp_seconds \([0-9]*\)\..*/\1/p"; }
equal "$(metric proven)" "$(date -d "$proven" +%s)" "the metric of what is proven"
[ "$(metric stored)" -ge "$committed" ] || fail "stored is $(metric stored), committed was $committed"
[ "$(metric made)" -gt 0 ] || fail "no metric of the last backup"

# Each drill beside writers has the rows of one commit, of all tables; where one is missing, it is told.
(while sql "insert into u select 1 from generate_series(1, 3); insert into t select max(n) + 1, 'x' from t" \
    >/dev/null; do :; done) &
writer=$!
started+=("$writer")
echo 'select 1;' >"$WORK/drill.sql"
for round in 1 2 3 4 5 6; do
	bibctl drill >"$WORK/said" 2>&1 || fail "drill $round beside writers: $(cat "$WORK/said")"
done
kill "$writer"
wait "$writer" 2>/dev/null
sql "delete from u; delete from t where n > 3" >/dev/null || fail "rows are not deleted"
mkdir "$WORK/proof"
bibctl restore --into "$WORK/restored" -f "$CONFIG" >/dev/null || fail "no restore"
cp "$WORK/restored/sqlite/cache.db" "$WORK/proof/"
echo "1 nothing" >"$WORK/proof/counts"
"$BUILD/bibd-drill" "$WORK/proof" >"$WORK/said" 2>&1; equal $? 65 "exit status with other counts"
contains "$(cat "$WORK/said")" "noted was \"1 nothing\"" "what is said of other counts"
rm "$WORK/proof/counts"
"$BUILD/bibd-drill" "$WORK/proof" >"$WORK/said" 2>&1 && fail "a drill passed without counts"
# While nobody else can write, there is no moment between two commits.
psql -h "$DIR/run" -X -q -c begin -c "insert into t values (9, 'i')" -c "\\! touch $WORK/open; sleep 23" -c rollback \
    >/dev/null 2>&1 &
started+=("$!")
until_true 10 test -e "$WORK/open" || fail "no transaction is open"
bibctl drill >"$WORK/said" 2>&1; equal $? 69 "exit status while somebody writes"
contains "$(cat "$WORK/said")" "has not ended in time" "what is said while somebody writes"
until_true 10 is_red "the last drill did not prove" || fail "status does not say it: $(first_line)"
echo 'select count(*) = 3 from t; select 1;' >"$WORK/drill.sql"
until_true 20 bibctl drill >/dev/null || fail "the drill afterwards: $(bibctl drill 2>&1)"
proven=$(sql 'show bibd.proven_to')

# What the script finds wrong; an error in it; and a script that is gone.
for script in "select 1; select count(*) = 4 from t;" "select nothing from t;" "insert into t values (4, 'd');"; do
	echo "$script" >"$WORK/drill.sql"
	bibctl drill >"$WORK/said" 2>&1; equal $? 65 "exit status with the script: $script"
	contains "$(cat "$WORK/said")" "of the script" "what is said of the script: $script"
done
until_true 20 is_red "the last drill did not prove" || fail "status does not say it: $(first_line)"
contains "$(bibctl doctor 2>&1)" "bibctl drill" "the doctor's advice"
until_true 10 in_trail drill.failed failed || fail "the audit trail does not have the failure"
equal "$(sql 'show bibd.proven_to')" "$proven" "the proven moment after failures"
rm "$WORK/drill.sql"
bibctl drill >/dev/null 2>&1 && fail "a drill passed without its script"
echo 'select count(*) = 3 from t;' >"$WORK/drill.sql"; chmod 644 "$WORK/drill.sql"
bibctl drill >/dev/null || fail "the drill does not pass again"
until_true 20 is_content || fail "the node does not recover: $(first_line)"

# A byte of the repository that was flipped.
flip() {
	python3 - "$WORK/repository" <<'PY'
import glob, sys
for name in glob.glob(sys.argv[1] + "/data/*/p00000000"):
    data = bytearray(open(name, "rb").read()); data[len(data) // 2] ^= 4; open(name, "wb").write(data)
PY
}
flip
bibctl drill >/dev/null 2>&1; equal $? 65 "exit status with a damaged repository"
until_true 20 is_red "the last drill did not prove" || fail "status does not say it: $(first_line)"
flip
bibctl drill >/dev/null || fail "the drill does not pass on what is whole again"
until_true 20 is_content || fail "the node does not recover: $(first_line)"

# By itself; late while one does not end; and killed in the middle, after which nothing is left.
before=$(bibctl events | grep -c drill.passed)
sed -i 's/interval: 0s, script/interval: 2s, script/' "$CONFIG"
bibctl reload >/dev/null || fail "reload"
by_itself() { [ "$(bibctl events | grep -c drill.passed)" -gt "$before" ]; }
until_true 30 by_itself || fail "no drill by itself: $(bibctl events | tail -n 5)"
echo 'with recursive c(n) as (select 1 union all select n + 1 from c where n < 1e12) select max(n) from c;' \
    >"$WORK/drill.sql"
driller() { pgrep -f "bibd-drill $scratch" >/dev/null; }
until_true 30 driller || fail "no drill runs"
until_true 30 is_red "late" || fail "status does not say that a drill is late: $(first_line)"
[ -e "$scratch/cache.db" ] || fail "there is no scratch file"
sed -i 's/interval: 2s, script/interval: 0s, script/' "$CONFIG"
bibctl reload >/dev/null || fail "reload"
old=$(worker bibd-archive)
kill -KILL "$old"
nothing_left() { ! driller && [ ! -e "$scratch" ] && new_worker bibd-archive "$old"; }
until_true 20 nothing_left || fail "after a kill: $(ls "$scratch" 2>&1; pgrep -af bibd-drill)"
equal "$(sql 'select count(*) from t')" 3 "rows meanwhile"

# No room: it does not run, and does not count as passed.
echo 'select 1;' >"$WORK/drill.sql"
stop_node
sed -i 's/backup: {/backup: {spool: 1048576, /' "$CONFIG"
launch; wait_ready
proven_again() { [ -n "$(sql 'show bibd.proven_to')" ]; }
until_true 20 proven_again || fail "a start has forgotten what was proven"
proven=$(sql 'show bibd.proven_to')
tried() { bibctl drill >"$WORK/said" 2>&1; grep -q "no room for a drill" "$WORK/said"; }
until_true 20 tried || fail "a drill without room: $(cat "$WORK/said")"
equal "$(bibctl events | grep -c 'drill.skipped')" 1 "events"
until_true 20 is_red "no room for a drill" || fail "status does not say it: $(first_line)"
equal "$(sql 'show bibd.proven_to')" "$proven" "the proven moment"
stop_node
