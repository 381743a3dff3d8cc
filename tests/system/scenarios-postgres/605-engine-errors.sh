# No engine, one that is not running, one that hangs, one that may not be used, no CLI: each its own error, within its
# deadline, before any data is made; a named runtime is never replaced by another
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires python3
HEALTH="interval: 500ms, action: retry_always, startup_timeout: 2s"
out() { cat "$DIR/log"; }
# nothing there: what was tried, what each said, what to do
RUNTIME='' SOCKET='' configure_postgres nothing; refused 69 30 /var/run/docker.sock /run/podman/podman.sock \
    docker podman
nothing=$(out)
RUNTIME=docker SOCKET=/run/nosuch.sock configure_postgres named; refused 69 30 /run/nosuch.sock docker
contains "$(out)" /run/nosuch.sock "the socket"
case $(out) in *podman.sock*) fail "podman was tried in docker's place" ;; esac
# a named runtime is not replaced by the one that is there
engine_start podman || fail "podman"
mkdir -p /run/podman; ln -sf "$(socket_of podman)" /run/podman/podman.sock
RUNTIME=docker SOCKET='' configure_postgres onlypodman; refused 69 30 /var/run/docker.sock
rm -rf /run/podman; ENGINE=podman engine_clean podman; engine_stop podman
# a socket that nobody listens on
python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.bind("/run/stale.sock")'; chmod 666 /run/stale.sock
RUNTIME=docker SOCKET=/run/stale.sock configure_postgres stale; refused 69 30 /run/stale.sock
contains "$(out | tr '[:upper:]' '[:lower:]')" 'running' "what a stale socket means"
# one that accepts and says nothing
python3 -c 'import socket, time
s = socket.socket(socket.AF_UNIX); s.bind("/run/mute.sock"); s.listen(64)
held = []
while True: held.append(s.accept())' & mute=$!
until_true 5 test -S /run/mute.sock; chmod 666 /run/mute.sock
for RUNTIME in docker podman; do
	SOCKET=/run/mute.sock; configure_postgres "mute-$RUNTIME"; begin=$(now_ms)
	refused 69 60 /run/mute.sock; took=$(($(now_ms) - begin))
	less $took 35000 "ms until a hanging $RUNTIME is given up"
	grep -qE 'answer|hang' "$DIR/log" || fail "a hanging engine is not told from others: $(out)"
	say "$RUNTIME hanging: given up after $took ms: $(grep -m 1 "✗.*mute.sock" "$DIR/log")"
done
kill $mute
# the worker may not use the socket: mode 0600, and a directory that is closed (as /run/podman is)
RUNTIME=docker SOCKET=/run/closed.sock
python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.bind("/run/closed.sock"); s.listen(9); '\
's.accept()' & held=$!
until_true 5 test -S /run/closed.sock; chmod 600 /run/closed.sock
configure_postgres closed; launch; reap 30
# shellcheck disable=SC2153 # reap sets it
case $STATUS in 69 | 77) ;; *) fail "exit $STATUS with a closed socket" ;; esac
contains "$(out)" /run/closed.sock "the socket"; grep -qiE 'permission|denied|may not|group' "$DIR/log" ||
    fail "no word of permission: $(out)"
kill $held
mkdir -m 700 /run/podman; engine_start podman || fail "podman"; ln -s "$(socket_of podman)" /run/podman/podman.sock
RUNTIME=podman SOCKET='' configure_postgres shut; launch; reap 30; case $STATUS in 69 | 77) ;;
*) fail "exit $STATUS with a closed directory" ;; esac
contains "$(out)" /run/podman "the directory"; grep -qE 'podman\.socket|tmpfiles|DirectoryMode|drop-in' "$DIR/log" ||
    fail "no drop-in is named: $(out)"
rm -rf /run/podman; engine_clean podman; engine_stop podman
# Kubernetes
RUNTIME='' SOCKET='' configure_postgres cluster; : >"$DIR/log"
KUBERNETES_SERVICE_HOST=10.0.0.1 timeout 60 "$BIBD" -f "$CONFIG" >"$DIR/log" 2>&1; status=$?
case $status in 69 | 78) ;; *) fail "exit $status in a cluster" ;; esac
grep -qF "✗ kubernetes runtime is not yet implemented; please use 'docker' or 'podman'" "$DIR/log" ||
    fail "no fixed line: $(out)"
# no program to talk to it with
for program in $(type -ap docker); do mount --bind /dev/null "$program"; mounted+=("$program"); done
RUNTIME=docker SOCKET=$(socket_of docker) configure_postgres nocli; refused 69 30 docker.io
for program in "${mounted[@]}"; do umount "$program"; done; mounted=()
# a container that it refuses: said and counted, as no share of this machine's processors is that large
RUNTIME=docker SOCKET=$(socket_of docker) POSTGRES="    cpu_cores: 1024" \
    HEALTH="interval: 500ms, retry_backoff: 200ms, max_retries: 2" configure_postgres refusing
refused 69 60 "starting the server's container: docker says" "giving up after 2 restarts"
for name in nothing named onlypodman stale mute-docker mute-podman closed shut; do
	[ ! -e "$WORK/$name/data/postgres/data" ] || fail "$name has a database"
done
say "no engine: $(grep -m 1 ✗ <<<"$nothing")"
