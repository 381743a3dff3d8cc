#!/usr/bin/env bash
# clients.sh [--postgres] [--few] [ID...]: the client checks against a node of their own; each required one is a pass or
# a failure, one that can't run for want of its client a skip. On SQLite those below are required, on PostgreSQL all;
# with --few those of the clients that README.md names. They are looked for in $BIBD_CLIENT_CHECKS, else in
# ../shared/clients beside the tree or the repository that it was cloned from; installed by their own installer, which
# needs root, into a directory outside the tree ($BIBD_CLIENTS, when it is set, is one where they are already).
# clients.sh --install DIR: only installs them.
here=$(cd "$(dirname "$0")" && pwd)
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

# find_checks: sets source
find_checks() {
	local near
	for near in "${BIBD_CLIENT_CHECKS:-}" "$here/../../../shared/clients" \
	    "$(cd "$here" && git rev-parse --path-format=absolute --git-common-dir 2>/dev/null)/../../shared/clients" \
	    "$(cd "$here" && git config remote.origin.url 2>/dev/null)/../shared/clients"; do
		source=$near
		[ ! -x "$source/install.sh" ] || return 0
	done
	source=$here/../../../shared/clients
	return 1
}

if [ "${1:-}" = --install ]; then
	find_checks || { echo "there is no $source; set BIBD_CLIENT_CHECKS"; exit 1; }
	as_root "$source/install.sh" "$2"
	exit $?
fi
if [ -z "${BIBD_CLIENTS:-}" ]; then
	find_checks || { count skip "client checks: there is no $source; set BIBD_CLIENT_CHECKS"; close; }
	dir=$(mktemp -d /var/tmp/bibd-test-clients.XXXXXX) && chmod 755 "$dir" || exit 1
	if as_root "$source/install.sh" "$dir/clients" >"$dir/log" 2>&1; then
		BIBD_CLIENTS=$dir/clients bash "$0" "$@"; status=$?
		as_root rm -rf "$dir"
		exit $status
	fi
	count skip "client checks: cannot be installed: $(tail -n 1 "$dir/log")"
	as_root rm -rf "$dir"
	close
fi

export BIBD_CLIENTS
if [ "${1:-}" = --postgres ]; then
	. "$here/postgres.sh"
	shift
	required=$("$BIBD_CLIENTS/checks/run-all.sh" --list | cut -c1-3)
	# A statement of 100 MB is held several times over by the server that parses it.
	configure_node() { POSTGRES='    memory_mb: 1024' configure_postgres "$1"; }
else
	. "$here/lib.sh"
	required="a01 a02 a03 a04 a05 a06 a07 a08 a09 a10 a12 a15 a16 a18 a21 k01 k02 k03 k05 k06 k07 b01 b02 b03 \
b04 b05 c01
	    c05 c06 d03 h01 g01"
	configure_node() { configure "$1"; }
fi
few="a01 a03 a08 a12 a16 b01 b02 c01 c06 d01 d03 e01 h01 h05 g01 f01 i02 i03" # the clients that README.md names
if [ "${1:-}" = --few ]; then
	shift
	required=$(comm -12 <(tr -s ' \n\t' '\n' <<<"$required" | sort) <(tr ' ' '\n' <<<"$few" | sort))
fi
[ $# = 0 ] || required=$*
configure_node clients; launch; wait_ready
export PGHOST=$DIR/run
for id in $required; do
	line=$("$BIBD_CLIENTS/checks/run-all.sh" -k "$id-" 2>&1 | grep -E "^(ok|FAIL|skip) +$id-" | tail -n 1)
	case $line in
	ok*) count ok "${line#ok }" ;;
	skip*) count skip "${line#skip }" ;;
	FAIL*) count FAIL "${line#FAIL }" ;;
	*) count FAIL "${line:-$id: no such check}" ;;
	esac
done
stop_node
close
