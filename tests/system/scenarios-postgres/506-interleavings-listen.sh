# Ten sessions on three connections that LISTEN and NOTIFY among the rest are told what ten of plain PostgreSQL's are
# engines: none
# seconds: 1800
. "$(dirname "$0")/../external.sh"
start_external 3
python3 "$tests/interleave.py" "$DIR/run/.s.PGSQL.5432" "$PLAIN/.s.PGSQL.$PLAIN_PORT" \
    -l -n "${BIBD_INTERLEAVINGS_LISTEN:-240}" ${BIBD_SEED:+-s "$BIBD_SEED"} \
    >"$WORK/out" || fail "$(cat "$WORK/out")"
[ "$(log_lines 'bibd-postgres .*failed')" = 0 ] || fail "the worker ended: $(tail -n 5 "$DIR/log")"
say "$(head -n 1 "$WORK/out"); $(tail -n 1 "$WORK/out")"
stop_node
