# Each process runs as its own user, with the groups it needs and no more, no capability, and what it may not do it
# can't
. "$(dirname "$0")/../postgres.sh"
requires psql python3
start_postgres
group=$(stat -c %g "$(socket_of "$ENGINE")")
for row in "bibd-keeper _bibkey " "bibd-container _bibctr $group" "bibd-postgres _bibd " "bibd-control _bibmon "; do
	read -r name user groups <<<"$row"; pid=$(worker "$name"); [ -n "$pid" ] || fail "no $name"
	s=/proc/$pid/status; id=$(id -u "$user")
	equal "$(awk '/^Uid:/ { print $2, $3, $4, $5 }' "$s")" "$id $id $id $id" "ids of $name"
	equal "$(awk '/^Groups:/ { $1 = ""; print }' "$s" | tr -d ' ')" "$groups" "supplementary groups of $name"
	equal "$(awk '/^Cap(Eff|Prm|Inh|Amb):/ { print $2 }' "$s" | sort -u)" 0000000000000000 "capabilities of $name"
	equal "$(awk '/^NoNewPrivs:/ { print $2 }' "$s")" 1 "no_new_privs of $name"
	[ "$SLOW" != 1 ] || equal "$(awk '/^Seccomp:/ { print $2 }' "$s")" 2 "seccomp of $name"
	# nothing is open that another's directory holds
	find "/proc/$pid/fd" -printf '%l\n' 2>/dev/null |
	    grep -oE '/[^ ]*/data/(secrets|postgres|sqlite|container)[^ ]*' | sort -u >"$WORK/open"
	case $name in
	bibd-keeper) grep -v '/secrets' "$WORK/open" && fail "$name has that open" ;;
	bibd-container) grep -E '/secrets|/postgres/data' "$WORK/open" && fail "$name has that open" ;;
	*) grep -E '/secrets|/postgres/data|/container' "$WORK/open" && fail "$name has that open" ;;
	esac
done
# the CLI gets no environment but what it needs, and leaves nothing behind
sleep 1
[ "$(pgrep -P "$(worker bibd-container)" | wc -l)" -le 2 ] || fail "jobs: $(pgrep -a -P "$(worker bibd-container)")"
for p in $(pgrep -P "$(worker bibd-container)"); do
	tr '\0' '\n' <"/proc/$p/environ" |
	    grep -vE '^(PATH|HOME|LANG|LC_ALL|DOCKER_[A-Z]*|CONTAINERS_[A-Z_]*|CONTAINER_HOST|XDG_[A-Z_]*|TMPDIR|TZ)=' |
	    grep . &&
	    fail "that is in the environment of $(tr '\0' ' ' <"/proc/$p/cmdline")"
	equal "$(awk '/^Uid:/ { print $2 }' "/proc/$p/status")" "$(id -u _bibctr)" "the uid of a job"
done
as() { setpriv --reuid="$1" --regid="$1" --clear-groups -- "${@:2}"; }
for user in _bibmon _bibctr nobody; do
	for path in secrets/credentials postgres/data/PG_VERSION "postgres/run/.s.PGSQL.5432"; do
		as $user test -r "$DIR/data/$path" && fail "$user reads $path"
	done
done
as _bibd test -r "$DIR/data/secrets" && fail "_bibd reads the secrets"
as _bibd test -r "$DIR/data/postgres/data" && fail "_bibd reads PGDATA"
# over PostgreSQL's own socket: root is its superuser by peer, nobody else is anything without a password
equal "$(superuser -d bibd 'select current_user')" postgres "root"
for login in postgres bibd_system bibd_admin_a admin bibd_query_a; do
	as _bibd psql -w -h "$PGDIR/run" -U $login -d bibd -X -c 'select 1' >/dev/null 2>&1 &&
	    fail "_bibd is $login without a password"
	[ $login = postgres ] || {
		psql -w -h "$PGDIR/run" -U $login -d bibd -X -c 'select 1' >/dev/null 2>&1 &&
		    fail "root is $login without a password"
	}
done
# 12 MiB for what bibd adds, when nobody does anything
kb=0; for p in $PID $(children "$PID"); do kb=$((kb + $(awk '/^Pss:/ { print $2 }' "/proc/$p/smaps_rollup"))); done
stop_node
say "PSS of bibd's processes: $kb kB"
