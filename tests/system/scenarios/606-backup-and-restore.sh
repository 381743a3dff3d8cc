# A backup made under load has each row acknowledged before it; it is restored anywhere, and never when damaged
. "$(dirname "$0")/../lib.sh"
requires psql python3
EXTRA="backup: {repository: $WORK/repository}"
start_node
first=$DIR

# whole FILE: SQLite's own proof (the functions of CHECK constraints are bibd's)
whole() {
	python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("pragma ignore_check_constraints = on")
print(db.execute("pragma integrity_check").fetchone()[0])' "$1"
}
has_all() {
	python3 -c 'import sqlite3, sys
n, low, high = sqlite3.connect(sys.argv[1]).execute("select count(*), min(n), max(n) from t").fetchone()
print(low == 1 and n == high and high >= int(sys.argv[2]))' "$@"
}
numbers='select count(*) = max(n) - min(n) + 1 and min(n) = 1 from t'

contains_line() { bibctl status | head -n 1 | grep -q "$1"; }
lacks_line() { ! contains_line "$1"; }
some_rows() { [ "$(sql 'select count(*) from t')" -ge "$1" ]; }

await_backup 20
until_true 20 contains_line "no recovery key" || fail "status does not say that there is no recovery key"
bibctl backup key >"$WORK/key" || fail "no recovery key was made"
equal "$(grep -cE '^([A-Z2-7]{4}-){12}[A-Z2-7]{4}$' "$WORK/key")" 1 "recovery keys"
until_true 10 lacks_line "not healthy" || fail "the node is still not content: $(bibctl status | head -n 1)"

sql "create table t(n int primary key, filler text)" >/dev/null
seq 1 40000 | sed "s/.*/insert into t values (&, 'some text that takes room in a page, again and again');/" |
    psql -h "$DIR/run" -X -q -v ON_ERROR_STOP=1 >/dev/null 2>&1 & load=$!
started+=("$load")
until_true 20 some_rows 200 || fail "no load"
for round in 1 2 3; do
	acknowledged=$(sql 'select max(n) from t')
	bibctl backup >"$WORK/said" || fail "backup $round: $(cat "$WORK/said")"
	id=$(grep -oE '[0-9]{8}T[0-9]{6}-[0-9]{6}' "$WORK/said")
	bibctl restore --into "$WORK/round-$round" --to "$id" -f "$CONFIG" >/dev/null || fail "restore $round"
	equal "$(whole "$WORK/round-$round/sqlite/cache.db")" ok "integrity of backup $round"
	equal "$(has_all "$WORK/round-$round/sqlite/cache.db" "$acknowledged")" True \
	    "backup $round has all that was acknowledged ($acknowledged), and no holes"
done
# What bibd-sqlite has given away has cost it no lock: another process that opens and closes the file is not the last
# one, which would remove the write-ahead log.
python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute("select 1 from sqlite_schema").fetchone()
db.close()' "$DIR/data/sqlite/cache.db"
[ -e "$DIR/data/sqlite/cache.db-wal" ] || fail "the locks on the database are gone"
kill "$load" 2>/dev/null; wait "$load" 2>/dev/null
sql "delete from t where n > 150" >/dev/null
bibctl backup >/dev/null || fail "a fourth backup"
equal "$(bibctl backup list | grep -c incremental)" 4 "incremental backups"
contains "$(bibctl backup verify)" "every page is what was written" "verify"

# Beside it, on a bare machine: the repository and the key alone. Sequences and the schema are there, too.
sql "create table s(id serial, t text); insert into s(t) select 'x' from generate_series(1, 100)" >/dev/null
bibctl backup --full >/dev/null || fail "a full backup"
mkdir -p "$WORK/second"
bibctl restore --into "$WORK/second/data" --from "$WORK/repository" --key "$WORK/key" >/dev/null ||
    fail "a bare machine"
before=$PID
EXTRA='' start_node second
equal "$(sql "$numbers")" t "rows of the second node"
equal "$(sql 'select max(n) from t')" 150 "its last row"
equal "$(sql "insert into s(t) values ('y') returning id > 100")" t "its sequence goes on"
stop_node

# In place: refused while the node runs, then the state of the first backup, and what was there is kept.
PID=$before DIR=$first CONFIG=$first/bibd.yaml
equal "$(bibctl restore --in-place -f "$CONFIG" 2>&1 | grep -c 'stop it first')" 1 "refusals of a running node"
oldest=$(bibctl backup list | sed -n '2s/ .*//p')
stop_node
bibctl restore --in-place --to "$oldest" -f "$CONFIG" >/dev/null || fail "in place"
equal "$(find "$DIR/data/sqlite" -name 'cache.db.before-restore-*[0-9]' | wc -l)" 1 "databases that were set aside"
launch; wait_ready
equal "$(sql "$numbers")" t "rows afterwards"
equal "$(sql 'select count(*) >= 200 from t')" t "as many as there were"

# A damaged repository is found, and never restored. Right after a start bibd-archive may have no keys yet: exit 69.
answers() { bibctl backup list >/dev/null 2>&1; }
until_true 20 answers || fail "backup list after a start: $(bibctl backup list 2>&1)"
python3 - "$WORK/repository" <<'PY'
import glob, sys
for name in glob.glob(sys.argv[1] + "/data/*/p00000000"):
    data = bytearray(open(name, "rb").read()); data[len(data) // 2] ^= 4; open(name, "wb").write(data)
PY
bibctl backup verify >/dev/null 2>&1; equal $? 65 "exit status of verify"
# A full backup needs each of its pages; the newest state may be made of packs that have come since.
bibctl restore --into "$WORK/damaged" --to "$oldest" -f "$CONFIG" >/dev/null 2>&1
equal $? 65 "exit status of a restore"
stop_node
