# The write-ahead log is on the disk that the configuration names; a database of before is moved there as the message
# says
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
with() { cp "$WORK/good" "$CONFIG"; sed -i "s|^    network:|    wal_dir: \"$1\"\n&|" "$CONFIG"; }
mkdir "$WORK/disk"
mount -t tmpfs -o size=256m,mode=755 disk "$WORK/disk" || skip "no mount"
mounted+=("$WORK/disk")
# A new one.
configure_postgres node; cp "$CONFIG" "$WORK/good"; with "$WORK/disk/wal"; launch; wait_ready
wal=$WORK/disk/wal/$(node_id)/pg_wal.1
equal "$(readlink "$PGDIR/data/pg_wal")" /bibd/wal/pg_wal.1 "the link"
equal "$(stat -c %U:%a "$WORK/disk/wal/$(node_id)")" _bibpg:700 "whose the log is"
sql 'create table t (a int); insert into t values (1)' || fail "setup"
[ "$(find "$wal" -name '0000*' | wc -l)" -ge 1 ] || fail "no log on the disk"
contains "$(bibctl --json status)" "\"path\":\"$WORK/disk/wal\"" "the room on that disk"
stop_node
# Without its disk, or without the key, nothing is started and nothing changed.
mv "$wal" "$wal.away"; refused 65 20 "$wal" "is the disk mounted?"; mv "$wal.away" "$wal"
cp "$WORK/good" "$CONFIG"; refused 78 20 "wal_dir"
with "$WORK/disk/wal"; launch; wait_ready
equal "$(sql 'select a from t')" 1 "the rows"
stop_node
# One of before, by the message.
configure_postgres old; cp "$CONFIG" "$WORK/good"; launch; wait_ready
sql 'create table t (a int); insert into t values (2)' || fail "setup"
stop_node; with "$WORK/disk/wal"; refused 78 20 "move the log with: "
advice=$(sed -n 's/.*move the log with: //p' "$DIR/log" | head -n 1)
sh -c "$advice" || fail "the advice: $advice"
launch; wait_ready
equal "$(sql 'select a from t')" 2 "the rows of the one that was moved"
sql 'insert into t values (3)' || fail "insert"
stop_node
