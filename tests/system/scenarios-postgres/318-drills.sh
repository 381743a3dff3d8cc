# A drill restores PostgreSQL's newest state and proves it in a container; one that failed or could not run is none
# seconds: 240
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
echo 'select count(*) = 3 from t; select 1;' >"$WORK/drill.sql"
chmod 644 "$WORK/drill.sql"
EXTRA="backup: {repository: $WORK/repository, drill: {interval: 0s, script: $WORK/drill.sql}}"
start_postgres
await_backup 60
bibctl backup key >/dev/null || fail "no recovery key"
first_line() { bibctl status | head -n 1; }
is_red() { first_line | grep -q "$1"; }
is_content() { ! is_red "not healthy"; }
until_true 40 is_content || fail "the node is not content: $(first_line)"
scratch=$DIR/data/archive/drill

# What is proven is what was committed last.
equal "$(sql 'show bibd.proven_to')" "" "the proven moment before any drill"
sql "create table t(n int primary key, name text); create index i on t (lower(left(name, 9)));
create table u(n int references t); insert into t values (1, 'a'), (2, 'b'), (3, repeat('long', 100000));
insert into u values (1)" >/dev/null || fail "no tables"
committed=$(date +%s)
stored() { [ "$(date -d "$(sql 'show bibd.recoverable_to')" +%s)" -gt "$committed" ]; }
until_true 20 stored || fail "recoverable to $(sql 'show bibd.recoverable_to')"
said=$(bibctl drill) || fail "the drill: $said"
say "$said"
contains "$said" "tables with" "what the drill says"
contains "$said" "pg_checksums, a full read and the script" "what has proven it"
proven_by() { [ -n "$(sql 'show bibd.proven_to')" ]; }
until_true 10 proven_by || fail "nothing is proven"
proven=$(sql 'show bibd.proven_to')
[ "$(date -d "$proven" +%s)" -ge "$((committed - 1))" ] || fail "proven is $proven, committed was $committed"
[ ! -e "$scratch" ] || fail "the drill has left something in $scratch"
drills() { engine_cli ps -aq --filter "label=bibd.node=$(node_id)" --filter label=bibd.role=drill; }
none_left() { [ -z "$(drills)" ]; }
until_true 10 none_left || fail "the drill has left a container"
in_trail() { [ "$(sql -U audit "select count(*) > 0 from bibd.audit where kind = '$1' and result = '$2'")" = t ]; }
until_true 10 in_trail drill.passed "done" || fail "the audit trail does not have it"

# What the script finds wrong, the second statement after blank lines too; an error in it; and a script that is gone.
for script in "select 1; select count(*) = 4 from t;" "select 1;

select null;" "select nothing from t;" "insert into t values (4, 'd');" "select 1;
-- end
select false;"; do
	echo "$script" >"$WORK/drill.sql"
	bibctl drill >"$WORK/said" 2>&1 && fail "a drill passed with the script: $script"
	contains "$(cat "$WORK/said")" "script" "what is said of the script: $script"
done
echo "select count(*) = 4 from t;" >"$WORK/drill.sql"
bibctl drill >"$WORK/said" 2>&1; equal $? 65 "exit status with a script that finds something"
until_true 20 is_red "the last drill did not prove" || fail "status does not say it: $(first_line)"
until_true 10 in_trail drill.failed failed || fail "the audit trail does not have the failure"
equal "$(sql 'show bibd.proven_to')" "$proven" "the proven moment after failures"
rm "$WORK/drill.sql"
bibctl drill >/dev/null 2>&1 && fail "a drill passed without its script"
echo 'select count(*) = 3 from t;' >"$WORK/drill.sql"; chmod 644 "$WORK/drill.sql"
bibctl drill >/dev/null || fail "the drill does not pass again"
until_true 20 is_content || fail "the node does not recover: $(first_line)"

# An index that does not have what the table has, as amcheck finds it.
if [ "$(superuser -d bibd "select count(*) from pg_available_extensions where name = 'amcheck'")" = 1 ]; then
	superuser -d bibd "create function f(int) returns int language sql immutable as 'select -\$1';
	    create index wrong on t (f(n)); create or replace function f(int) returns int language sql immutable as
	    'select \$1 + 100'" >/dev/null || fail "no index"
	committed=$(date +%s); until_true 20 stored || fail "recoverable to $(sql 'show bibd.recoverable_to')"
	bibctl drill >"$WORK/said" 2>&1; equal $? 65 "exit status with an index that is wrong: $(cat "$WORK/said")"
	contains "$(cat "$WORK/said")" "wrong" "what is said of it"
	superuser -d bibd "drop index wrong" >/dev/null
	committed=$(date +%s); until_true 20 stored || fail "recoverable to $(sql 'show bibd.recoverable_to')"
fi

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
flip
bibctl drill >"$WORK/said" 2>&1 || fail "the drill does not pass on what is whole again: $(cat "$WORK/said")"
until_true 20 is_content || fail "the node does not recover: $(first_line)"

# By itself; late while one does not end; and killed in the middle, either side, after which nothing is left.
before=$(bibctl events | grep -c drill.passed)
sed -i 's/interval: 0s, script/interval: 2s, script/' "$CONFIG"
bibctl reload >/dev/null || fail "reload"
by_itself() { [ "$(bibctl events | grep -c drill.passed)" -gt "$before" ]; }
until_true 40 by_itself || fail "no drill by itself: $(bibctl events | tail -n 5)"
echo 'select pg_sleep(3600);' >"$WORK/drill.sql"
runs() { [ -n "$(drills)" ] && is_red late; }
until_true 40 runs || fail "no drill runs, or status does not say that one is late: $(first_line)"
sed -i 's/interval: 2s, script/interval: 0s, script/' "$CONFIG"
bibctl reload >/dev/null || fail "reload"
old=$(worker bibd-archive)
kill -KILL "$old"
nothing_left() { [ -z "$(drills)" ] && [ ! -e "$scratch" ] && new_worker bibd-archive "$old"; }
until_true 30 nothing_left || fail "after a kill of bibd-archive: $(ls "$scratch" 2>&1; drills)"
until_true 40 is_content || is_red drill || fail "after a kill of bibd-archive: $(first_line)"
bibctl drill >"$WORK/said" 2>&1 & asker=$!
started+=("$asker")
has_one() { [ -n "$(drills)" ]; }
until_true 40 has_one || fail "no drill runs: $(cat "$WORK/said")"
kill -KILL "$(worker bibd-container)"
wait "$asker"; equal $? 69 "exit status when bibd-container dies: $(cat "$WORK/said")"
until_true 60 none_left || fail "after a kill of bibd-container: $(engine_cli top "$(drills)" 2>&1)"
equal "$(sql 'select count(*) from t')" 3 "rows meanwhile"
until_true 20 bibctl ready >/dev/null || fail "not ready"

# No room: it does not run, and does not count as passed.
echo 'select 1;' >"$WORK/drill.sql"
passes() { bibctl drill >"$WORK/said" 2>&1; }
until_true 40 passes || fail "no drill passes afterwards: $(cat "$WORK/said")"
until_true 20 is_content || fail "the node does not recover: $(first_line)"
stop_node
sed -i 's/backup: {/backup: {spool: 1048576, /' "$CONFIG"
launch; wait_ready
proven_again() { [ -n "$(sql 'show bibd.proven_to')" ]; }
until_true 20 proven_again || fail "a start has forgotten what was proven"
proven=$(sql 'show bibd.proven_to')
tried() { bibctl drill >"$WORK/said" 2>&1; grep -q "no room for a drill" "$WORK/said"; }
until_true 20 tried || fail "a drill without room: $(cat "$WORK/said")"
contains "$(bibctl events)" "drill.skipped" "events"
until_true 20 is_red "no room for a drill" || fail "status does not say it: $(first_line)"
equal "$(sql 'show bibd.proven_to')" "$proven" "the proven moment"
stop_node
