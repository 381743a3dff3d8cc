# A worker that was taken over does not get out: files of another room, sockets, programs, other processes; from each
# place
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../taken_over.sh"
bad=0
# in_place WORKER ATTACKS BACKEND: the log's lines of what the attacks came to
in_place() {
	configure_taken_over "$2" "${3:-}"
	launch_taken_over "$1"
	over() { grep -qE "attack ${1##*.}:|failed:|stopping" "$DIR/log" || gone "$PID"; }
	until_true 10 over "$2"
	sleep 0.1; kill -KILL "$PID" 2>/dev/null; wait "$PID" 2>/dev/null
	put_back "$1"
}
wrong() { say "$*"; bad=$((bad + 1)); }
# repelled WORKER ATTACK: it was tried, and the kernel said no
repelled() {
	local line; line=$(grep -o "attack $2: .*" "$DIR/log" | head -n 1)
	case $line in
	"attack $2: DONE") wrong "$1: $2 was done" ;;
	"") wrong "$1: $2 was not tried: $(tail -n 1 "$DIR/log")" ;;
	*) tried=$((tried + 1)) ;;
	esac
}
tried=0
# Whoever is of the same user may connect to bibd's own socket: that is for the users to keep apart.
control=; [ "$(id -u)" != 0 ] || control=control
# Of these the filter of system calls alone keeps a worker; a build with sanitizers has none.
start_node plain
filtered=yes; bibctl status --verbose | grep -q 'bibd-sqlite.*, seccomp,' ||
    { [ "$SLOW" != 1 ] || fail "no filter"; filtered=; }
stop_node
# attack WORKER BACKEND ATTACK...: each is answered with an error
attack() {
	local worker=$1 backend=$2 list=${*:3} name
	in_place "$worker" "${list// /.}" "$backend"
	for name in "${@:3}"; do repelled "$worker" "$name"; done
}
# deadly WORKER BACKEND ATTACK: nobody does that by mistake: the kernel ends the process
deadly() {
	[ -n "$filtered" ] || return
	in_place "$1" "$3" "$2"
	if grep -q "attack $3: DONE" "$DIR/log"; then wrong "$1: $3 was done"
	elif grep -q "$1.*failed: killed by signal 31" "$DIR/log"; then tried=$((tried + 1))
	else wrong "$1: $3 did not end it: $(tail -n 2 "$DIR/log")"; fi
}
for worker in bibd-sqlite bibd-keeper bibd-control; do
	attack $worker '' dump privileges orphan hosts proc configuration
	attack $worker '' write connect bind control kill ${filtered:+kill_all} root
	for name in exec ptrace memory mount namespace; do deadly $worker '' $name; done
done
attack bibd-sqlite '' secrets; attack bibd-control '' secrets database ${filtered:+fork}; attack bibd-keeper '' database
attack bibd-remote remote dump privileges orphan hosts proc configuration
# shellcheck disable=SC2086 # a word or none
attack bibd-remote remote secrets database write connect bind $control
attack bibd-remote remote kill ${filtered:+kill_all fork} root
for name in exec ptrace memory mount namespace; do deadly bibd-remote remote $name; done
if [ -x "$bin/bibd-postgres" ]; then
	attack bibd-postgres external dump privileges orphan hosts proc configuration secrets write
	# shellcheck disable=SC2086 # a word or none
	attack bibd-postgres external connect bind $control kill ${filtered:+kill_all} root
	for name in exec ptrace memory mount namespace; do deadly bibd-postgres external $name; done
fi
# The one that runs the engine's programs may start those and no other, and send signals to its own alone.
if [ -x "$bin/bibd-container" ]; then
	attack bibd-container managed dump privileges orphan hosts proc configuration secrets write
	# shellcheck disable=SC2086 # a word or none
	attack bibd-container managed connect bind $control kill root exec
	for name in ptrace memory mount namespace; do deadly bibd-container managed $name; done
fi
[ $bad = 0 ] || fail "$bad attacks were not repelled"
say "$tried attacks repelled"
