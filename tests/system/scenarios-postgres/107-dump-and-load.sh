# for: root
# engines: docker
# A dump, a new database and a load of the dump, as bibd(8) says: the rows are there, and the audit trail raises no
# alarm
. "$(dirname "$0")/../postgres.sh"
EXTRA="audit: {sign_interval: 300ms}"
start_postgres node
sql "create table t (a int primary key, b text); insert into t select n, 'row ' || n from generate_series(1, 1000) n" \
    >/dev/null
before=$(sql "select md5(string_agg(a || b, ',' order by a)) from t")
signed() { bibctl --json audit verify | grep -q '"signed_rows":[1-9]'; }
until_true 10 signed || fail "nothing was signed: $(bibctl audit verify 2>&1)"
# What the manual says, with this node's directories in it.
manual() { # WORD: the command of bibd(8) that begins with it
	sed -n "s/^# \($1 .*\)/\1/p" "$top/man/bibd.8" | head -n 1 |
	    sed "s|/var/lib/bibd|$DIR/data|g; s|bibd.dump|$WORK/bibd.dump|"
}
dump=$(manual pg_dump) new=$(manual "echo new") load=$(manual pg_restore)
if [ -z "$dump" ] || [ -z "$new" ] || [ -z "$load" ]; then fail "no commands in bibd(8): [$dump] [$load]"; fi
sh -c "$dump" || fail "the dump: $dump"
stop_node
mv "$PGDIR/data" "$WORK/away"
sh -c "$new" || fail "$new"
launch; wait_ready
sh -c "$load" >"$WORK/load.out" 2>&1 || fail "the load: $load: $(cat "$WORK/load.out")"
equal "$(sql "select md5(string_agg(a || b, ',' order by a)) from t")" "$before" "the rows"
equal "$(sql -U write "insert into t values (1001, 'more') returning a")" 1001 "a row by write"
equal "$(sql -U query "select count(*) from t")" 1001 "rows by query"
whole() { out=$(bibctl audit verify 2>&1); }
until_true 10 signed || fail "the new trail is not signed: $(bibctl audit verify 2>&1; bibctl events)"
whole || fail "an alarm after the load: $out"
contains "$(bibctl events)" "audit.begun_anew" "events"
in_trail() {
	[ "$(sql -U audit "select count(*) from bibd.audit where kind = 'audit.begun_anew' and statement like '%ended \
at position%'")" = 1 ]
}
until_true 5 in_trail || fail "the new trail does not say where the former one ended"
equal "$(log_lines 'audit trail is not')" 0 "alarms in the log"
say "$out"
