# kill -9 of each worker under load: the server and its container go on, no acknowledged row is lost, one cause line
# each
# engines: docker
# alone: measures milliseconds
. "$(dirname "$0")/../postgres.sh"
requires psql python3
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 200ms"
start_postgres
load_start
start=$(superuser 'select pg_postmaster_start_time()')
for round in 1 2; do
	for name in bibd-container bibd-keeper bibd-postgres bibd-control; do
		sleep 1; victim=$(worker $name); kill -9 "$victim" || fail "no $name"; begin=$(now_ms)
		until_true 10 new_worker $name "$victim" || fail "no new $name"
		load_goes_on 15 || fail "no insert after the death of $name: $(tail -n 5 "$DIR/log")"
		[ $name != bibd-postgres ] || {
			took=$(($(now_ms) - begin)); less $took 3000 "ms until inserts go on after the death of $name"
		}
		until_true 10 ready || fail "not ready after the death of $name"
	done
done
for name in bibd-container bibd-keeper bibd-postgres bibd-control; do
	equal "$(log_lines "$name.*(signal 9|SIGKILL|[Kk]illed)")" 2 "cause lines for $name"
done
equal "$(superuser 'select pg_postmaster_start_time()')" "$start" "the server's start time"
contains "$(bibctl status)" "$(container_name)" "the container in status"
# the container worker has the container again: its death is noticed
sleep 1; before=$(event_count); engine_cli kill "$(container_name)" >/dev/null
until_true 10 event_since "$before" server.killed || fail "a death is not noticed by the new container worker"
load_goes_on 30 || fail "not back"
# hung, not dead
victim=$(worker bibd-container); kill -STOP "$victim"; until_true 30 new_worker bibd-container "$victim" ||
    fail "a hung container worker is not replaced"
victim=$(worker bibd-postgres); kill -STOP "$victim"; until_true 30 new_worker bibd-postgres "$victim" ||
    fail "a hung postgres worker is not replaced"
load_goes_on 20 || fail "not back after a hang"
# Whoever waited for the server did not wait for a connection, let alone since the machine's start.
equal "$(log_lines 'no client has been answered for [0-9]{7,} ms')" 0 \
    "clients that wait since before bibd: $(grep 'no client has' "$DIR/log")"
load_stop; stop_node; no_container || fail "the container is still there"
say "$ROWS acknowledged, none lost; $took ms until inserts after the last death of bibd-postgres; $(tail -n 1 \
    "$WORK/load.out")"
