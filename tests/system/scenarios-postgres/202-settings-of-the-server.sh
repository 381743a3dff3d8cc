# The settings of the configuration are the server's; reload says what needs a restart, and a wrong one is named
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
settings() { cp "$WORK/good" "$CONFIG"; sed -i "s/^    network:/    settings: $1\n&/" "$CONFIG"; }
show() { superuser "show $1"; }
configure_postgres node; cp "$CONFIG" "$WORK/good"
settings "{work_mem: 7MB, shared_buffers: 48MB, log_min_duration_statement: 250, app.greeting: \"it's a=b\"}"
launch; wait_ready
equal "$(show work_mem)" 7MB "work_mem"
equal "$(show shared_buffers)" 48MB "shared_buffers, in place of what is worked out"
equal "$(show log_min_duration_statement)" 250ms "log_min_duration_statement"
equal "$(show app.greeting)" "it's a=b" "a setting of an application"
sql 'create table t (a int)' || fail "create"
settings "{work_mem: 8MB}"; out=$(bibctl reload 2>&1) && fail "a reload of settings says that it was done"
contains "$out" "database.postgres.settings" "the key in [$out]"; contains "$out" "needs a restart" "the reason"
settings "{fsync: off}"; out=$(bibctl reload 2>&1) && fail "fsync can be switched off"
contains "$out" "fsync cannot be set" "the refusal"
settings "{work_memm: 8MB}"; stop_node; launch
until_true 60 grep -q 'unrecognized configuration parameter "work_memm"' "$DIR/log" ||
    fail "no word of work_memm: $(cat "$DIR/log")"
kill -TERM "$PID" 2>/dev/null; reap 60
settings "{work_mem: 8MB}"; launch; wait_ready
equal "$(show work_mem)" 8MB "work_mem after the restart"; equal "$(sql 'select count(*) from t')" 0 "the table"
stop_node
