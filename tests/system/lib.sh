# shellcheck shell=bash
# Sourced by every scenario: starts nodes of the built bibd, each with a directory of its own under /var/tmp, and looks
# at what they do. A scenario ends with 0, or 1 by fail, or 77 by skip. Everything it started is ended on the way out.
set -u
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$tests/../.." && pwd)
BUILD=${BIBD_BUILD:-$top}
BIBD=$BUILD/bibd BIBCTL=$BUILD/bibctl
SLOW=${BIBD_SLOW:-1} # limits in time and memory are this much wider (sanitizers, a busy machine)
BESIDE=${BIBD_BESIDE:-1} # and those in time by this much more (other scenarios run at the same time)
READY_IN=10 # seconds from a start to ready, at most
ME=$(id -un)
PATH=$PATH:/usr/sbin:/sbin:/usr/lib/postgresql/15/bin
export PATH LC_ALL=C.UTF-8 PSQLRC=/dev/null PGCONNECT_TIMEOUT=10 PGDATABASE=bibd PGUSER=admin PGPORT=5432
export PYTHONPATH=$tests PYTHONDONTWRITEBYTECODE=1
unset PGHOST PGPASSWORD PGSERVICE NOTIFY_SOCKET JOURNAL_STREAM

WORK=$(mktemp -d /var/tmp/bibd-test.XXXXXX) || exit 1
chmod 755 "$WORK"
started=() mounted=()

cleanup() {
	local p m
	exec 2>/dev/null # the shell need not report what is killed here
	for p in "${started[@]}"; do
		kill -CONT "$p" 2>/dev/null; pkill -KILL -P "$p"; kill -KILL "$p" 2>/dev/null
	done
	pkill -KILL -f -- "-f $WORK/" # a node that a scenario's python started, by its configuration's unique path
	wait 2>/dev/null
	for m in "${mounted[@]}"; do umount "$m"; done
	rm -rf "$WORK"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

fail() {
	printf 'FAIL: %s\n' "$*"
	local log
	for log in "$WORK"/*/log; do [ -s "$log" ] && { printf -- '--- %s\n' "$log"; tail -n 12 "$log"; }; done
	exit 1
}
skip() { printf 'skipped: %s\n' "$*"; exit 77; }
say() { printf '%s\n' "$*"; }
equal() { [ "$1" = "$2" ] || fail "$3: got [$1], want [$2]"; }
contains() { case $1 in *"$2"*) ;; *) fail "$3: [$2] is not in [${1:0:600}]" ;; esac; }
# less N MOST WHAT: where WHAT begins with "ms ", it is time
less() {
	local most=$(($2 * SLOW))
	case $3 in "ms "*) most=$((most * BESIDE)) ;; esac
	[ "$1" -le $most ] || fail "$3: $1, at most $2 is wanted"
}
requires() { local t; for t; do command -v "$t" >/dev/null || skip "$t is not installed"; done; }
now_ms() { date +%s%3N; }
children() { pgrep -P "$1"; }

# pause N: before the next look, which costs a process or two: the longer there was nothing to see, the longer
pause() { if [ "$1" -lt 25 ]; then sleep 0.02; elif [ "$1" -lt 50 ]; then sleep 0.05; else sleep 0.15; fi; }

# until_true SECONDS COMMAND...: the command comes true in time
until_true() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000 * BESIDE)) n=0; shift
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/[.,]/}" -lt $end ] || return 1
		pause $((n++))
	done
}

# configure NAME: writes the configuration of node NAME, sets DIR. Flow mappings can be added to with the variables
# NODE, LISTEN, ACCESS (lines), SERVER, DATABASE, SQLITE, HEALTH and MODE; EXTRA holds lines for the end.
configure() {
	DIR=$WORK/$1 CONFIG=$WORK/$1/bibd.yaml
	mkdir -p "$DIR"; chmod 755 "$DIR"
	cat >"$CONFIG" <<YAML
node: {mode: ${MODE:-selective}, data_dir: $DIR/data${NODE:+, $NODE}}
listen: {path: $DIR/run${LISTEN:+, $LISTEN}}
access:
${ACCESS:-  - {user: $ME, roles: [admin, write, query, audit]\}}
server: {shutdown_timeout: 5s${SERVER:+, $SERVER}}
database:
  backend: sqlite
  health: {${HEALTH:-interval: 500ms, retry_backoff: 200ms}}
  sqlite: {${SQLITE:-}}
${DATABASE:-}
${EXTRA:-}
YAML
}

# launch: starts bibd on $CONFIG, does not wait. Sets PID; the log is $DIR/log.
launch() {
	"$BIBD" -f "$CONFIG" >>"$DIR/log" 2>&1 &
	PID=$!
	started+=("$PID")
}

ready() { "$BIBCTL" -s "$DIR/run/control.sock" ready; }
alive() { kill -0 "$1" 2>/dev/null; }
# A process that has ended counts as gone, also while nobody has reaped it.
gone() {
	local stat=
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null
	stat=${stat##*) }
	[ -z "$stat" ] || [ "${stat:0:1}" = Z ]
}

wait_ready() {
	local end=$((${EPOCHREALTIME/[.,]/} + READY_IN * 1000000 * SLOW * BESIDE)) n=0
	until ready >/dev/null 2>&1; do
		alive "$PID" || fail "bibd ended before it was ready"
		[ "${EPOCHREALTIME/[.,]/}" -lt $end ] || fail "not ready in time"
		pause $((n++))
	done
}

# start_node [NAME]: starts a node, and returns when it is ready
start_node() { configure "${1:-node}"; launch; wait_ready; }

# reap SECONDS: waits for PID to end by itself and sets STATUS
reap() {
	until_true "$1" gone "$PID" || fail "bibd (pid $PID) has not ended within $1 s"
	wait "$PID"; STATUS=$?
}

# stop_node: an ordered stop, which must end with 0 and leave no process and no socket
stop_node() {
	local kids; kids=$(children "$PID")
	kill -TERM "$PID"; reap $((15 * SLOW))
	equal "$STATUS" 0 "exit status after SIGTERM"
	local k; for k in $kids; do gone "$k" || fail "worker $k outlives bibd"; done
	[ ! -e "$DIR/run/.s.PGSQL.5432" ] || fail "the client socket was left behind"
	[ ! -e "$DIR/run/control.sock" ] || fail "the control socket was left behind"
}

# worker NAME: the pid of that worker
worker() { pgrep -P "$PID" -f "$1" | head -n 1; }
new_worker() { local w; w=$(worker "$1"); [ -n "$w" ] && [ "$w" != "$2" ]; }

# sql [psql's options] TEXT: rows unaligned; output and errors to standard output
sql() { psql -h "$DIR/run" -X -qAt -v ON_ERROR_STOP=1 "${@:1:$#-1}" -c "${!#}" 2>&1; }
answers() { [ "$(sql 'select 1')" = 1 ]; }
# state [psql's options] TEXT: the SQLSTATE of the failure, "refused" when there was no session, or "ok"
state() {
	local out
	out=$(psql -h "$DIR/run" -X -qAt -v VERBOSITY=sqlstate -v ON_ERROR_STOP=1 "${@:1:$#-1}" -c "${!#}" 2>&1) &&
	    { echo ok; return; }
	case $out in "psql: error: connection"*) echo refused; return ;; esac
	sed -n 's/.*\(ERROR\|FATAL\|PANIC\): *\([0-9A-Z]\{5\}\).*/\2/p' <<<"$out" | head -n 1 | grep . || echo "[$out]"
}
bibctl() { "$BIBCTL" -s "$DIR/run/control.sock" "$@"; }
has_backup() { bibctl backup list 2>&1 | grep -q " full "; }
# await_backup SECONDS: for the backup that a node makes when its repository has none
await_backup() { until_true "$1" has_backup || fail "no backup was made at the start: $(bibctl backup list 2>&1)"; }
# log_lines PATTERN: how many lines of the node's log match
log_lines() { grep -cE "$1" "$DIR/log"; }
