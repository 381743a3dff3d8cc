# Every function, cast and operator, on samples of every type, is answered as plain PostgreSQL answers it, or
# refused by 0A000
# for: root
# seconds: 900
. "$(dirname "$0")/../lib.sh"
requires initdb postgres psql python3
for kind in functions casts operators; do
	"$top/tests/sql/matrix" $kind >"$WORK/$kind.sql" || fail "no statements of $kind"
done
"$top/tests/sql/run" "$WORK/functions.sql" "$WORK/casts.sql" "$WORK/operators.sql" >"$WORK/out" 2>&1 ||
    fail "$(tail -n 40 "$WORK/out")"
say "$(tail -n 1 "$WORK/out")"
