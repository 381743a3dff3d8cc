# shellcheck shell=bash
# What `./bootstrap check` runs; sourced by bootstrap. Each step is a program of its own whose output goes to a log;
# its result is added to one sum. A package that can't be had makes the step skip, and fail under CI=true.

passed=0 failed=0 skipped=0
logs=$top/check-logs
test_user=nobody

# result WORD STEP [TEXT]: one line, and the sum
result() {
	local word=$1
	[ "$word" = skip ] && [ "${CI:-}" = true ] && word=FAIL
	case $word in ok) passed=$((passed + 1)) ;; FAIL) failed=$((failed + 1)) ;; skip) skipped=$((skipped + 1)) ;; esac
	printf '%-4s %s%s\n' "$word" "$2" "${3:+: $3}"
}

# show_end FILE: what a person needs of a failed step's log: its error lines, or else its end
show_end() {
	{ grep -E '(^FAIL|error:|Error )' "$1" || tail -n 15 "$1"; } | head -n 25 | cut -c1-200 | sed 's/^/     /'
	printf '     (all of it: %s)\n' "$1"
}

# step NAME COMMAND...: passes when the command does
step() {
	local name=$1 start=$SECONDS; shift
	if "$@" >"$logs/$name.log" 2>&1 </dev/null; then result ok "$name" "$((SECONDS - start)) s"
	else result FAIL "$name" "exit $?"; show_end "$logs/$name.log"; fi
}

# add_closing_line NAME: adds the "N passed, N failed, N skipped" with which the step's log ends
add_closing_line() {
	local line
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$logs/$1.log" | tail -n 1)
	if [ -z "$line" ]; then result FAIL "$1" "it did not come to its end"; show_end "$logs/$1.log"; return; fi
	read -r p _ f _ s _ <<<"${line//,/}"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	printf '%-4s %s: %s, %d s\n' "$([ "$f" = 0 ] && echo ok || echo FAIL)" "$1" "$line" "$((SECONDS - $2))"
	[ "$f" = 0 ] || grep -E -A 12 '^FAIL' "$logs/$1.log" | sed 's/^/     /'
}

counted() {
	local name=$1 start=$SECONDS; shift
	"$@" >"$logs/$name.log" 2>&1 </dev/null
	add_closing_line "$name" "$start"
}

# make_check DIR NAME: automake's summary of `make check`, by its own counts
make_check() {
	local count word n start=$SECONDS
	make -C "$1" -s -j2 check >"$logs/$2.log" 2>&1 </dev/null
	grep -q '^# TOTAL:' "$logs/$2.log" || { result FAIL "$2" "it did not build"; show_end "$logs/$2.log"; return; }
	count=$(sed -n 's/^# \(PASS\|FAIL\|SKIP\|ERROR\|XPASS\|XFAIL\): *\([0-9]*\)$/\1 \2/p' "$logs/$2.log")
	while read -r word n; do
		case $word in
		PASS | XFAIL) passed=$((passed + n)) ;;
		SKIP) if [ "${CI:-}" = true ]; then failed=$((failed + n)); else skipped=$((skipped + n)); fi ;;
		*) failed=$((failed + n)) ;;
		esac
	done <<<"$count"
	printf '%-4s %s: %s, %d s\n' "$(grep -qE '^(FAIL|ERROR):' "$logs/$2.log" && echo FAIL || echo ok)" "$2" \
	    "$(tr '\n' ' ' <<<"$count" | tr -s ' ')" "$((SECONDS - start))"
	grep -E '^(FAIL|ERROR):' "$logs/$2.log" | sed 's/^/     /'
}

unit_tests() { find tests -type f -name '*_test' -perm -u+x; }

valgrind_one() {
	CK_TIMEOUT_MULTIPLIER=30 valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite \
	    --errors-for-leak-kinds=definite --suppressions=tests/valgrind.supp "$1" >"$2/valgrind-${1##*/}.log" 2>&1 &&
	    return 0
	printf 'FAIL %s\n' "$1"
	cat "$2/valgrind-${1##*/}.log"
	return 1
}

valgrind_units() {
	export -f valgrind_one
	# The certificates of postgres_tls_test live for seconds, which is less than a step of it takes there.
	# shellcheck disable=SC2016 # the inner shell's own
	unit_tests | grep -v /postgres_tls_test | xargs -P2 -I{} bash -c 'valgrind_one "$1" "$2"' _ {} "$logs"
}

c_files() { git ls-files -co --exclude-standard '*.c' 2>/dev/null | grep . || find common supervisor workers tests -name '*.c'; }

cppcheck_all() {
	local files queue
	mapfile -t files < <(c_files)
	queue=$(printf '#include <sys/queue.h>\n' | gcc -E -x c - | sed -n 's/^# 1 "\(.*sys\/queue.h\)".*/\1/p')
	cppcheck --include="$queue" -j2 --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --suppressions-list=tests/cppcheck.supp --max-configs=4 -I. -D__linux__ -D__x86_64__ -D_GNU_SOURCE \
	    --check-library "${files[@]}"
}

clang_tidy_all() {
	# The flags that make gives the compiler, but for those of gcc alone.
	local flags=(-std=gnu17 -I. -D_GNU_SOURCE -DBIBD_SBINDIR='""' -DBIBD_WORKERDIR='""' -DBIBD_PKGDATADIR='""'
	    -DBIBD_SYSCONFDIR='""' -DBIBD_RUNSTATEDIR='""')
	read -r -a more < <(pkg-config --cflags sqlite3 libpq yaml-0.1 check)
	c_files | xargs -P2 -I{} clang-tidy --quiet --warnings-as-errors='*' {} -- "${flags[@]}" "${more[@]}"
}

shellcheck_all() {
	shellcheck -s bash bootstrap .ci/run tests/check.sh tests/bench/run tests/bench/postgres tests/bench/table.sh tests/system/run tests/system/node_check tests/sql/run \
	    tests/system/*.sh tests/system/scenarios/*.sh tests/system/scenarios-postgres/*.sh
}

manual_pages() { tests/manual.sh; }

# reachable_copy DIR: DIR's programs and the tests where the ordinary test user can reach them; prints where
reachable_copy() {
	local to=/var/tmp/bibd-check-tree.$$
	rm -rf "$to" && mkdir -m 755 "$to" && mkdir -p "$to/tests" "$to/etc" || return 1
	cp "$1/bibd" "$1/bibctl" "$1"/bibd-{control,sqlite,keeper,postgres,container} "$to/" && cp -r etc/. "$to/etc/" &&
	    cp -r tests/system tests/sql "$to/tests/" && chmod -R a+rX "$to" && echo "$to"
}

# system_as_root BUILD NAME [ARGUMENT...]
system_as_root() {
	local build=$1 name=$2; shift 2
	if [ "$(id -u)" = 0 ]; then counted "$name" env BIBD_BUILD="$build" tests/system/run "$@"
	elif as_root true 2>/dev/null; then
		counted "$name" as_root env CI="${CI:-}" BIBD_CLIENTS="${BIBD_CLIENTS:-}" BIBD_SLOW="${BIBD_SLOW:-}" BIBD_ENGINES="${BIBD_ENGINES:-}" \
		    BIBD_BUILD="$build" tests/system/run "$@"
	else result skip "$name" "needs root or sudo"; fi
}

system_as_user() {
	local tree
	if [ "$(id -u)" != 0 ]; then counted "$2" env BIBD_BUILD="$1" tests/system/run; return; fi
	tree=$(reachable_copy "$1") || { result FAIL "$2" "cannot copy the programs"; return; }
	counted "$2" runuser -u $test_user -- env -C "$tree" CI="${CI:-}" HOME="$tree" BIBD_BUILD="$tree" tests/system/run
	rm -rf "$tree"
}

sanitizer_build() (
	rm -rf build-sanitize
	make -s distdir distdir=build-sanitize && cd build-sanitize && chmod -R u+w . &&
	    ./configure -q --enable-sanitize && make -s -j2
)

do_check() {
	local have=yes tool
	rm -rf "$logs"; mkdir -p "$logs" || die "cannot make $logs"
	# shellcheck disable=SC2086 # lists of words
	need $build_packages || die "the build needs the packages above"
	# shellcheck disable=SC2086
	need $run_packages $check_packages || have=no
	[ $have = yes ] || say "tests that need the missing packages are skipped"
	do_build "$@"
	make_users
	make_check . unit
	step distcheck make -s -j2 distcheck
	for tool in valgrind:valgrind_units cppcheck:cppcheck_all clang-tidy:clang_tidy_all shellcheck:shellcheck_all \
	    mandoc:manual_pages; do
		if command -v "${tool%%:*}" >/dev/null; then step "${tool%%:*}" "${tool#*:}"
		else result skip "${tool%%:*}" "not installed"; fi
	done
	system_as_root "$top" system-root
	system_as_user "$top" system-user
	counted clients tests/system/run --clients
	system_as_root "$top" system-postgres --postgres
	system_as_root "$top" clients-postgres --postgres --clients
	export BIBD_SLOW=8 ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
	step sanitizer-build sanitizer_build
	if [ -x build-sanitize/bibd ]; then
		make_check build-sanitize sanitizer-unit
		system_as_root "$top/build-sanitize" sanitizer-system
		export BIBD_ENGINES=docker # what the engines differ in has been seen by then
		# those with the most of a client's bytes, restarts and secrets: all of them would take longer than may be
		system_as_root "$top/build-sanitize" sanitizer-postgres --postgres 01- 02- 05- 14- 18- 20- 21- 33- 34- 70-
	fi
	printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
	[ $failed = 0 ]
}
