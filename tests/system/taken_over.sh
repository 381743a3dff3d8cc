# shellcheck shell=bash
# Sourced after lib.sh: nodes in which a worker is replaced by forbidden.c, which does what the database's name says.
[ -x "$BUILD/tests/system/forbidden" ] || skip "tests/system/forbidden is not built"
bin=$WORK/bin
mkdir -p "$bin/etc/migrations"
cp -L "$BUILD"/etc/migrations/* "$bin/etc/migrations/" || fail "cannot copy"
for program in bibd bibctl bibd-control bibd-sqlite bibd-keeper bibd-remote bibd-archive bibd-postgres \
    bibd-container; do
	[ ! -x "$BUILD/$program" ] || cp -L "$BUILD/$program" "$bin/"
done
chmod -R a+rX "$bin"
BIBD=$bin/bibd BIBCTL=$bin/bibctl

# configure_taken_over ATTACKS BACKEND: the backend is sqlite, external or managed for PostgreSQL, or remote for SQLite
# and a listener for remote applications
configure_taken_over() {
	local backend="backend: sqlite" tcp=
	case ${2:-} in
	external) backend=$'backend: postgres\n  postgres: {managed: false, advanced: {host: 127.0.0.1, port: 10}}' ;;
	remote) tcp=", tcp: {addresses: [\"127.0.0.1\"], port: $(python3 -c \
	    'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')}" ;;
	managed) backend=$'backend: postgres\n  postgres: {container_runtime: docker, socket_path: '"$WORK/no.sock}" ;;
	esac
	DIR=$WORK/node CONFIG=$WORK/node/bibd.yaml
	rm -rf "$DIR"; mkdir "$DIR"; chmod 755 "$DIR"
	cat >"$CONFIG" <<YAML
node: {data_dir: $DIR/data}
listen: {path: $DIR/run$tcp}
database:
  name: $1
  health: {${HEALTH:-action: shutdown}}
  $backend
YAML
}

# launch_taken_over WORKER: launches the node with that worker replaced; then the real one is put back
launch_taken_over() {
	cp "$BUILD/$1" "$WORK/worker.real" && rm -f "$bin/$1" && cp "$BUILD/tests/system/forbidden" "$bin/$1" &&
	    chmod 755 "$bin/$1"
	launch
}
put_back() { rm -f "$bin/$1"; cp "$WORK/worker.real" "$bin/$1"; chmod 755 "$bin/$1"; }
