# kill -9 at 30 moments of a rotation, of keeper, bibd-postgres, bibd, the server, the container worker, and of all at
# once: each time the node is there again, every role works, and one side of the logins is left
# engines: docker
# seconds: 400
. "$(dirname "$0")/../postgres.sh"
requires psql
sides() {
	superuser "select string_agg(distinct right(rolname, 1), \
'') from pg_roles where rolname ~ '^bibd_[a-z]*_[ab]\$' and rolcanlogin"
}
one_side() { case $(sides) in a | b) return 0 ;; *) return 1 ;; esac; }
roles_work() {
	local role
	for role in admin write query audit; do [ "$(sql -U $role 'select 1')" = 1 ] || return 1; done
}
# shellcheck disable=SC2046 # pids
kill_all() { kill -9 "$PID" $(children "$PID"); engine_cli kill "$(container_name)"; }
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 200ms"
POSTGRES="    credential_rotation_grace: 2s"
start_postgres
victims=(keeper postgres bibd server container all)
ends=
for round in {0..29}; do
	victim=${victims[round % 6]}
	(bibctl rotate credentials >/dev/null 2>&1) & asked=$!
	sleep "$(printf '0.%03d' $((5 + round * 17 % 400)))"
	case $victim in
	keeper | postgres | container) kill -9 "$(worker "bibd-$victim")" || fail "no bibd-$victim" ;;
	bibd) kill -9 "$PID" ;;
	server) engine_cli kill "$(container_name)" >/dev/null ;;
	all) kill_all >/dev/null 2>&1 ;;
	esac
	found=$(sides); case $found in a | b | ab) ;; *) found=- ;; esac; ends="$ends$found "
	case $victim in bibd | all)
		wait "$PID" 2>/dev/null; kill $asked 2>/dev/null; wait $asked 2>/dev/null; launch ;;
	esac
	until_true 40 ready || fail "round $round, $victim: not ready: $(tail -n 5 "$DIR/log")"
	until_true 20 roles_work || fail "round $round, $victim: $(sql -U write 'select 1') $(tail -n 5 "$DIR/log")"
	until_true 40 one_side || fail "round $round, $victim: logins $(sides) $(tail -n 5 "$DIR/log")"
	roles_work || fail "round $round, $victim: after its end"
	until_true 20 bibctl rotate credentials ||
	    fail "round $round, $victim: no rotation any more: $(bibctl rotate credentials 2>&1)"
	until_true 20 one_side || fail "round $round, $victim: logins $(sides)"
done
stop_node
say "30 rounds; sides that could log in just after the kill: $ends"
