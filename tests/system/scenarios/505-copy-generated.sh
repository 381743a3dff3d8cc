# COPY leaves generated columns out, refuses them by name, and what was copied out can be copied in again, as on
# PostgreSQL
. "$(dirname "$0")/../lib.sh"
requires psql
start_node
sql "create table t (a int primary key, g int generated always as (a * 2) stored, b text); insert into t (a, \
b) values (1, 'x'), (2, null)" >/dev/null
for format in text csv binary; do
	psql -h "$DIR/run" -Xq -c "copy t to stdout (format $format)" >"$WORK/$format" || fail "copy out as $format"
	sql "delete from t" >/dev/null
	psql -h "$DIR/run" -Xq -c "copy t from stdin (format $format)" <"$WORK/$format" || fail "copy in as $format"
	equal "$(sql 'select * from t order by a' | tr '\n' ' ')" "1|2|x 2|4| " "the rows after $format"
done
equal "$(cat "$WORK/text")" "$(printf '1\tx\n2\t\\N')" "copy out as text"
equal "$(sql 'copy t to stdout (format csv, header)' | tr '\n' ' ')" "a,b 1,x 2, " "with a header"
equal "$(sql 'copy (select * from t order by a) to stdout' | head -n 1)" "$(printf '1\t2\tx')" "a query has them"
for statement in "copy t (g) to stdout" "copy t (a, g) to stdout" "copy t (g) from stdin" \
    "copy t (a, g, b) from stdin"; do
	equal "$(state "$statement" </dev/null)" 42P10 "$statement"
done
# A key is never made up by COPY either
for data in '\N	x' '		'; do
	printf '%s\n' "$data" | psql -h "$DIR/run" -Xq -v VERBOSITY=sqlstate -c "copy t from stdin" >"$WORK/out" 2>&1 &&
	    fail "a key was made up: $data"
done
printf 'x\n' | psql -h "$DIR/run" -Xq -v VERBOSITY=sqlstate -c "copy t (b) from stdin" >"$WORK/out" 2>&1 &&
    fail "a key was made up"
contains "$(cat "$WORK/out")" 23502 "a key that is not given"
equal "$(sql 'select count(*) from t')" 2 "the rows"
stop_node
