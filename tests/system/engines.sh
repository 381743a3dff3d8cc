# shellcheck shell=bash
# Sourced: a Docker and a Podman engine of the tests' own, with a PostgreSQL image in both. They live in network, mount
# and process namespaces of their own (engines_enter), so that no bridge, firewall rule, mount or process of theirs is
# the machine's, its own engines never meet them, and all of it ends with the run, however that ends. /run is empty
# there: the usual sockets of an engine are free for a scenario that wants them.
VERSION=${BIBD_TEST_POSTGRES:-15} # 17: in a minute from Debian's archive
IMAGE_ROOT=${BIBD_TEST_IMAGE:-/var/tmp/bibd-test-image}${BIBD_TEST_POSTGRES:+-$VERSION}
IMAGE=localhost/bibd-test/postgres:$VERSION
ENGINE_GROUP=61997 # owns Podman's socket; has no name, as nothing needs one
OUTSIDE=198.51.100.254

# tree_with_libraries ROOT: adds the shared libraries that the programs in ROOT need
tree_with_libraries() {
	find "$1" -type f \( -perm -u+x -o -name '*.so*' \) -print0 | xargs -0 ldd 2>/dev/null |
	    sed -n 's/^\t\(.* => \)\{0,1\}\(\/[^ ]*\) (.*/\2/p' | sort -u | while read -r library; do
		[ -e "$1$library" ] || { mkdir -p "$1$(dirname "$library")" && cp -L "$library" "$1$library"; } ||
		    exit 1
	done
}

# small_root ROOT: PostgreSQL 15 as installed here, with a shell; no package of Debian beside it
small_root() {
	local program pg=usr/lib/postgresql/15 dir
	mkdir -p "$1"/{etc,dev,proc,sys,root,run,tmp,var/tmp} \
	    "$1"/usr/{bin,sbin,lib,lib64,share/postgresql,lib/postgresql,lib/locale}
	for dir in bin sbin lib lib64; do ln -s usr/$dir "$1/$dir" || return 1; done
	chmod 1777 "$1/tmp" "$1/var/tmp"
	cp -a /$pg "$1/usr/lib/postgresql/" && rm -rf "$1/$pg"/lib/{bitcode,pgxs,llvmjit*} || return 1
	cp -a /usr/share/postgresql/15 "$1/usr/share/postgresql/" && cp -a /usr/share/zoneinfo "$1/usr/share/" &&
	    cp -a /usr/lib/locale/C.utf8 "$1/usr/lib/locale/" || return 1
	for program in sh bash cat chmod cp dd df env false head id ls mkdir mv rm sed sleep stat tail test touch \
	    true; do
		cp -L "/usr/bin/$program" "$1/usr/bin/" || return 1
	done
	printf 'root:x:0:0:root:/root:/bin/sh\n' >"$1/etc/passwd"
	printf 'root:x:0:\n' >"$1/etc/group"
	tree_with_libraries "$1"
}

# official_layout ROOT: what the official images have beside PostgreSQL, whose entrypoint serves no empty directory
official_layout() {
	mkdir -p "$1/usr/local/bin" "$1/var/lib/postgresql/data" && cat >"$1/usr/local/bin/docker-entrypoint.sh" <<'SH'
#!/bin/sh
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
	echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
	exit 1
fi
exec "$@"
SH
	chmod 755 "$1/usr/local/bin/docker-entrypoint.sh"
}

root_from_package() {
	local archive suite=bookworm
	[ "$VERSION" = 15 ] || suite=trixie
	[ -n "${BIBD_TEST_DEBOOTSTRAP:-}" ] || [ "$VERSION" != 15 ] || { small_root "$1"; return; }
	archive=$(awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources)
	debootstrap --variant=minbase --include="postgresql-$VERSION" $suite "$1" "$archive" >/dev/null
}

# image_root: makes $IMAGE_ROOT, unless it is there and of this version; in seconds from the installed package, or with
# BIBD_TEST_DEBOOTSTRAP=1 in a minute from Debian's archive
image_root() {
	local version new
	version="$(dpkg-query -W -f '${Version}' postgresql-15) 3${BIBD_TEST_DEBOOTSTRAP:+ debootstrap}" || return 1
	[ "$(cat "$IMAGE_ROOT/.complete" 2>/dev/null)" != "$version" ] || return 0
	new=$(mktemp -d "$IMAGE_ROOT.XXXXXX") && chmod 755 "$new" || return 1
	if root_from_package "$new" && official_layout "$new"; then
		echo "$version" >"$new/.complete"
		rm -rf "$IMAGE_ROOT" && mv -T "$new" "$IMAGE_ROOT" && return 0
	fi
	rm -rf "$new"
	return 1
}

# engines_possible: whether there is everything that it takes; else prints what is missing
engines_possible() {
	local tool missing=
	[ "$(id -u)" = 0 ] || { echo "engines of the tests' own need root"; return 1; }
	for tool in dockerd docker podman runc unshare nsenter ip python3; do
		command -v $tool >/dev/null || missing="$missing $tool"
	done
	[ -z "$missing" ] || { echo "not installed:$missing"; return 1; }
	image_root || { echo "no image can be made: is postgresql-15 installed?"; return 1; }
}

# engines_enter COMMAND...: runs it where the engines can be; ENGINES is their directory, gone afterwards
engines_enter() {
	local status
	ENGINES=$(mktemp -d /var/tmp/bibd-test-engines.XXXXXX) && chmod 755 "$ENGINES" || return 1
	export ENGINES
	# setpriv: when this shell is killed, so is all that it has started
	setpriv --pdeathsig KILL unshare --net --mount --propagation private --pid --fork --kill-child --mount-proc "$@"
	status=$?
	rm -rf "$ENGINES"
	return $status
}

# engines_prepare: within engines_enter, and before everything else
engines_prepare() {
	# Podman's locks are in /dev/shm: those of one lane are not another's.
	mount -t tmpfs -o mode=755 bibd-test /run && mkdir -m 755 /run/bibd-test &&
	    mount -t tmpfs -o mode=1777 bibd-test /dev/shm || return 1
	mkdir -m 711 "$ENGINES"/{docker,podman,rootless} || return 1
	cat >"$ENGINES/containers.conf" <<'CONF'
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
[network]
network_backend = "netavark"
CONF
	printf '[[registry]]\nlocation = "127.0.0.1:5000"\ninsecure = true\n' >"$ENGINES/registries.conf"
	outside_start
}

# The world outside is a namespace to which this one has a link, and from which no route leads back into the containers'
# networks.
outside_start() {
	local pid
	ip link set lo up
	unshare --net sleep infinity & pid=$!; disown
	until [ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
	ip link add outside type veth peer name eth0 netns $pid &&
	    ip addr add 198.51.100.1/24 dev outside && ip link set outside up && ip route add default via $OUTSIDE ||
	    return 1
	nsenter -t $pid --net sh -c "ip link set lo up; ip addr add $OUTSIDE/24 dev eth0; ip link set eth0 up"
	nsenter -t $pid --net python3 -c 'import socket
s = socket.create_server(("", 7))
while True: s.accept()[0].close()' & disown
}

# socket_of ENGINE, engine_cli ARGUMENT...: the CLI on the scenario's engine, or on another: ENGINE=podman engine_cli
# ...
socket_of() {
	case $1 in rootless) echo "/run/user/$(id -u nobody)/podman/podman.sock" ;;
	*) echo "/run/bibd-test/$1.sock" ;; esac
}
engine_cli() {
	case $ENGINE in
	docker) docker -H "unix://$(socket_of docker)" "$@" ;;
	*) podman --url "unix://$(socket_of "$ENGINE")" "$@" ;;
	esac
}
# Podman's service speaks Docker's protocol too.
engine_answers() { timeout 10 docker -H "unix://$(socket_of "$1")" version >/dev/null 2>&1; }

# podman_service ENGINE [PREFIX...]: in the background; PREFIX is what it runs under. In a directory of its own: when
# memory is out, conmon makes a file "oom" where it is.
podman_service() {
	local dir=$ENGINES/$1 socket
	socket=$(socket_of "$1")
	CONTAINERS_CONF=$ENGINES/containers.conf CONTAINERS_REGISTRIES_CONF=$ENGINES/registries.conf env -C "$dir" \
	    setsid "${@:2}" \
	    podman --root "$dir/root" --runroot "$dir/run" --tmpdir "$dir/tmp" --network-config-dir "$dir/networks" \
	    --cgroup-manager cgroupfs --log-level warn system service -t 0 "unix://$socket" >>"$dir/log" 2>&1 &
}

# The rootless engine belongs to the user nobody, who gets a range of ids in this namespace only.
rootless_service() {
	local dir=$ENGINES/rootless run file
	run=/run/user/$(id -u nobody)
	if [ ! -f "$dir/ids" ]; then
		echo nobody:200000:65536 >"$dir/ids"
		for file in /etc/subuid /etc/subgid; do mount --bind "$dir/ids" $file || return 1; done
		mkdir -p "$dir/home" "$run/podman" && chmod 755 "$dir" && chmod 700 "$run" || return 1
	fi
	touch "$dir/log" && chown -R nobody:nogroup "$run" "$dir" || return 1
	podman_service rootless setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$dir/home" \
	    XDG_RUNTIME_DIR="$run"
}

# engine_start ENGINE: returns when it answers and has the image; DOCKER_OPTION is one more for dockerd
engine_start() {
	local dir=$ENGINES/$1 socket i
	socket=$(socket_of "$1")
	! engine_answers "$1" || return 0
	case $1 in
	docker) setsid dockerd ${DOCKER_OPTION:+"$DOCKER_OPTION"} --data-root "$dir/data" \
	    --exec-root /run/bibd-test/docker -p "$dir/engine.pid" -H "unix://$socket" \
	    --bridge=none --default-address-pool base=10.231.0.0/16,size=24 >>"$dir/log" 2>&1 & ;;
	podman) podman_service podman ;;
	rootless) rootless_service ;;
	esac
	echo $! >"$dir/pid"
	disown # a scenario that starts an engine again does not wait for it
	for ((i = 0; i < 600; i++)); do
		engine_answers "$1" && break
		sleep 0.05
	done
	engine_answers "$1" || { tail -n 5 "$dir/log"; return 1; }
	if [ "$1" = podman ]; then chgrp $ENGINE_GROUP "$socket" && chmod 660 "$socket" || return 1; fi
	image_import "$1"
}

image_import() {
	local path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/$VERSION/bin \
	    ENGINE=$1
	engine_cli image inspect "$IMAGE" >/dev/null 2>&1 ||
	    tar -C "$IMAGE_ROOT" -c . | engine_cli import -c "ENV PATH=$path" - "$IMAGE" >/dev/null
}

# image_of_version VERSION: prints the name of the image with that PostgreSQL, which $ENGINE then has
image_of_version() (
	VERSION=$1 IMAGE=localhost/bibd-test/postgres:$1 IMAGE_ROOT=/var/tmp/bibd-test-image-$1
	[ "$1" != 15 ] || IMAGE_ROOT=${BIBD_TEST_IMAGE:-/var/tmp/bibd-test-image}
	[ "$1" = 15 ] || command -v debootstrap >/dev/null || exit 1
	image_root && image_import "$ENGINE" && echo "$IMAGE"
)

# engine_stop ENGINE: as its init system would: Docker then ends its containers, Podman leaves them
engine_stop() {
	local pid i
	pid=$(cat "$ENGINES/$1/pid" 2>/dev/null) || return 0
	# shellcheck disable=SC2046 # pids; a rootless podman works in a child of its own
	kill "$pid" $(pgrep -P "$pid") 2>/dev/null
	for ((i = 0; i < 600; i++)); do
		grep -q '^State:.[^Z]' "/proc/$pid/status" 2>/dev/null || break
		sleep 0.05
	done
	rm -f "$ENGINES/$1/pid" "$(socket_of "$1")"
}

# engine_clean ENGINE: empties it but for the image; starts it again if a scenario has ended it
engine_clean() {
	local ENGINE=$1 left
	engine_start "$1" || return 1
	for left in $(engine_cli ps -aq); do engine_cli rm -f "$left"; done >/dev/null 2>&1
	for left in $(engine_cli network ls -q --filter name=bibd); do
		engine_cli network rm "$left"
	done >/dev/null 2>&1
	image_import "$1"
}

engines_stop() {
	local engine
	for engine in docker podman rootless; do
		[ ! -f "$ENGINES/$engine/pid" ] || { engine_clean $engine; engine_stop $engine; } >/dev/null 2>&1
	done
}
