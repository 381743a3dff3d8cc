# shellcheck shell=bash
# What `./bootstrap check` runs; sourced by bootstrap. Four tiers, each a list of steps:
#
#   check --fast   what tells in five minutes whether a commit is worth more
#   check          what a change needs to be trusted: at most 15 minutes on two cores
#   check --all    everything that tells within an hour; continuous integration runs it
#   check --long   what takes hours, beside what --all has seen
#   check --steps "STEP..."   these alone
#
# A step is the function step_NAME; its output goes to a log, its result is added to one sum, and its seconds are kept
# in check-logs/seconds (at first those of tests/seconds), from which the time left is told. A package that can't be had
# makes the step skip, and fail under CI=true.
#
# With BIBD_CHECK_SECONDS a step that would not end within so many seconds, at the pace of this run, is left out, and
# named at the end: a busy machine gets less of the check, not none of it.

steps_text="format shellcheck mandoc pages rooms names promises advice archive"
steps_fast="build $steps_text unit system-first"
steps_few="build unit $steps_text guard
    system-root system-user-few system-postgres-few clients-few clients-postgres-few"
# The units run once, with the address sanitizer. What finds least in a day comes last: see BIBD_CHECK_SECONDS.
steps_all="build programs $steps_text guard system-root sanitizer-build sanitizer-unit cppcheck system-postgres clients
    clients-postgres regress distcheck system-user sanitizer-system crash crash-postgres power statements-random apps
    frameworks clang-tidy valgrind sanitizer-postgres sanitizer-statements sanitizer-thread fuzz"
steps_long="build unit interleavings statements-random-long crash-long crash-postgres-long move-killed-long power-long
    valgrind-long fuzz-long sanitizer-build sanitizer-statements-long sanitizer-postgres-long sanitizer-thread-long
    bounds django package"

passed=0 failed=0 skipped=0
logs=$top/check-logs
seconds=$logs/seconds
test_user=nobody

# last_of STEP: its seconds the last time, or nothing
last_of() { awk -v n="step:$1" '$1 == n { print $2; exit }' "$seconds"; }

# keep_seconds NAME SECONDS
keep_seconds() {
	awk -v n="$1" -v s="$2" '$1 != n; END { print n, s }' "$seconds" >"$seconds.new" && mv "$seconds.new" "$seconds"
}

# keep_scenarios LOG: the seconds of each scenario, by which the next run begins with the longest
keep_scenarios() {
	local name
	sed -n 's/^\(ok  \|FAIL\) \([0-9][^ ]*\) \(docker \|podman \|rootless \|none \|\) *\([0-9]*\) s .*/\2 \3 \4/p' \
	    "$1" |
	    awk '{ print $1 "/" (NF > 2 ? $2 : "sqlite"), $NF }' >"$logs/scenarios.new"
	awk 'NR == FNR { new[$1] = $2; next } !($1 in new); END { for (n in new) print n, new[n] }' \
	    "$logs/scenarios.new" \
	    "$seconds" | sort >"$seconds.new" && mv "$seconds.new" "$seconds"
	rm -f "$logs/scenarios.new"
}

# minutes SECONDS: as a person says it
minutes() { if [ "$1" -lt 90 ]; then printf '%d s' "$1"; else printf '%d min' $((($1 + 30) / 60)); fi; }

# left STEP...: the seconds that these took the last time
left() {
	local step sum=0 last
	for step; do last=$(last_of "$step"); sum=$((sum + ${last:-60})); done
	echo $sum
}

# took START: the seconds since, beside those of the last run of the step
took() {
	local last
	last=$(last_of "$current")
	printf '%d s%s' $((SECONDS - $1)) "${last:+ (last $last s)}"
}

# result WORD STEP [TEXT]: one line, and the sum
result() {
	local word=$1
	[ "$word" = skip ] && [ "${CI:-}" = true ] && word=FAIL
	case $word in ok) passed=$((passed + 1)) ;; FAIL) failed=$((failed + 1)) ;;
	skip) skipped=$((skipped + 1)) ;; esac
	printf '%-4s %s%s\n' "$word" "$2" "${3:+: $3}"
}

# show_end FILE: what a person needs of a failed step's log, which may be gone when they read this: its error lines, and
# its end
show_end() {
	{ grep -E '(^FAIL|error:|Error[ :])' "$1" | head -n 25; tail -n 15 "$1"; } | awk '!seen[$0]++' |
	    cut -c1-300 | sed 's/^/     /'
	printf '     (all of it: %s)\n' "$1"
}

# step COMMAND...: passes when the command does
step() {
	local start=$SECONDS
	if "$@" >"$logs/$current.log" 2>&1 </dev/null; then
		result ok "$current" "$(took $start)"
		sed -n 's/.*(seed [0-9]*)$/     &/p' "$logs/$current.log"
	else result FAIL "$current" "exit $?"; show_end "$logs/$current.log"; fi
}

# step_of_tool TOOL COMMAND...: a step that needs the tool
step_of_tool() {
	local tool=$1; shift
	if command -v "$tool" >/dev/null; then step "$@"; else result skip "$current" "$tool is not installed"; fi
}

# add_closing_line START: adds the "N passed, N failed, N skipped" with which the step's log ends
add_closing_line() {
	local line log=$logs/$current.log
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
	if [ -z "$line" ]; then result FAIL "$current" "it did not come to its end"; show_end "$log"; return; fi
	read -r p _ f _ s _ <<<"${line//,/}"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	printf '%-4s %s: %s, %s\n' "$([ "$f" = 0 ] && echo ok || echo FAIL)" "$current" "$line" "$(took "$1")"
	[ "$f" = 0 ] || grep -E -A 40 '^FAIL' "$log" |
	    awk '/^(ok|skip|load) /  { no = 1; next } /^FAIL/ { no = 0 } !no' | sed 's/^/     /'
	grep '^passed only when alone' "$log" | sed "s/^/$current: /" | tee -a "$logs/loud" | sed 's/^/     /'
	keep_scenarios "$log"
}

counted() {
	local start=$SECONDS
	"$@" >"$logs/$current.log" 2>&1 </dev/null
	add_closing_line "$start"
}

# make_check DIR: automake's summary of `make check`, by its own counts. The longest of those programs wait for a
# server most of their time: more of them at once than there are processors.
make_check() {
	local count word n start=$SECONDS log=$logs/$current.log
	CK_TIMEOUT_MULTIPLIER=4 make -C "$1" -s -j4 check >"$log" 2>&1 </dev/null ||
	    echo "make: status $?" >>"$log"
	grep -q '^# TOTAL:' "$log" || { result FAIL "$current" "it did not build"; show_end "$log"; return; }
	count=$(sed -n 's/^# \(PASS\|FAIL\|SKIP\|ERROR\|XPASS\|XFAIL\): *\([0-9]*\)$/\1 \2/p' "$log")
	while read -r word n; do
		case $word in
		PASS | XFAIL) passed=$((passed + n)) ;;
		SKIP) if [ "${CI:-}" = true ]; then failed=$((failed + n)); else skipped=$((skipped + n)); fi ;;
		*) failed=$((failed + n)) ;;
		esac
	done <<<"$count"
	word=ok
	! grep -qE '^(FAIL|ERROR):' "$log" || word=FAIL
	if [ $word = ok ] && grep -q '^make: status' "$log"; then word=FAIL failed=$((failed + 1)); show_end "$log"; fi
	printf '%-4s %s: %s, %s\n' $word "$current" "$(tr '\n' ' ' <<<"$count" | tr -s ' ')" "$(took "$start")"
	grep -E '^(FAIL|ERROR):' "$log" | sed 's/^/     /'
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

# Every unit program runs with the address sanitizer; what that can't see, values that nobody set, is looked for by
# valgrind in those that read or write foreign bytes. All of them under valgrind take 16 minutes: --long.
valgrind_few='common_(error|frame.*|log|loop|memfd)|control_metrics|scram_.*|pgwire_.*|postgres_words|trail'
valgrind_few="/($valgrind_few|sqlite_(copy_format|dialect_lex|schema|settings|types.*))_test\$"

# valgrind_units [PATTERN]
valgrind_units() {
	export -f valgrind_one
	# The certificates of postgres_tls_test live for seconds, which is less than one of its steps takes under
	# valgrind.
	# shellcheck disable=SC2016 # the inner shell's own
	unit_tests | grep -v /postgres_tls_test | grep -E "${1:-.}" | xargs -P2 -I{} bash -c 'valgrind_one "$1" "$2"' \
	    _ {} "$logs"
}

c_files() {
	git ls-files -co --exclude-standard '*.c' 2>/dev/null | grep . || find common supervisor workers tests \
	    -name '*.c'
}

# format_all OPTION...: by one fixed version, since each version formats a little differently
format_all() {
	{
		git ls-files -co --exclude-standard '*.[ch]' 2>/dev/null | grep . || find common supervisor workers \
		    tests -name '*.[ch]'
	} |
	    xargs clang-format-14 --style=file "$@"
}

cppcheck_all() {
	local files queue
	mapfile -t files < <(c_files)
	queue=$(printf '#include <sys/queue.h>\n' | gcc -E -x c - | sed -n 's/^# 1 "\(.*sys\/queue.h\)".*/\1/p')
	cppcheck --include="$queue" -j2 --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
	    --inline-suppr \
	    --suppressions-list=tests/cppcheck.supp --max-configs=4 -I. -D__linux__ -D__x86_64__ -D_GNU_SOURCE \
	    --check-library "${files[@]}"
}

# clang_tidy_one FILE FLAG...: remembers by what the compiler would see that nothing was found
clang_tidy_one() {
	local key=$tidy_kept/
	key+=$({ cat .clang-tidy; printf '%s\n' "$tidy_version" "$@"; clang -E "${@:2}" "$1"; } | sha256sum |
	    cut -c1-64)
	[ ! -e "$key" ] || { touch "$key"; return 0; }
	clang-tidy --quiet --warnings-as-errors='*' "$1" -- "${@:2}" && : >"$key"
}

clang_tidy_all() {
	# The flags that make gives the compiler, but for those of gcc alone.
	local flags=(-std=gnu17 -I. -D_GNU_SOURCE -DBIBD_SBINDIR='""' -DBIBD_WORKERDIR='""' -DBIBD_PKGDATADIR='""'
	    -DBIBD_SYSCONFDIR='""' -DBIBD_RUNSTATEDIR='""' -DRECORDER='""' -DTRACE='""'
	    -DDIRECTORY='""' -DWORKER='""')
	read -r -a more < <(pkg-config --cflags sqlite3 libpq yaml-0.1 check)
	export tidy_kept=${XDG_CACHE_HOME:-$HOME/.cache}/bibd-clang-tidy tidy_version
	tidy_version=$(clang-tidy --version)
	mkdir -p "$tidy_kept" && find "$tidy_kept" -type f -mtime +30 -delete
	export -f clang_tidy_one
	# shellcheck disable=SC2016 # the inner shell's own
	c_files | xargs -P2 -I{} bash -c 'clang_tidy_one "$@"' _ {} "${flags[@]}" "${more[@]}"
}

instructions_counted() { make -s tests/guard/fixed tests/guard/sqlite tests/guard/pool && tests/bench/guard; }

shell_scripts() {
	git ls-files -co --exclude-standard 2>/dev/null | while read -r file; do
		[ -f "$file" ] || continue
		case $file in *.sh) echo "$file" ;; *.*) ;;
		*) ! head -n 1 "$file" | grep -q '^#!.*sh$' || echo "$file" ;; esac
	done | grep . || find bootstrap tests -name '*.sh' -o -name run -o -name bootstrap
}

shellcheck_all() { shell_scripts | xargs -n 12 -P2 shellcheck -s bash; }

# archive_whole: what `make dist` packs has every file of the tree that its makers wrote
archive_whole() {
	local archive missing
	git ls-files >/dev/null 2>&1 || { echo "no git tree: nothing to compare with"; return 0; }
	make -s dist || return 1
	archive=bibd-$(sed -n 's/^VERSION = //p' Makefile).tar.xz
	missing=$(comm -13 <(tar -tf "$archive" | sed 's|^[^/]*/||' | sort) <(git ls-files | grep -v '^\.gitignore$' |
	    sort))
	rm -f "$archive"
	[ -z "$missing" ] || { echo "error: not in $archive:"; echo "$missing"; return 1; }
}

# reachable_copy DIR: DIR's programs and the tests where the ordinary test user can reach them; prints where
reachable_copy() {
	local to=/var/tmp/bibd-check-tree.$$
	rm -rf "$to" && mkdir -m 755 "$to" && mkdir -p "$to/tests" "$to/etc" || return 1
	cp "$1/bibd" "$1/bibctl" "$1"/bibd-{control,sqlite,keeper,postgres,container,remote} "$to/" &&
	    cp "$1"/bibd-{archive,drill,key-vault,key-aws} "$to/" &&
	    cp -r etc/. "$to/etc/" &&
	    cp -r tests/system tests/sql "$to/tests/" && cp "$seconds" "$to/tests/seconds" && chmod -R a+rX "$to" &&
	    echo "$to"
}

# system_as_root BUILD [ARGUMENT...]
system_as_root() {
	local build=$1; shift
	local vars=(BIBD_BUILD="$build" BIBD_SECONDS="$seconds")
	if [ "$(id -u)" = 0 ]; then counted env "${vars[@]}" tests/system/run "$@"
	elif as_root true 2>/dev/null; then
		counted as_root env CI="${CI:-}" BIBD_CLIENTS="${BIBD_CLIENTS:-}" BIBD_SLOW="${BIBD_SLOW:-}" \
		    BIBD_ENGINES="${BIBD_ENGINES:-}" \
		    BIBD_INTERLEAVINGS="${BIBD_INTERLEAVINGS:-800}" \
		    BIBD_INTERLEAVINGS_LISTEN="${BIBD_INTERLEAVINGS_LISTEN:-240}" \
		    TSAN_OPTIONS="${TSAN_OPTIONS:-}" \
		    "${vars[@]}" tests/system/run "$@"
	else result skip "$current" "needs root or sudo"; fi
}

# system_as_user BUILD: as somebody who is not root
system_as_user() {
	local tree
	if [ "$(id -u)" != 0 ]; then counted env BIBD_BUILD="$1" BIBD_SECONDS="$seconds" tests/system/run; return; fi
	tree=$(reachable_copy "$1") || { result FAIL "$current" "cannot copy the programs"; return; }
	counted runuser -u $test_user -- env -C "$tree" CI="${CI:-}" HOME="$tree" BIBD_BUILD="$tree" tests/system/run
	rm -rf "$tree"
}

# clients_at_hand: BIBD_CLIENTS is where the clients are, installed once for all steps
clients_at_hand() {
	[ -z "${BIBD_CLIENTS:-}" ] || return 0
	clients_made=$(mktemp -d /var/tmp/bibd-test-clients.XXXXXX) && chmod 755 "$clients_made" || return 1
	# shellcheck disable=SC2064 # this directory
	trap "rm -rf '$clients_made' 2>/dev/null || as_root rm -rf '$clients_made'" EXIT
	if tests/system/clients.sh --install "$clients_made/clients" >"$logs/clients-install.log" 2>&1 </dev/null; then
		export BIBD_CLIENTS=$clients_made/clients
	fi
}

sanitizer_build() (
	rm -rf build-sanitize
	make -s distdir distdir=build-sanitize && cd build-sanitize && chmod -R u+w . &&
	    ./configure -q --enable-sanitize && make -s -j2
)

# The worker of SQLite is the one with threads; the supervisor is built so as well since it passes on TSAN_OPTIONS.
sanitizer_thread_build() (
	rm -rf build-thread
	make -s distdir distdir=build-thread && cd build-thread && chmod -R u+w . &&
	    ./configure -q --enable-sanitize=thread && make -s -j2 bibd bibd-sqlite &&
	    cp ../bibctl ../bibd-{control,keeper,postgres,container,remote,archive,drill} . &&
	    cp ../etc/bibd{.service,@.service,.openrc,.runit} etc/
)

# threads [WORD...]: ThreadSanitizer over the scenarios of SQLite. A worker that it reports on goes on, or is started
# again, and the scenario may pass: the reports have files of their own, which the worker opens (verbosity=1) before it
# gives up the file system.
threads() {
	local reports bad
	step sanitizer_thread_build
	[ -x build-thread/bibd-sqlite ] || return
	reports=$(mktemp -d /var/tmp/bibd-test-threads.XXXXXX) && chmod 1777 "$reports" || return
	BIBD_SLOW=8 TSAN_OPTIONS="verbosity=1 handle_segv=0 handle_sigbus=0 handle_sigfpe=0 log_path=$reports/report" \
	    system_as_root "$top/build-thread" "$@"
	bad=$(as_root_if_able grep -rl 'WARNING: ThreadSanitizer' "$reports" | wc -l)
	if [ "$bad" != 0 ]; then
		as_root_if_able grep -rhA 60 'WARNING: ThreadSanitizer' "$reports" >"$logs/$current-reports.log"
		result FAIL "$current" "races in $bad processes: $logs/$current-reports.log"
	elif ! as_root_if_able grep -rq 'Running under ThreadSanitizer' "$reports"; then
		result FAIL "$current" "nothing ran under ThreadSanitizer"
	fi
	as_root_if_able rm -rf "$reports"
}

# sanitized COMMAND...: a step on the programs in build-sanitize
sanitized() {
	[ -x build-sanitize/bibd ] || { result FAIL "$current" "there is no build with sanitizers"; return; }
	BIBD_SLOW=8 ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 "$@"
}

# build_tree FLAG...: ends this subshell alone when it fails
build_tree() (do_build "$@")

step_build() { step build_tree "${configure_flags[@]}"; [ "$failed" = 0 ] || die "the build failed"; }
step_unit() { make_check .; }
# what scenarios and valgrind want of the units' tree
step_programs() { step make -s -j2 check TESTS=; }
step_format() { step_of_tool clang-format-14 format_all --dry-run --Werror; }
step_shellcheck() { step_of_tool shellcheck shellcheck_all; }
step_mandoc() { step_of_tool mandoc tests/manual.sh; }
step_rooms() { step_of_tool python3 tests/rooms --circle; }
step_names() { step_of_tool python3 tests/names; }
step_promises() { step_of_tool python3 tests/promises; }
step_advice() { step_of_tool python3 tests/advice; }
step_pages() { step_of_tool python3 tests/pages; }
step_guard() {
	step_of_tool valgrind instructions_counted
	sed -n 's/^\(ok\|not judged\).*/     &/p' "$logs/$current.log" 2>/dev/null
}
step_archive() { step archive_whole; }
step_distcheck() { step make -s -j2 distcheck TESTS=; }
step_cppcheck() { step_of_tool cppcheck cppcheck_all; }
step_clang_tidy() { step_of_tool clang-tidy clang_tidy_all; }
step_valgrind() { step_of_tool valgrind valgrind_units "$valgrind_few"; }
step_valgrind_long() { step_of_tool valgrind valgrind_units; }
step_system_first() { system_as_root "$top" 101- 105- 201- 202- 401- 403- 406- 501- 502- 704-; }
step_system_root() { system_as_root "$top"; }
step_system_user() { system_as_user "$top"; }
step_system_user_few() { BIBD_ONLY_FOR=user system_as_user "$top"; }
step_system_postgres() { system_as_root "$top" --postgres; }
step_system_postgres_few() { BIBD_ENGINES="docker none" system_as_root "$top" --postgres; }
step_clients() { clients_at_hand; counted tests/system/run --clients; }
step_clients_few() { clients_at_hand; counted tests/system/run --clients --few; }
step_clients_postgres() { clients_at_hand; system_as_root "$top" --postgres --clients; }
step_clients_postgres_few() { clients_at_hand; system_as_root "$top" --postgres --clients --few; }
step_fuzz() { step_of_tool clang tests/fuzz/run 60; }
step_fuzz_long() { step_of_tool clang tests/fuzz/run 3600; }
# tortured NAME ARGUMENT...: with a seed of this run's own, which the log has
tortured() {
	local name=$1; shift
	step as_root_if_able env BIBD_BUILD="$top" PYTHONPATH="$top/tests/system" "tests/torture/$name" "$@" \
	    $((SRANDOM % 32768))
}
as_root_if_able() { if [ "$(id -u)" != 0 ] && as_root true 2>/dev/null; then as_root "$@"; else "$@"; fi; }

step_interleavings() {
	BIBD_INTERLEAVINGS=10000 BIBD_INTERLEAVINGS_LISTEN=10000 BIBD_ENGINES=none system_as_root "$top" \
	    --postgres interleavings
}
# PostgreSQL's suite, whose figures may only get better; where it can't be had from, that is said.
step_regress() {
	local start=$SECONDS log=$logs/$current.log
	tests/sql/regress >"$log" 2>&1 </dev/null
	case $? in
	0) result ok "$current" "$(took $start)"; tail -n 1 "$log" | sed 's/^/     /' ;;
	77) result skip "$current" "$(tail -n 1 "$log")" ;;
	*) result FAIL "$current"; show_end "$log" ;;
	esac
}
step_apps() { step_of_tool apt-get tests/sql/apps; }
step_frameworks() { step_of_tool ruby tests/sql/frameworks; }
step_django() { step_of_tool apt-get tests/sql/django; }
step_statements_random() { BIBD_STATEMENTS=50000 system_as_root "$top" 514-random; }
step_statements_random_long() {
	BIBD_STATEMENTS=1000000 BIBD_SEED=$((SRANDOM % 32768 * 1000)) system_as_root "$top" 514-random
}
step_crash() { tortured crash 30; }
step_crash_postgres() { tortured crash --postgres 12; }
step_crash_long() { tortured crash 2000; }
step_crash_postgres_long() { tortured crash --postgres 500; }
step_move_killed_long() { tortured move 20; }
step_power() { tortured power 1500; }
step_power_long() { tortured power 1000000; }
# What must hold on any machine; how much slower the others are is printed, and judged by tests/bench/bounds alone.
step_bounds() {
	local start=$SECONDS log=$logs/$current.log
	as_root_if_able env BIBD_BUILD="$top" BOUNDS_RATIO=0 tests/bench/bounds >"$log" 2>&1 </dev/null
	case $? in
	0) result ok "$current" "$(took $start)"; sed 's/^/     /' "$log" ;;
	77) result skip "$current" "$(tail -n 1 "$log")" ;;
	*) result FAIL "$current"; show_end "$log" ;;
	esac
}
# The package of Debian, built twice, in a bare bookworm of its own; the figures are printed.
step_package() {
	local start=$SECONDS log=$logs/$current.log
	as_root_if_able tests/package/run >"$log" 2>&1 </dev/null
	case $? in
	0) result ok "$current" "$(took $start)"; sed 's/^/     /' "$log" ;;
	77) result skip "$current" "$(tail -n 1 "$log")" ;;
	*) result FAIL "$current"; show_end "$log" ;;
	esac
}
step_sanitizer_build() { step sanitizer_build; }
step_sanitizer_unit() { sanitized make_check build-sanitize; }
step_sanitizer_system() { sanitized system_as_root "$top/build-sanitize"; }
step_sanitizer_statements() { sanitized step_statements 10000000 60; }
step_sanitizer_statements_long() { sanitized step_statements 10000000 36000; }
step_statements() { step env BIBD_BUILD="$top/build-sanitize" tests/fuzz/statements "$@" $((SRANDOM % 32768)); }
# those with the most of a client's bytes, restarts and secrets; what the engines differ in has been seen by then
step_sanitizer_postgres() {
	BIBD_ENGINES=docker sanitized system_as_root "$top/build-sanitize" --postgres 101- 105- 301- 303- 308- 501- \
	    502- 503- 505- 507- 513- \
	    604- 701- 702- 706- 714- 801-
}
# those in which threads meet: load, pgbench, the queue of writers, cancels, lists of clients, checkpoints beside
# writers
step_sanitizer_thread() { threads 302- 411- 412- 509- 603- 803- 804- 805-; }
step_sanitizer_thread_long() { threads; }
step_sanitizer_postgres_long() { sanitized system_as_root "$top/build-sanitize" --postgres; }

# fits STEP: whether it will end in time, when it takes as much longer than the last time as those before it did
fits() {
	[ -n "${BIBD_CHECK_SECONDS:-}" ] || return 0
	local took=$((SECONDS - began)) expected
	expected=$(left "$1")
	[ "$took" -le "$past" ] || expected=$((expected * took / (past + 1)))
	[ $((took + expected)) -le "$BIBD_CHECK_SECONDS" ]
}

# run_steps STEP...: each after a line that says how far the check is and how long the rest took the last time
run_steps() {
	local n=0 all=$# current start before past=0 began=$SECONDS last
	while [ $# -gt 0 ]; do
		current=$1 n=$((n + 1))
		if ! fits "$current"; then no_time+=("$current"); shift; continue; fi
		last=$(left "$current")
		printf -- '-- %d of %d: %s (about %s left)\n' $n "$all" "$current" "$(minutes "$(left "$@")")"
		start=$SECONDS before=$failed
		"step_${current//-/_}"
		[ "$failed" != "$before" ] || keep_seconds "step:$current" $((SECONDS - start))
		past=$((past + last))
		shift
	done
}

do_check() {
	local missing steps=$steps_few began=$SECONDS no_time=()
	case ${1:-} in --fast) steps=$steps_fast; shift ;; --all) steps=$steps_all; shift ;;
	--long) steps=$steps_long; shift ;;
	--steps) steps=$2; shift 2 ;; esac
	configure_flags=("$@")
	mkdir -p "$logs" || die "cannot make $logs"
	[ -s "$seconds" ] || cp "$top/tests/seconds" "$seconds" || die "cannot write $seconds"
	find "$logs" -mindepth 1 ! -name seconds -delete
	# All missing packages at once, so that a person who must install them by hand is asked once.
	# shellcheck disable=SC2086 # lists of words
	if ! need $build_packages $run_packages $check_packages; then
		find_missing $build_packages
		[ ${#missing[@]} = 0 ] || die "the build needs ${missing[*]}"
		say "tests that need the missing packages are skipped"
	fi
	make_users
	if [ -z "${CC:-}" ] && command -v ccache >/dev/null; then
		export CC="ccache gcc" CCACHE_NOHASHDIR=1 # distcheck and the sanitizers build in folders of their own
	fi
	# shellcheck disable=SC2086
	run_steps $steps
	[ ! -s "$logs/loud" ] || {
		echo "Failed beside other scenarios, or the first time, and passed alone:"; cat "$logs/loud"
	}
	[ ${#no_time[@]} = 0 ] || echo "Left out, since BIBD_CHECK_SECONDS would be over: ${no_time[*]}"
	say "the check took $(minutes $((SECONDS - began)))"
	printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
	[ $failed = 0 ]
}
