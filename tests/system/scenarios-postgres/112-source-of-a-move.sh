# The file that a move has kept is removed when database.keep_source is over and there is a backup, and never without
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
MODE=selective; configure_postgres node
sed -i 's/backend: postgres/backend: sqlite/' "$CONFIG"
launch; wait_ready; sql "create table t (a int); insert into t values (1)" >/dev/null; stop_node
sed -i 's/^\( *\)backend: sqlite/\1keep_source: 1s\n\1backend: postgres/' "$CONFIG"
launch; wait_ready
kept() { ls "$DIR"/data/sqlite/cache.db.moved-to-postgres-*Z; }
is_gone() { ! kept; }
until_true 10 kept || fail "the file is not kept: $(ls -l "$DIR/data/sqlite")"
contains "$("$BIBD" --move status -f "$CONFIG")" "there is none yet" "what is said of backups"
until_true 4 is_gone && fail "the file is gone, and there is no backup"
stop_node; echo "backup: {repository: $WORK/repository}" >>"$CONFIG"
launch; wait_ready
until_true 90 is_gone || fail "the file is kept: $("$BIBD" --move status -f "$CONFIG")"
contains "$(bibctl backup list)" " full " "the backups when the file is gone"
contains "$(bibctl events)" "move.source_removed" "events"
contains "$("$BIBD" --move status -f "$CONFIG")" "no file is kept" "what is said after that"
equal "$(sql "select a from t")" 1 "the row when the file is gone"
stop_node
# finish of a move that was killed before its files had their new names, after each of the renames
first=$DIR/data/sqlite/cache.db new=$DIR/data/sqlite/cache.db.moved-to-postgres-20261201T051500Z
finish() { "$BIBD" --move finish -f "$CONFIG" 2>&1; }
for renamed in 0 1 2; do
	printf '%s\nsince 20261201T051500Z\n' "$new" >"$DIR/data/moved"
	touch "$first"{-wal,-sequences,}
	[ $renamed -lt 1 ] || mv "$first-wal" "$new-wal"
	[ $renamed -lt 2 ] || mv "$first-sequences" "$new-sequences"
	equal "$(finish)" "$new was removed: the move is finished" "finish after $renamed renames"
	equal "$(ls "$DIR/data/sqlite")" "" "what finish leaves after $renamed renames"
	[ ! -e "$DIR/data/moved" ] || fail "it is said that a file is kept"
done
printf '%s\nsince 20261201T051500Z\n' "$new" >"$DIR/data/moved"
equal "$(finish)" "$new is not there any more: the move is finished" "finish where somebody has removed the file"
contains "$(finish)" "no file is kept of a move" "finish where nothing is kept"
# in a copy of the node the words are of the file of the node that was copied
printf '%s\nsince 20261201T051500Z\n' "$new" >"$DIR/data/moved"; touch "$new"
sed "s|$DIR/data|$WORK/copy|" "$CONFIG" >"$WORK/copy.yaml"; cp -a "$DIR/data" "$WORK/copy"
contains "$("$BIBD" --move finish -f "$WORK/copy.yaml" 2>&1)" "it is the other node's" "finish in a copy"
[ -e "$new" ] || fail "a copy's finish has removed the file of the node"
