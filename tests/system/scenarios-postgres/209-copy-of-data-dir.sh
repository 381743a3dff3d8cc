# A copy of data_dir started on the same host is refused with 65 and never touches the container of the original
. "$(dirname "$0")/../postgres.sh"
requires psql
start_postgres original
sql 'create table t (a int); insert into t values (1)' || fail "insert"
id=$(inspect '{{.Id}}') name=$(container_name) began=$(superuser 'select pg_postmaster_start_time()')
original=$CONFIG original_pid=$PID original_dir=$DIR
cp -a "$DIR/data" "$WORK/copied" || fail "copy"
unharmed() { # WHEN
	CONFIG=$original DIR=$original_dir PGDIR=$original_dir/data/postgres PID=$original_pid
	equal "$(inspect '{{.Id}} {{.State.Running}}')" "$id true" "the original's container $1"
	equal "$(superuser 'select pg_postmaster_start_time()')" "$began" "its server $1"
	alive "$PID" || fail "the original ended $1"
	equal "$(sql 'select a from t')" 1 "the original's row $1"
}
for form in same memory; do # the copy as it is; one that would have its container otherwise
	[ $form = same ] || POSTGRES='    memory_mb: 300'
	configure_postgres copy; rm -rf "$DIR/data"; cp -a "$WORK/copied" "$DIR/data"
	rm -f "$DIR/data/lock" "$DIR/data/postgres/data/postmaster.pid"
	refused 65 30 "$name" "$original_dir/data/postgres/data" "$PGDIR/data" stop " rm "
	grep -qE 'is stopped and made anew|adopted' "$DIR/log" && fail "the copy took the container for its own"
	unharmed "after the start of a copy ($form)"
done
POSTGRES=
# the copy's one-shot container would have the original's name too; a stop in the middle removes nobody's
stranger=$name-setup
engine_cli run -d --name "$stranger" --label "bibd.node=$(node_id)" --label bibd.role=setup --network none \
    -v "$WORK:/var/lib/postgresql/data" "$IMAGE" sleep 600 >/dev/null || fail "a one-shot container of a copy"
configure_postgres copy
refused 65 30 "$stranger"
equal "$(engine_cli inspect -f '{{.State.Running}}' "$stranger")" true "the one-shot container of another directory"
engine_cli rm -f "$stranger" >/dev/null
# a container of before whose directory was moved meanwhile is told of as well, with what to do
unharmed "at the end"
kids=$(children "$PID"); kill -9 "$PID"; for k in $kids; do until_true 5 gone "$k" || fail "worker $k lives on"; done
mv "$DIR/data" "$DIR/moved"; sed -i "s|$DIR/data|$DIR/moved|" "$CONFIG"
refused 65 30 "$name" "$DIR/moved/postgres/data"
advice=$(grep -o "\`[^\`]* && [^\`]*\`" "$DIR/log" | tail -n 1 | tr -d '\`') # as the message says
[ -n "$advice" ] || fail "no advice: $(cat "$DIR/log")"
bash -c "$advice" >/dev/null || fail "the advice: $advice"
launch; wait_ready; equal "$(sql 'select a from t')" 1 "the row of the moved directory"; stop_node
say "a copy is refused, $name went on"
