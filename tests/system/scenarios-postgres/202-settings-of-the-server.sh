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
# ALTER SYSTEM, which is the superuser's: of a setting of the configuration it has no effect, nor of one that bibd works
# out; of another it has
for set in "work_mem = '9MB'" "effective_cache_size = '99MB'" "deadlock_timeout = '1234ms'"; do
	superuser "alter system set $set" || fail "alter system set $set"
done
cache=$(show effective_cache_size)
altered() {
	equal "$(show work_mem)" 8MB "work_mem $1"
	equal "$(show effective_cache_size)" "$cache" "effective_cache_size $1"
	equal "$(show deadlock_timeout)" 1234ms "deadlock_timeout $1"
}
superuser 'select pg_reload_conf()' >/dev/null
until_true 5 superuser "select 1 / (current_setting('deadlock_timeout') = '1234ms')::int" || fail "no reload"
altered "after ALTER SYSTEM"
stop_node; launch; wait_ready; altered "after ALTER SYSTEM and a restart"
equal "$(state 'alter system reset all')" 42501 "ALTER SYSTEM by a role of bibd's"
# taken out of the configuration, what ALTER SYSTEM said counts
settings "{}"; stop_node; launch; wait_ready
equal "$(show work_mem)" 9MB "work_mem of ALTER SYSTEM when the configuration has none"
stop_node
