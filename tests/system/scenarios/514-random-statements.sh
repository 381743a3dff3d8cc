# Random statements over random tables are answered as plain PostgreSQL answers them, or refused by 0A000
# for: root
# seconds: 5400
# BIBD_STATEMENTS says how many answers are compared in all, half of them by each protocol; BIBD_SEED the first seed.
. "$(dirname "$0")/../lib.sh"
requires initdb postgres psql python3
seed=${BIBD_SEED:-1} each=1500 n=${BIBD_STATEMENTS:-6000}
say "seeds from $seed on"
files=()
for ((i = 0; i * each * 2 < n; i++)); do
	files+=("$WORK/seed-$((seed + i)).sql")
	"$top/tests/sql/random" $((seed + i)) $each >"${files[-1]}" || fail "no statements of seed $((seed + i))"
done
"$top/tests/sql/run" "${files[@]}" >"$WORK/out" 2>&1 || fail "$(head -c 20000 "$WORK/out"; tail -n 1 "$WORK/out")"
say "$(tail -n 1 "$WORK/out")"
