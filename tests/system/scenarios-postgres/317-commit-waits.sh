# With backup.wait: repository nothing acknowledged by PostgreSQL is lost; a repository that is away holds nobody up
# seconds: 400
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
EXTRA="backup: {repository: $WORK/repository, wait: repository, wait_timeout: 3s, spool: 64}"
start_postgres
await_backup 60
bibctl backup key >"$WORK/key" || fail "no recovery key"
sql "create table h(n int primary key, v int, filler text); create table last(n int); insert into last values (0);
    create table t(n int); grant all on h, last, t to write" >/dev/null || fail "tables"
names() { superuser -d bibd "show synchronous_standby_names"; }
waits() { [ "$(names)" = bibd_archive ] && ! sql "insert into t values (1)" | grep -q WARNING; }
until_true 30 waits || fail "commits do not wait: $(names); $(bibctl events | tail -n 5)"
equal "$(sql "set synchronous_commit to remote_apply; insert into t values (1)")" "" "a commit that is applied"
history() { python3 "$tests/history.py" "$@"; }
last_line() { tail -n 1 "$WORK/log" | cut -d ' ' -f 1; }
moment() { date -d "$1" +%s%N; }
recoverable() { local m; m=$(sql 'show bibd.recoverable_to') && [ -n "$m" ] && [ "$(moment "$m")" -ge "$1" ]; }
# Eight others share its objects.
crowd() { # NUMBER
	local i
	for i in $(seq "$1"); do
		while psql -h "$DIR/run" -X -qAt -U write -c "insert into t values ($i)" bibd; do :; done \
		    >/dev/null 2>&1 &
		started+=("$!"); crowd+=("$!")
	done
}

# restored NAME LOW HIGH: the newest state, replayed in a container without network
restored() {
	local data=$WORK/$1/postgres/data
	bibctl restore --into "$WORK/$1" --to latest --from "$WORK/repository" --key "$WORK/key" >"$WORK/said" 2>&1 ||
	    fail "restore $1: $(cat "$WORK/said")"
	printf '%s\n' "copy (select 'last|' || n from last union all select n || '|' || v from h) to '/d/rows'" |
	    engine_cli run --rm -i --network none --user "$(stat -c %u:%g "$data")" -v "$data:/d" \
	    -v "$WORK/passwd:/etc/passwd:ro" --entrypoint sh "$IMAGE" -c \
	    'postgres --single -D /d -c exit_on_error=on -c restore_command=false -c hot_standby=off bibd' \
	    >"$WORK/replay" 2>&1 || fail "the replay of $1: $(tail -n 5 "$WORK/replay")"
	found=$(history rows "$data/rows" "$WORK/log" "$2" "$3" 2>&1) || fail "$1: $found; $(cat "$WORK/said")"
	rm -rf "${WORK:?}/$1"
}

# Everything dies at once, and the data are gone, several times; a longer run: BIBD_ROUNDS=20 BIBD_CROWD=49.
: >"$WORK/log"
for round in $(seq "${BIBD_ROUNDS:-3}"); do
	python3 "$tests/history.py" load "$DIR/run" "$WORK/log" 2>/dev/null & load=$!
	started+=("$load"); crowd=()
	crowd "${BIBD_CROWD:-4}"
	before=$(wc -l <"$WORK/log")
	some() { [ "$(wc -l <"$WORK/log")" -ge $((before + 100)) ]; }
	until_true 60 some || fail "round $round: only $(wc -l <"$WORK/log") transactions; $(bibctl status | head -n 1)"
	mapfile -t kids < <(children "$PID")
	engine_cli kill -s KILL "$(container_name)" >/dev/null 2>&1 &
	kill -KILL "$PID" "${kids[@]}" "$load" "${crowd[@]}"; wait "$PID" "$load" "${crowd[@]}" 2>/dev/null
	engine_cli rm -f "$(container_name)" >/dev/null
	for kid in "${kids[@]}"; do until_true 20 gone "$kid" || fail "worker $kid is still there"; done
	cp "$DIR/data/postgres/etc/passwd" "$WORK/passwd"
	mv "$DIR/data" "$WORK/burnt"
	restored "burnt-$round" "$(last_line)" $(($(last_line) + 1))
	say "round $round: acknowledged were $(last_line), restored is $found"
	mv "$WORK/burnt" "$DIR/data"; launch; wait_ready
done
until_true 40 waits || fail "commits do not wait after a start: $(names); $(bibctl events | tail -n 5)"

# The repository does not answer: COMMIT is answered with a warning after the time, the next ones at once, and a session
# that does not wait for it does not; afterwards it catches up, and all wait again.
away() { chmod 0 "$WORK/repository"; mv "$WORK/repository" "$WORK/away"; }
back() { mv "$WORK/away" "$WORK/repository"; chmod 700 "$WORK/repository"; }
away
equal "$(sql "set synchronous_commit to local; insert into t values (1)")" "" "a session that does not wait"
start=$(now_ms)
contains "$(sql "insert into t values (2)")" "WARNING:  committed on this machine only" "the commit's answer"
took=$(($(now_ms) - start)); [ "$took" -ge 2500 ] || fail "answered after $took ms"
less "$took" 15000 "ms until the commit was answered"
start=$(now_ms)
contains "$(sql "begin; insert into t values (3); commit")" "WARNING:  committed on this" "the next one's answer"
less $(($(now_ms) - start)) 1500 "ms without waiting"
equal "$(sql "select 1")" 1 "what has written nothing"
contains "$(bibctl events)" "the repository has not answered" "the event"
equal "$(names)" "" "synchronous_standby_names while it is away"
equal "$(bibctl events | grep -c 'commits wait for it again')" 0 "events of catching up"
back
until_true 60 waits || fail "it has not caught up: $(names); $(bibctl events | tail -n 5)"
contains "$(bibctl events)" "the repository has caught up: commits wait for it again" "the event"
equal "$(bibctl events | grep -c 'changes are missing')" 0 "gaps"

# The configuration changes while one waits: it goes on, and waits again after the next change.
set_wait() { # WAIT TIMEOUT
	sed -i "s/wait: [a-z]*, wait_timeout: [0-9a-z]*/wait: $1, wait_timeout: $2/" "$CONFIG"
	bibctl reload >/dev/null || fail "reload: wait $1"
}
set_wait repository 1h
away
psql -h "$DIR/run" -X -qAt -U write -c "insert into t values (4)" -c '\echo told' bibd >"$WORK/told" 2>&1 &
waiter=$!
started+=("$waiter")
sleep 4; grep -q told "$WORK/told" && fail "a commit was answered without the repository: $(cat "$WORK/told")"
ready_now() { bibctl ready >/dev/null; }
ready_now || fail "the node is not ready while commits wait: $(bibctl status | head -n 3)"
set_wait local 1h
told() { grep -q told "$WORK/told"; }
until_true 10 told || fail "who waited when the configuration changed waits for ever"
contains "$(cat "$WORK/told")" "is not waited for any more (backup.wait)" "what it is told"
wait "$waiter"
empty() { [ "$(names)" = "" ]; }
until_true 10 empty || fail "synchronous_standby_names is $(names)"
quiet() { [ "$(sql "insert into t values (5)")" = "" ]; }
until_true 10 quiet || fail "a commit after the change: $(sql "insert into t values (5)")"
back
set_wait repository 3s
until_true 60 waits || fail "commits do not wait after a reload: $(names); $(bibctl events | tail -n 5)"

# The death of bibd-archive holds nobody up for long, nor that of bibd-postgres, nor a restart of the node.
now=$(date +%s%N)
until_true 20 recoverable "$now" || fail "recoverable to $(sql 'show bibd.recoverable_to'), it was $now"
kill -KILL "$(worker bibd-archive)"
start=$(now_ms); sql "insert into t values (6)" >/dev/null || fail "a commit beside a new bibd-archive"
less $(($(now_ms) - start)) 15000 "ms beside a new bibd-archive"
until_true 60 waits || fail "commits do not wait after the death of bibd-archive: $(bibctl events | tail -n 5)"
old=$(worker bibd-postgres); kill -KILL "$old"
until_true 20 new_worker bibd-postgres "$old" || fail "no new bibd-postgres"
until_true 60 waits || fail "commits do not wait after the death of bibd-postgres: $(bibctl events | tail -n 5)"
shown() { recoverable 1; }
until_true 10 shown || fail "a new bibd-postgres does not know what is recoverable"
# What is asked for by the extended protocol, in a transaction, and what is unknown.
equal "$(sql 'begin; show bibd.proven_to; commit; select 1')" "
1" "the proven moment before any drill"
python3 - "$tests" "$DIR/run" <<'PY' || fail "SHOW by the extended protocol"
import sys
sys.path.insert(0, sys.argv[1])
from wire import Session, bind, describe, execute, message, parse
s = Session(sys.argv[2], "write")
for name in "", "named":
    s.socket.sendall(parse(name, "show bibd.recoverable_to") + describe("S", name) + message("S"))
    s.until_ready()
    seen = set()
    for _ in range(2):
        s.socket.sendall(bind(name) + execute() + message("S"))
        seen.add(s.until_ready()[0][0])
    assert all(len(moment) > 20 for moment in seen), seen
# Several in one batch, beside a portal of the client's.
s.socket.sendall(parse("", "select 5") + bind() + parse("two", "show bibd.proven_to") + bind("two", portal="p")
                 + execute() + execute("p") + parse("three", "show bibd.recoverable_to") + bind("three", portal="q")
                 + execute("q") + message("S"))
rows = s.until_ready()
assert rows[:2] == [["5"], [""]] and len(rows[2][0]) > 20, rows
PY
stop_node
launch; wait_ready
until_true 60 waits || fail "commits do not wait after a start: $(names); $(bibctl events | tail -n 5)"
stop_node

# What is restored does not wait for a repository that it does not have.
bibctl restore --into "$WORK/again" --to latest -f "$CONFIG" >"$WORK/said" 2>&1 || fail "again: $(cat "$WORK/said")"
rows=$(last_line)
EXTRA='' configure_postgres second
mv "$WORK/again" "$DIR/data"
launch; wait_ready
start=$(now_ms)
equal "$(sql "insert into t values (7); select n >= $rows from last")" t "a restored node"
less $(($(now_ms) - start)) 3000 "ms of its first commit"
equal "$(sql 'show bibd.recoverable_to')" "" "what is recoverable of a node without a repository"
stop_node
