# Any commit, moment or named point is restored exactly, whatever was killed while changes were shipped
. "$(dirname "$0")/../lib.sh"
requires psql python3
EXTRA="backup: {repository: $WORK/repository}"
start_node
await_backup 20
sql "create table h(n int primary key, v int, filler text); create table last(n int); insert into last values (0)" \
    >/dev/null || fail "tables"
iso() { date -u -d "@${1:0:10}.${1:10}" +%FT%T.%6NZ; }
history() { python3 "$tests/history.py" "$@"; }
python3 "$tests/history.py" load "$DIR/run" "$WORK/log" & load=$!
started+=("$load")
some() { [ "$(wc -l <"$WORK/log")" -ge "$1" ]; }
until_true 20 some 30 || fail "no load"

# Checkpoints, VACUUM, and the death of who writes the log, of who reads it, and of all.
sleep 0.5; sql checkpoint >/dev/null
sleep 0.3
named=$(wc -l <"$WORK/log")
bibctl restore-point before-the-kills >"$WORK/said" || fail "no restore point: $(cat "$WORK/said")"
sleep 0.3; sql vacuum >/dev/null
sleep 0.5; kill -KILL "$(worker bibd-sqlite)"; stops=("$(date +%s%6N)")
sleep 1; kill -KILL "$(worker bibd-archive)"; stops+=("$(date +%s%6N)")
sleep 1; sql checkpoint >/dev/null; bibctl backup >/dev/null || fail "a backup beside it"
sleep 0.3; middle=$(date +%s%6N); sleep 0.3
kids=$(children "$PID"); kill -KILL "$PID"; wait "$PID" 2>/dev/null
for kid in $kids; do until_true 20 gone "$kid" || fail "worker $kid outlives the supervisor"; done
launch; wait_ready; stops+=("$(date +%s%6N)")
sleep 1; touch "$WORK/log.end"; wait "$load" || fail "the load"
equal "$(bibctl events | grep -c 'changes are missing')" 0 "gaps"

# Everything is in the repository within a second or two, and is said to be.
now=$(date +%s)
stored() { [ "$(date -d "$(sql 'show bibd.recoverable_to')" +%s)" -gt "$now" ]; }
until_true 10 stored || fail "recoverable to $(sql 'show bibd.recoverable_to')"
until_true 20 bibctl backup verify >/dev/null || fail "verify: $(bibctl backup verify 2>&1)"
all=$(wc -l <"$WORK/log")
# restored NAME TO LOW HIGH
restored() {
	bibctl restore --into "$WORK/$1" --to "$2" -f "$CONFIG" >"$WORK/said" 2>&1 || fail "to $2: $(cat "$WORK/said")"
	found=$(history check "$WORK/$1/sqlite/cache.db" "$WORK/log" "$3" "$4" 2>&1) || fail "to $2: $found"
	rm -rf "${WORK:?}/$1"
}
restored latest latest "$all" "$all"
last=$(grep -oE 'commit [0-9]+' "$WORK/said" | grep -oE '[0-9]+')
restored named before-the-kills "$named" "$all"
for commit in 0 1 2; do
	commit=$((last - RANDOM % (all - 60)))
	restored "c-$commit" "$commit" 1 "$all"; before=$found
	restored "d-$commit" "$((commit + 1))" "$before" "$((before + 1))"
done
# restored_at NAME MICROSECONDS: what stood in the log alone when a program died has no time but that of the next start
restored_at() {
	local stop low high
	read -r low high <<<"$(history at "$WORK/log" "$2")"
	for stop in "${stops[@]}"; do
		[ "$2" -lt $((stop - 2000000)) ] || [ "$2" -gt $((stop + 1000000)) ] ||
		    read -r low _ <<<"$(history at "$WORK/log" $(($2 - 3000000)))"
	done
	restored "$1" "$(iso "$2")" "$low" "$high"
}
restored_at moment "$middle"
for line in 0 1 2; do
	read -r n _ after <<<"$(sed -n "$((RANDOM % all + 1))p" "$WORK/log")"
	restored_at "m-$n" "$after"
done

# An object that is gone, or another, or damaged, is found, and no state beyond it is restored.
spoilt() {
	bibctl backup verify >/dev/null 2>&1; equal $? 65 "exit status of verify, $1"
	bibctl restore --into "$WORK/bad" --to latest -f "$CONFIG" >/dev/null 2>&1
	status=$? # 0: from a backup that was made after it
	[ $status = 65 ] || { [ $status = 0 ] &&
	    history check "$WORK/bad/sqlite/cache.db" "$WORK/log" "$all" "$all" >/dev/null; } ||
	    fail "a restore, $1: $status"
	rm -rf "$WORK/bad"
}
changes() { find "$WORK/repository/changes" -type f ! -name '*.*' | sort; }
mapfile -t objects < <(changes | tail -n 4)
mv "${objects[1]}" "$WORK/kept"; spoilt "one is missing"
cp -p "${objects[0]}" "${objects[1]}"; spoilt "one is another"
{ head -c 70 "$WORK/kept"; printf x; tail -c +72 "$WORK/kept"; } >"${objects[1]}"; spoilt "a byte differs"
head -c -1 "$WORK/kept" >"${objects[1]}"; spoilt "one is cut"
cp "$WORK/kept" "${objects[1]}"; bibctl backup verify >/dev/null || fail "verify of what is whole again"
mv "$(changes | tail -n 1)" "$WORK/kept" || fail "no last object"
bibctl backup verify >/dev/null 2>&1; equal $? 65 "exit status of verify without the last object"
stop_node
