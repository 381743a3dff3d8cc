# A statement whose dates PostgreSQL reads again after a definition reads them by the session's DateStyle, as on plain
# PostgreSQL
# engines: none
. "$(dirname "$0")/../external.sh"
start_external 1
python3 "$tests/read_again.py" "$DIR/run/.s.PGSQL.5432" "$PLAIN/.s.PGSQL.$PLAIN_PORT" >"$WORK/out" 2>&1 ||
    fail "$(cat "$WORK/out")"
[ "$(log_lines 'bibd-postgres .*failed')" = 0 ] || fail "the worker ended: $(tail -n 5 "$DIR/log")"
say "$(cat "$WORK/out")"
stop_node
