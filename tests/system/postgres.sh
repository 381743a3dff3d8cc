# shellcheck shell=bash
# Sourced by the scenarios on PostgreSQL: what lib.sh has, and nodes with a PostgreSQL server of their own in a
# container of $ENGINE. Run by hand, a scenario gets its own engines: ENGINE=podman bash scenarios-postgres/01-...sh
. "$(dirname "${BASH_SOURCE[0]}")/engines.sh"
ENGINE=${ENGINE:-docker}
if [ -z "${ENGINES:-}" ]; then
	engines_possible || exit 77
	engines_enter bash "$0" "$@"
	exit $?
fi
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
READY_IN=60
[ -d /run/bibd-test ] || engines_prepare || exit 1
[ "$ENGINE" = none ] || engine_start "$ENGINE" || exit 1

# configure_postgres NAME: as configure, for PostgreSQL on $ENGINE. Flow mappings can be added to with the variables
# POSTGRES and NETWORK too; RUNTIME and SOCKET are the engine's name and socket ("" for what the node finds by itself).
configure_postgres() {
	local runtime=${RUNTIME-$ENGINE} socket=${SOCKET-$(socket_of "$ENGINE")}
	[ "$runtime" != rootless ] || runtime=podman
	DIR=$WORK/$1 CONFIG=$WORK/$1/bibd.yaml PGDIR=$WORK/$1/data/postgres
	mkdir -p "$DIR"; chmod 755 "$DIR"
	cat >"$CONFIG" <<YAML
node: {mode: ${MODE:-full}, data_dir: $DIR/data${NODE:+, $NODE}}
listen: {path: $DIR/run${LISTEN:+, $LISTEN}}
access:
${ACCESS:-  - {user: $ME, roles: [admin, write, query, audit]\}}
server: {shutdown_timeout: 5s${SERVER:+, $SERVER}}
database:
  backend: postgres
  health: {${HEALTH:-interval: 500ms, retry_backoff: 200ms}}
  postgres:
    container_runtime: "$runtime"
    socket_path: "$socket"
    image: "${USE_IMAGE:-$IMAGE}"
    network: {${NETWORK:-}}
${POSTGRES:-}
${DATABASE:-}
${EXTRA:-}
YAML
}

# start_postgres [NAME]: starts a node, and returns when it is ready
start_postgres() { configure_postgres "${1:-node}"; launch; wait_ready; }

node_id() { cat "$DIR/data/node.id"; }
container_name() { echo "bibd-postgres-$(node_id)"; }
# inspect TEMPLATE: of the node's container
inspect() { engine_cli inspect -f "$1" "$(container_name)"; }
container_runs() { [ "$(inspect '{{.State.Running}}' 2>/dev/null)" = true ]; }
no_container() { [ -z "$(engine_cli ps -aq --filter "name=$(container_name)")" ]; }
# postmaster: its pid here
postmaster() { pgrep -f -o "postgres .*$DIR|^postgres .*-D" -u _bibpg | head -n 1; }
# superuser TEXT: runs it over PostgreSQL's own socket, without bibd
superuser() { psql -h "$PGDIR/run" -U postgres -X -qAt -v ON_ERROR_STOP=1 "${@:1:$#-1}" -c "${!#}" 2>&1; }
control_state() { LC_ALL=C pg_controldata "$PGDIR/data" | sed -n 's/^Database cluster state: *//p'; }
# tree_sum DIR: a checksum of every name, owner, mode and content in it
tree_sum() {
	(cd "$1" && find . -printf '%p %u %g %m %y %l\n' | sort && find . -type f -print0 | sort -z |
	    xargs -0 sha256sum) | sha256sum
}

# load_start, load_stop: 8 clients that insert all the time; load_stop fails when an acknowledged row is gone, and
# prints how many there were
load_start() {
	sql 'create table if not exists k (client int, n int, primary key (client, n))' >/dev/null ||
	    fail "create table k"
	rm -f "$WORK/stop"
	python3 "$tests/load.py" "$DIR/run" 8 "$WORK/acknowledged" "$WORK/stop" "${1:-}" >"$WORK/load.out" 2>&1 &
	LOAD=$!
	until_true 20 test -s "$WORK/acknowledged" || fail "the load does not start: $(cat "$WORK/load.out")"
}
acknowledged_more() { [ "$(wc -l <"$WORK/acknowledged")" -gt "$1" ]; }
# load_goes_on SECONDS: an insert from now on is acknowledged
load_goes_on() { until_true "$1" acknowledged_more "$(wc -l <"$WORK/acknowledged")"; }
load_stop() {
	touch "$WORK/stop"; wait "$LOAD" || fail "the load: $(cat "$WORK/load.out")"
	sql 'select client, n from k' | sort >"$WORK/stored"
	[ "$(sort "$WORK/acknowledged" | comm -23 - "$WORK/stored" | wc -l)" = 0 ] ||
	    fail "acknowledged rows are gone: $(sort "$WORK/acknowledged" | comm -23 - "$WORK/stored" | head -n 5 |
	    tr '\n' ' ')"
	ROWS=$(wc -l <"$WORK/acknowledged")
}
events() { bibctl events; }
# event_since COUNT PATTERN: one of the events after the first COUNT has it
event_count() { bibctl events | wc -l; }
event_since() { bibctl events | tail -n +$(($1 + 1)) | grep -qE "$2"; }

# refused STATUS SECONDS WORD...: starts the configured node, which must end by itself so, saying those words
refused() {
	local want=$1 seconds=$2 word out; shift 2
	: >"$DIR/log"; launch; reap "$seconds"
	out=$(cat "$DIR/log")
	equal "$STATUS" "$want" "exit status"
	for word; do contains "$out" "$word" "the log"; done
}

# image_variant NAME [INSTRUCTION...]: prints the name of an image that differs from $IMAGE in them
image_variant() {
	local name=localhost/bibd-test/$1:15 change=() instruction
	shift
	for instruction in "LABEL variant=$name" "$@"; do change+=(-c "$instruction"); done
	engine_cli create --name variant "$IMAGE" true >/dev/null && engine_cli commit "${change[@]}" variant \
	    "$name" >/dev/null &&
	    engine_cli rm -f variant >/dev/null && echo "$name"
}
