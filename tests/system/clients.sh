#!/usr/bin/env bash
# clients.sh [ID...]: the client checks against a node of their own; each required one is a pass or a failure, one that
# can't run for want of its client a skip. They are looked for in $BIBD_CLIENT_CHECKS, else in ../shared/clients beside
# the tree; installed by their own installer, which needs root, into a directory outside the tree ($BIBD_CLIENTS, when it
# is set, is one where they are already).
. "$(dirname "$0")/lib.sh"
required="a01 a02 a03 a04 a05 a06 a07 a08 a09 a10 a12 a15 a16 a18 a21 k01 k02 k03 k05 k06 k07 b01 b02 b03 b04 b05 c01 c05
c06 d03 h01 g01"
source=${BIBD_CLIENT_CHECKS:-$top/../shared/clients}
[ $# = 0 ] || required=$*
passed=0 failed=0 skipped=0
count() { # WORD LINE
	[ "$1" = skip ] && [ "${CI:-}" = true ] && set -- FAIL "$2"
	case $1 in ok) passed=$((passed + 1)) ;; FAIL) failed=$((failed + 1)) ;; *) skipped=$((skipped + 1)) ;; esac
	printf '%-4s %s\n' "$1" "$2"
}
close() { printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped; [ $failed = 0 ]; exit $?; }
as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else command -v sudo >/dev/null && sudo -n "$@"; fi
}

installed=${BIBD_CLIENTS:-}
if [ -z "$installed" ]; then
	[ -x "$source/install.sh" ] || { count skip "client checks: there is no $source; set BIBD_CLIENT_CHECKS"; close; }
	installed=$WORK/clients
	as_root "$source/install.sh" "$installed" >"$WORK/install.log" 2>&1 ||
	    { count skip "client checks: cannot be installed: $(tail -n 1 "$WORK/install.log")"; close; }
fi
start_node clients
export PGHOST=$DIR/run
for id in $required; do
	line=$("$installed/checks/run-all.sh" -k "$id-" 2>&1 | grep -E "^(ok|FAIL|skip) +$id-" | tail -n 1)
	case $line in
	ok*) count ok "${line#ok }" ;;
	skip*) count skip "${line#skip }" ;;
	FAIL*) count FAIL "${line#FAIL }" ;;
	*) count FAIL "${line:-$id: no such check}" ;;
	esac
done
stop_node
as_root rm -rf "$WORK/clients"
close
