# A PostgreSQL that burns under load is back with all but its last second; any commit, LSN or named point is restored
# seconds: 600
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
EXTRA="backup: {repository: $WORK/repository}"
start_postgres
await_backup 60
bibctl backup key >"$WORK/key" || fail "no recovery key"
sql "create table h(n int primary key, v int, filler text); create table last(n int); insert into last values (0);
    grant all on h, last to write" >/dev/null || fail "tables"
stored() { sleep 0.2; bibctl restore-point "p$RANDOM$RANDOM" >/dev/null 2>&1; }
until_true 60 stored || fail "no base leads to what is committed: $(bibctl restore-point again 2>&1)"
equal "$(bibctl backup list | grep -cE 'full|incremental')" 1 "backups: one is enough at the start"
iso() { date -u -d "@${1:0:10}.${1:10}" +%FT%T.%6NZ; }
history() { python3 "$tests/history.py" "$@"; }
python3 "$tests/history.py" load "$DIR/run" "$WORK/log" lsn & load=$!
started+=("$load")
lines() { wc -l <"$WORK/log"; }
some() { [ "$(lines)" -ge "$1" ]; }
until_true 20 some 50 || fail "no load"

# A named point; the death of who follows the log; and that one stands still, while checkpoints go on.
named=$(lines)
bibctl restore-point before-the-kills >"$WORK/said" || fail "no restore point: $(cat "$WORK/said")"
named_most=$(($(lines) + 1))
sleep 0.5; archive=$(worker bibd-archive); kill -KILL "$archive"
until_true 20 new_worker bibd-archive "$archive" || fail "no new bibd-archive"
until_true 40 stored || fail "not shipped after the death of bibd-archive"
archive=$(worker bibd-archive); kill -STOP "$archive"
for round in 1 2 3; do
	start=$(now_ms)
	superuser -d bibd "create table if not exists fill(t text); select pg_switch_wal(); checkpoint" >/dev/null
	less $(($(now_ms) - start)) 5000 "ms of a checkpoint beside a bibd-archive that stands still"
	superuser -d bibd "insert into fill select repeat(md5(n::text), 30) from generate_series(1, 20000) n" >/dev/null
done
until_true 40 new_worker bibd-archive "$archive" || fail "a bibd-archive that stands still is not ended"
until_true 40 stored || fail "not shipped after bibd-archive stood still"

# The repository is away, and comes back.
chmod 0 "$WORK/repository"; mv "$WORK/repository" "$WORK/away"
count=$(lines); sleep 3; some $((count + 20)) || fail "clients wait for a repository that is away"
mv "$WORK/away" "$WORK/repository"; chmod 700 "$WORK/repository"
until_true 90 stored || fail "not caught up: $(bibctl status | head -n 2; bibctl events | tail -n 5)"
equal "$(bibctl events | grep -c 'changes are missing')" 0 "gaps"
sleep 1

# Everything dies at once, and the data are gone.
mapfile -t kids < <(children "$PID")
burnt=$(date +%s%6N)
kill -KILL "$PID" "${kids[@]}" "$load"; wait "$PID" "$load" 2>/dev/null
engine_cli rm -f "$(container_name)" >/dev/null
for kid in "${kids[@]}"; do until_true 20 gone "$kid" || fail "worker $kid is still there"; done
cp "$DIR/data/postgres/etc/passwd" "$WORK/passwd"
mv "$DIR/data" "$WORK/burnt"
all=$(lines)
read -r least _ <<<"$(history at "$WORK/log" $((burnt - 1000000)))"

# restored NAME TO LOW HIGH: replayed in a container without network, as a node does
restored() {
	local data=$WORK/$1/postgres/data
	bibctl restore --into "$WORK/$1" --to "$2" --from "$WORK/repository" --key "$WORK/key" >"$WORK/said" 2>&1 ||
	    fail "to $2: $(cat "$WORK/said")"
	printf '%s\n' "copy (select 'last|' || n from last union all select n || '|' || v from h) to '/d/rows'" |
	    engine_cli run --rm -i --network none --user "$(stat -c %u:%g "$data")" -v "$data:/d" \
	    -v "$WORK/passwd:/etc/passwd:ro" --entrypoint sh "$IMAGE" -c \
	    'postgres --single -D /d -c exit_on_error=on -c restore_command=false -c hot_standby=off bibd' \
	    >"$WORK/replay" 2>&1 ||
	    fail "the replay to $2: $(tail -n 5 "$WORK/replay")"
	found=$(history rows "$data/rows" "$WORK/log" "$3" "$4" 2>&1) ||
	    fail "to $2: $found; $(cat "$WORK/said" "$WORK/replay")"
	[ "${5:-}" = keep ] || rm -rf "${WORK:?}/$1"
}
restored latest latest "$least" "$((all + 1))"
say "of $all transactions $found are restored; those of a second before were $least"
restored named before-the-kills "$named" "$named_most"
# BIBD_POINTS=100: a longer run.
for point in $(seq "${BIBD_POINTS:-10}"); do
	read -r n _ after lsn <<<"$(sed -n "$((RANDOM % least + 1))p" "$WORK/log")"
	if [ $((point % 2)) = 0 ] && [ "$lsn" != - ]; then
		restored "l-$point" "$lsn" "$n" "$n"
	else
		read -r low high <<<"$(history at "$WORK/log" "$after")"
		restored "t-$point" "$(iso "$after")" "$low" "$high"
	fi
done

# An object that is missing is found, and no state beyond it is restored.
mapfile -t objects < <(find "$WORK/repository/changes" -type f ! -name '*.*' | sort | tail -n 4)
mv "${objects[1]}" "$WORK/kept"
bibctl restore --into "$WORK/bad" --to latest --from "$WORK/repository" --key "$WORK/key" >/dev/null 2>&1
equal $? 65 "exit status of a restore without an object"
mv "$WORK/kept" "${objects[1]}"

# In place: the node is back at that commit, on a timeline of its own, which the repository follows.
mv "$WORK/burnt" "$DIR/data"
read -r n _ _ lsn <<<"$(sed -n "$((least / 2))p" "$WORK/log")"
"$BIBCTL" restore --in-place --to "$lsn" -f "$CONFIG" >"$WORK/said" || fail "in place: $(cat "$WORK/said")"
launch; wait_ready
equal "$(sql 'select n from last')" "$n" "the last transaction after a restore in place"
equal "$(superuser -d bibd 'select timeline_id from pg_control_checkpoint()')" 2 "timeline"
sql "create table after_it as select 7 as seven" >/dev/null || fail "it cannot be written"
until_true 90 stored || fail "the new timeline is not followed: $(bibctl events | tail -n 5)"
stop_node
bibctl restore --into "$WORK/again" --to latest -f "$CONFIG" >"$WORK/said" 2>&1 || fail "again: $(cat "$WORK/said")"
EXTRA='' configure_postgres second
mv "$WORK/again" "$DIR/data"
launch; wait_ready
equal "$(sql 'select seven from after_it; select n from last')" "7
$n" "rows of the new timeline"
equal "$(superuser -d bibd 'select timeline_id from pg_control_checkpoint()')" 3 "timeline of what was restored of it"
stop_node
