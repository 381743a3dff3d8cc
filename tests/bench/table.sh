# shellcheck shell=bash
# Sourced by the benchmarks: the table of medians.

# row NAME TARGET <pairs of figures, ours first: one line of the table
row() {
	awk -v name="$1" -v target="$2" -v width="${NAME_WIDTH:-20}" '
	function quantile(list, n, q,    at, low) { at = 1 + (n - 1) * q; low = int(at)
		return low >= n ? list[n] : list[low] + (at - low) * (list[low + 1] - list[low]) }
	function sort(list, n,    i, j, v) { for (i = 2; i <= n; i++) { v = list[i]
		for (j = i - 1; j > 0 && list[j] > v; j--) list[j + 1] = list[j]; list[j + 1] = v } }
	{ b[NR] = $1; p[NR] = $2; r[NR] = $1 / $2 }
	END { sort(b, NR); sort(p, NR); sort(r, NR)
		printf "%-*s %10.0f %10.0f %7.2f  %5.2f-%5.2f  %6s\n", width, name,
		    quantile(b, NR, .5), quantile(p, NR, .5), quantile(r, NR, .5),
		    quantile(r, NR, .25), quantile(r, NR, .75), target }'
}

# head NAME OURS OTHER: the line above it
head_line() { printf '%-*s %10s %10s %7s  %-11s  %6s\n' "${NAME_WIDTH:-20}" "$1" "$2" "$3" ratio quartiles target; }

# wanted CASE: whether BENCH_CASES has it, or names none
wanted() {
	[ -z "${BENCH_CASES:-}" ] || case " $BENCH_CASES " in *" $1 "*) ;; *) return 1 ;; esac
}
