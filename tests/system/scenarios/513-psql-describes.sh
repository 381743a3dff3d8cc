# Every command of psql that describes what is there is answered by a SQLite node
. "$(dirname "$0")/../lib.sh"
requires psql
start_node
ask() { timeout 20 psql -X -h "$DIR/run" -d bibd "$@" 2>&1; }
ask -q -c "create table t (id int primary key, a text default 'x' not null, b numeric(8, 2) check (b > 0))" \
    -c 'create index on t (a)' -c 'create view v as select * from t' \
    -c 'create table u (id serial primary key, t int references t)' >"$WORK/out" || fail "$(cat "$WORK/out")"
# \dAo and \dAp need pg_amop and pg_amproc, which are not there
commands='\d|\d t|\d+ t|\d+ u|\d+ v|\da|\dA|\dA+|\dAc|\dAf|\db+|\dc|\dC|\dd|\dconfig|\ddp|\dD|\dE|\des|\det|\deu|\dew
\df|\df+ lower|\dF|\dFd|\dFp|\dFt|\dg+|\di+|\dl|\dL|\dm|\dn+|\do|\dO|\dp|\dP|\drds|\dRp+|\dRs|\ds|\dt+|\dT+|\du|\dv+
\dx|\dX|\dy|\l+|\sv v|\z'
printf '%s\n' "${commands//|/$'\n'}" >"$WORK/commands"
ask -f "$WORK/commands" >"$WORK/out"
! grep -q ERROR "$WORK/out" || fail "of $WORK/commands: $(grep -A 1 ERROR "$WORK/out")"
grep -q 'Referenced by' "$WORK/out" || fail "no tables: $(head "$WORK/out")"
