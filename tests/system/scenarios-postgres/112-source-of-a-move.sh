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
