# A node whose database file is not where it was (its disk is not mounted) is refused with 65, not started empty
. "$(dirname "$0")/../lib.sh"
requires psql
mkdir "$WORK/disk"; [ "$ME" != root ] || chown _bibd "$WORK/disk"
SQLITE="path: $WORK/disk/rows.db"; start_node
sql 'create table t (a int); insert into t values (1)' || fail "insert"
stop_node
mkdir "$WORK/away"; mv "$WORK"/disk/rows.db* "$WORK/away/"
for _ in 1 2; do
	: >"$DIR/log"; launch; reap 10; equal "$STATUS" 65 "exit status without the file"
	contains "$(cat "$DIR/log")" "there is no database at $WORK/disk/rows.db" "the message"
	[ ! -e "$WORK/disk/rows.db" ] || fail "an empty file was made"
done
mv "$WORK"/away/rows.db* "$WORK/disk/"; launch; wait_ready
equal "$(sql 'select a from t')" 1 "the row, once the file is back"; stop_node
# moved by the operator, with its path
mv "$WORK/disk" "$WORK/moved"; sed -i "s|$WORK/disk|$WORK/moved|" "$CONFIG"
launch; wait_ready; equal "$(sql 'select a from t')" 1 "the row, in another place"; stop_node
# a path by mistake
sed -i "s|moved/rows.db|moved/row.db|" "$CONFIG"
launch; reap 10; equal "$STATUS" 65 "exit status with another path"
way=$(grep -o 'run: echo new >.*/home' "$DIR/log" | tail -n 1); bash -c "${way#run: }" || fail "the advice: $way"
launch; wait_ready; equal "$(state 'select a from t')" 42P01 "the new file, as the advice says"; stop_node
say "refused, found again, moved"
