# The container killed, stopped, removed, restarted, its server killed, under load: one cause line and an event that say
# which it was, started again at once, and no acknowledged row is lost
. "$(dirname "$0")/../postgres.sh"
requires psql python3
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 500ms"
start_postgres
load_start
name=$(container_name)
died() { # CODE COMMAND...
	local code=$1 before lines begin; shift
	sleep 1
	before=$(event_count) lines=$(log_lines 'the PostgreSQL server failed') begin=$(now_ms)
	"$@" >/dev/null || fail "$*"
	until_true 10 event_since "$before" "$code" ||
	    fail "no event $code after [$*]: $(bibctl events | tail -n +$((before + 1)))"
	noticed=$(($(now_ms) - begin))
	load_goes_on 30 || fail "no insert after [$*]"
	equal "$(($(log_lines 'the PostgreSQL server failed') - lines))" 1 "cause lines after [$*]"
	say "$code: noticed after $noticed ms, inserts after $(($(now_ms) - begin)) ms: $(grep 'server failed' \
	    "$DIR/log" | tail -n 1)"
}
kill_postmaster() { kill -9 "$(postmaster)"; }
died server.killed engine_cli kill "$name"
died server.stopped_by_operator engine_cli stop -t 10 "$name"
died server.removed engine_cli rm -f "$name"
died server.killed kill_postmaster
equal "$(engine_cli ps -aq --filter "name=$name" | wc -l)" 1 "containers"
# restarted past bibd: named as that, taken over as it runs, and started by nobody else once more
sleep 1; before=$(event_count) lines=$(log_lines 'the PostgreSQL server failed')
engine_cli restart -t 10 "$name" >/dev/null || fail "restart"
start=$(inspect '{{.State.StartedAt}}')
until_true 10 event_since "$before" server.restarted_by_operator ||
    fail "a restart is not named: $(bibctl events | tail -n +$((before + 1)))"
load_goes_on 30 || fail "no insert after a restart"
equal "$(inspect '{{.State.StartedAt}}')" "$start" "when the container was started, after a restart past bibd"
equal "$(($(log_lines 'the PostgreSQL server failed') - lines))" 0 "failures told after a restart past bibd"
died server.killed engine_cli kill "$name" # it is watched again
kids=$(children "$PID" | wc -l)
load_stop
contains "$(bibctl status)" "$name" "status"
equal "$(children "$PID" | wc -l)" "$kids" "workers"
stop_node
say "$ROWS acknowledged, none lost; $(tail -n 1 "$WORK/load.out")"
