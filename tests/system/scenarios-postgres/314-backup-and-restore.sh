# A PostgreSQL backed up under load is restored elsewhere with each row acknowledged before; an incremental one is small
# seconds: 300
. "$(dirname "$0")/../postgres.sh"
requires psql
EXTRA="backup: {repository: $WORK/repository}"
start_postgres

await_backup 60
bibctl backup key >"$WORK/key" || fail "no recovery key was made"
sql "create table big as select n, repeat(md5(n::text), 8) as filler from generate_series(1, 40000) n" >/dev/null
sql "create unlogged table passing(n int); create sequence s" >/dev/null
sql "select nextval('s') from generate_series(1, 70)" >/dev/null
bibctl backup >/dev/null || fail "a second backup: $(bibctl backup 2>&1)"

# Under load: whatever was acknowledged before the backup is in it, and nothing that is half done.
load_start
cp "$WORK/acknowledged" "$WORK/before"
bibctl backup >"$WORK/said" || fail "under load: $(cat "$WORK/said")"
id=$(grep -oE '[0-9]{8}T[0-9]{6}-[0-9]{6}' "$WORK/said")
load_goes_on 10 || fail "the load stands still"
load_stop
sql "update big set filler = 'x' where n % 400 = 0" >/dev/null
bibctl backup >/dev/null || fail "a fourth backup"
equal "$(bibctl backup list | grep -c incremental)" 3 "incremental backups"
# 8 pages of 8 KiB for each of 100 rows at the very most, and the log.
[ "$(bibctl backup list | awk '/incremental/ { size = $4 } END { print size < 3 }')" = 1 ] ||
    fail "an incremental backup of 100 rows is large: $(bibctl backup list)"
contains "$(bibctl backup verify)" "every page is what was written" "verify"
[ "$(awk '/VmHWM/ { print $2 < 65536 }' "/proc/$(worker bibd-archive)/status")" = 1 ] ||
    fail "bibd-archive takes $(grep VmHWM "/proc/$(worker bibd-archive)/status")"

# The files are what PostgreSQL's own tool takes for a base backup of its.
bibctl restore --files --into "$WORK/files" --to "$id" -f "$CONFIG" >/dev/null || fail "the files alone"
PATH=$PATH:/usr/lib/postgresql/15/bin
[ "$VERSION" != 15 ] || pg_verifybackup "$WORK/files" >"$WORK/verified" 2>&1 || fail "$(cat "$WORK/verified")"

# Beside it, as a new node, by the recovery key alone.
first=$DIR first_pid=$PID
password() { superuser -d bibd "select rolpassword from pg_authid where rolname = 'bibd_write_a'"; }
old=$(password)
mkdir -p "$WORK/second"
bibctl restore --into "$WORK/second/data" --to "$id" --from "$WORK/repository" --key "$WORK/key" >"$WORK/said" ||
    fail "restore: $(cat "$WORK/said")"
EXTRA='' start_postgres second
sql 'select client, n from k' | sort >"$WORK/stored"
equal "$(sort "$WORK/before" | comm -23 - "$WORK/stored" | wc -l)" 0 "rows acknowledged before the backup that are gone"
equal "$(sort "$WORK/acknowledged" | comm -13 - "$WORK/stored" | wc -l)" 0 "rows that nobody was told of"
equal "$(sql "select count(*), count(*) filter (where filler = 'x') from big")" "40000|0" "rows of the time"
equal "$(sql "select nextval('s') > 70")" t "the sequence goes on"
equal "$(superuser -d bibd 'select timeline_id from pg_control_checkpoint()')" 2 "timeline"
[ -n "$old" ] || fail "there was no password"
[ "$(password)" != "$old" ] || fail "the password of the past is valid"
equal "$(superuser -d bibd 'show data_checksums')" on "checksums"
stop_node

# In place: not while it runs; then that state is back, and what was there is kept.
DIR=$first PID=$first_pid CONFIG=$first/bibd.yaml PGDIR=$first/data/postgres
contains "$(bibctl restore --in-place -f "$CONFIG" 2>&1)" "stop it first" "a restore of a running node"
sql 'drop table big' >/dev/null
stop_node
"$BIBCTL" restore --in-place --to "$id" -f "$CONFIG" >"$WORK/said" || fail "in place: $(cat "$WORK/said")"
equal "$(find "$PGDIR" -maxdepth 1 -name 'data.before-restore-*' | wc -l)" 1 "databases that were set aside"
launch; wait_ready
equal "$(sql "select count(*), count(*) filter (where filler = 'x') from big")" "40000|0" "rows afterwards"
[ ! -e "$PGDIR/data/bibd.restored" ] || fail "the next start would replay again"
sql 'insert into big values (0)' >/dev/null || fail "it cannot be written"
until_true 30 has_backup || fail "the repository is not the node's any more: $(bibctl backup list 2>&1)"
backs_up() { sleep 0.2; bibctl backup >/dev/null 2>&1; }
until_true 60 backs_up || fail "no backup after the restore: $(bibctl backup 2>&1)"
stop_node
