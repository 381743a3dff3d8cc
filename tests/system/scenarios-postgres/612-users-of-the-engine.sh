# A Docker that remaps user ids runs the server all the same; a rootless Podman of another user is refused at once, with
# what to do
# engines: docker rootless
. "$(dirname "$0")/../postgres.sh"
requires psql
if [ "$ENGINE" = rootless ]; then
	# as the advice about a socket that cannot be reached would have it
	run=/run/user/$(id -u nobody)
	chmod 711 "$run" "$run/podman" || fail "chmod"
	chmod 666 "$run/podman/podman.sock" || fail "chmod"
	configure_postgres node
	refused 78 30 'rootless' "start bibd as uid $(id -u nobody)"
	equal "$(log_lines ' again')" 0 "tries"
	[ ! -e "$PGDIR/data" ] || fail "it made a database"
	chmod 700 "$run"
	exit 0
fi
echo "nobody:200000:65536" >"$WORK/ids"
for file in /etc/subuid /etc/subgid; do mount --bind "$WORK/ids" $file || skip "no mounts"; mounted+=("$file"); done
engine_stop docker
trap_engine() { engine_stop docker; engine_start docker; }
DOCKER_OPTION="--userns-remap=nobody:nogroup" engine_start docker ||
    { tail -n 3 "$ENGINES/docker/log"; trap_engine; skip "no Docker can remap here"; }
start_postgres; sql 'create table t (a int); insert into t values (1)' || { trap_engine; fail "insert"; }
equal "$(stat -c %U "$PGDIR/data")" _bibpg "whose the database is"
equal "$(ps -o user= -p "$(postmaster)")" _bibpg "whom the server runs as"
stop_node
trap_engine
