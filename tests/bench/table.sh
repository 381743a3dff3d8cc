# shellcheck shell=bash
# Sourced by the benchmarks: a row for each case, printed as Markdown and kept for ./report.
# $ROWS: the file that keeps them, of tabs: group, case, its unit, ours, the other's, their names, the ratio, its
# quartiles, what is wanted. $QUIET: nothing is printed, since all is printed as JSON in the end.
ROWS=${ROWS:-/dev/null}

# group NAME UNIT OURS OTHER: what the rows that follow are of, and the head of their table
group() {
	GROUP=$1 UNIT=$2 OURS_NAME=$3 OTHER_NAME=$4
	[ -z "${QUIET:-}" ] || return 0
	printf '\n| %s | %s | %s | ratio | quartiles | wanted |\n|---|---|---|---|---|---|\n' "$1" "$3" "$4"
}

# row NAME WANTED <pairs of figures, ours first: one line of the table. WANTED: at least this ratio; with a "<" before
# it, at most; "-": none
row() {
	awk -v what="$GROUP	$1	$UNIT" -v names="$OURS_NAME	$OTHER_NAME" -v wanted="$2" '
	function quantile(list, n, q,    at, low) { at = 1 + (n - 1) * q; low = int(at)
		return low >= n ? list[n] : list[low] + (at - low) * (list[low + 1] - list[low]) }
	function sort(list, n,    i, j, v) { for (i = 2; i <= n; i++) { v = list[i]
		for (j = i - 1; j > 0 && list[j] > v; j--) list[j + 1] = list[j]; list[j + 1] = v } }
	{ b[NR] = $1; p[NR] = $2; r[NR] = $2 > 0 ? $1 / $2 : 0 }
	END { sort(b, NR); sort(p, NR); sort(r, NR)
		printf "%s\t%.6g\t%.6g\t%s\t%.3f\t%.3f\t%.3f\t%s\n", what, quantile(b, NR, .5), quantile(p, NR, .5),
		    names, quantile(r, NR, .5), quantile(r, NR, .25), quantile(r, NR, .75), wanted }' >"$WORK/row" ||
	    return
	cat "$WORK/row" >>"$ROWS"
	[ -z "${QUIET:-}" ] || return 0
	awk -F '\t' '{ printf "| %s | %.*f | %.*f | %.2f | %.2f to %.2f | %s |\n", $2, $4 < 100 ? 2 : 0, $4,
	    $5 < 100 ? 2 : 0, $5, $8, $9, $10, $11 }' "$WORK/row"
}

# note TEXT: a line of the heading, for ./report too
note() {
	printf '#\t%s\n' "$1" >>"$ROWS"
	[ -n "${QUIET:-}" ] || printf '%s  \n' "$1"
}

# wanted CASE: whether BENCH_CASES has it, or names none
wanted() {
	[ -z "${BENCH_CASES:-}" ] || case " $BENCH_CASES " in *" $1 "*) ;; *) return 1 ;; esac
}
