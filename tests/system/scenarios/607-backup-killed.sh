# A backup or a restore that is killed at any instant leaves what was there, and can be run again
. "$(dirname "$0")/../lib.sh"
requires psql
EXTRA="backup: {repository: $WORK/repository}"
start_node
sql "create table t as select n, repeat(md5(n::text), 20) as filler from generate_series(1, 15000) as s(n)" >/dev/null
backed_up() { bibctl backup >"$WORK/said"; }
until_true 20 backed_up || fail "no backup was made"
# The one that the node made at its start may be of before the table.
oldest=$(grep -oE '[0-9]{8}T[0-9]{6}-[0-9]{6}' "$WORK/said")

# bibd-archive is killed while it writes: bibctl is told, nothing of that backup counts, and the next one is made.
for after in 0.02 0.05 0.1 0.15; do
	bibctl backup --full >"$WORK/said" 2>&1 & asked=$!
	sleep "$after"; old=$(worker bibd-archive)
	kill -KILL "$old"; wait "$asked"
	until_true 10 new_worker bibd-archive "$old" || fail "bibd-archive was not started again"
done
until_true 20 bibctl backup >/dev/null || fail "no backup is made any more: $(bibctl backup 2>&1)"
until_true 20 bibctl backup verify >/dev/null || fail "verify: $(bibctl backup verify 2>&1)"
bibctl backup prune >/dev/null || fail "prune"
equal "$(find "$WORK/repository/data" -mindepth 1 -maxdepth 1 | wc -l)" \
    "$(find "$WORK/repository/backups" -type f | wc -l)" "folders of packs, one for each manifest"

# bibd-sqlite is killed while its file is read.
bibctl backup --full >/dev/null 2>&1 & asked=$!
sleep 0.05; kill -KILL "$(worker bibd-sqlite)"; wait "$asked"
until_true 20 answers || fail "clients are not served"
until_true 20 bibctl backup >/dev/null || fail "no backup after the death of bibd-sqlite: $(bibctl backup 2>&1)"

# A restore in place: whatever instant it is killed at, it can be run again, and what was there is still there.
sql "delete from t where n > 100" >/dev/null
stop_node
for after in 0.01 0.03 0.05 0.07 0.09 0.12 0.15 0.2; do
	{ timeout -s KILL "$after" "$BIBCTL" restore --in-place --to "$oldest" -f "$CONFIG" >/dev/null; } 2>/dev/null
done
"$BIBCTL" restore --in-place --to "$oldest" -f "$CONFIG" >/dev/null || fail "the last restore"
[ -n "$(find "$DIR/data/sqlite" -name 'cache.db.before-restore-*[0-9]')" ] || fail "what was there is gone"
launch; wait_ready
equal "$(sql 'select count(*), max(n) from t')" "15000|15000" "rows after the restore"
stop_node
