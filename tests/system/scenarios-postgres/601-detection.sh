# container_runtime "" and socket_path "": Docker where it answers, at its usual socket or at DOCKER_HOST; else Podman
. "$(dirname "$0")/../postgres.sh"
requires psql
RUNTIME='' SOCKET=''
ran_on() {
	equal "$(bibctl --json status | python3 -c \
	    'import json, sys; print(json.load(sys.stdin)["server"]["engine"])')" "$1" "the engine that was found"
	stop_node
}
configure_postgres node
if [ "$ENGINE" = docker ]; then
	engine_start podman || fail "podman"
	mkdir -m 755 /run/podman; ln -s "$(socket_of podman)" /run/podman/podman.sock
	ln -s "$(socket_of docker)" /run/docker.sock
	launch; wait_ready; ran_on docker
	rm /run/docker.sock; DOCKER_HOST=unix://$(socket_of docker); export DOCKER_HOST; launch; wait_ready
	ran_on docker
	# one that is not a Unix socket is not for this
	DOCKER_HOST=tcp://127.0.0.1:2375; ln -s "$(socket_of docker)" /run/docker.sock; launch; wait_ready
	ran_on docker
	engine_clean podman; engine_stop podman
else
	mkdir -m 755 /run/podman; ln -s "$(socket_of podman)" /run/podman/podman.sock
	launch; wait_ready; ran_on podman
	# Docker's socket is there, and nobody behind it
	python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.bind("/run/docker.sock")'
	launch; wait_ready; ran_on podman
fi
rm -rf /run/podman /run/docker.sock
