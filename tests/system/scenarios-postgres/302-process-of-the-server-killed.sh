# A process of the server killed, or ended for want of memory: an event, a count and a line say so, the postmaster is
# never the one, and what it wrote is there to be read, after the container is gone too
. "$(dirname "$0")/../postgres.sh"
requires psql
HEALTH="interval: 500ms, timeout: 30s, action: retry_always, retry_backoff: 500ms"
POSTGRES="    memory_mb: 160
    max_connections: 30
    pool: {size: 5}"
start_postgres
sql 'create table t (a int)' || fail "create"
first=$(superuser 'select pg_postmaster_start_time()')
backend() {
	superuser -d bibd \
	    "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1"
}
score() { cat "/proc/$1/oom_score_adj"; }
inside=$(backend); [ -n "$inside" ] || fail "no server process"
pid=$(grep -ls "^NSpid:.*[[:space:]]$inside\$" /proc/[0-9]*/status | cut -d/ -f3 | while read -r p; do
	[ "$(cat "/proc/$p/comm")" = postgres ] && grep -q "$(inspect '{{.Id}}' | cut -c1-12)\|libpod\|docker" \
	    "/proc/$p/cgroup" && echo "$p"; done | head -n 1)
[ -n "$pid" ] || fail "the server process $inside is not to be seen"
[ "$(score "$pid")" -gt "$(score "$(postmaster)")" ] || fail "scores: $(score "$pid"), $(score "$(postmaster)")"
# 1. killed
before=$(event_count)
kill -9 "$pid"
until_true 30 event_since "$before" server.process_died ||
    fail "no event: $(bibctl events | tail -n +$((before + 1))); $(bibctl logs | tail)"
equal "$(bibctl events | tail -n +$((before + 1)) | grep -c 'process_died')" 1 "events about one death"
contains "$(bibctl events | tail -n +$((before + 1)))" "server process (PID $inside) was terminated by signal 9" \
    "the event"
contains "$(bibctl status)" "1 recovery from the death of a process" "status"
contains "$(bibctl --json status)" '"crashes":1' "status for programs"
contains "$(bibctl metrics)" "bibd_server_crashes_total 1" "metrics"
until_true 60 sql 'insert into t values (1)' || fail "no insert afterwards"
# 2. out of memory: the one that takes it ends
before=$(event_count)
superuser -d bibd \
    "set work_mem = '2GB'; select count(*) from (select n, repeat(md5(n::text), 40) x from generate_series(1, \
3000000) n order by x) q" >"$WORK/hog" 2>&1
until_true 60 event_since "$before" server.process_out_of_memory ||
    fail "no event: $(bibctl events | tail -n +$((before + 1))); $(cat "$WORK/hog")"
until_true 60 sql 'insert into t values (2)' || fail "no insert afterwards"
equal "$(superuser 'select pg_postmaster_start_time()')" "$first" "the postmaster's start"
contains "$(bibctl status)" ", 0 restarts, 2 recoveries" "status"
# 3. the log of a container that is gone, and the last lines of it in bibd's own
raised() { superuser -d bibd -c "set log_statement = 'all'" "do \$\$ begin raise log 'a word of before'; end \$\$"; }
until_true 60 raised || fail "raise"
engine_cli kill "$(container_name)" >/dev/null
until_true 60 sql 'insert into t values (3)' || fail "no insert after the kill"
contains "$(bibctl logs -n 1000)" "a word of before" "the log of the container before"
contains "$(bibctl logs -n 1000 | sed '1,/---- so far/d')" "ready to accept connections" "the log of the one of now"
contains "$(cat "$DIR/log")" "a word of before" "bibd's own log"
! grep -q "statement: do" "$DIR/log" || fail "a statement is in bibd's own log"
stop_node
# 4. a start that never got ready
echo 'shared_preload_libraries = nonsense' >>"$PGDIR/data/postgresql.auto.conf"
: >"$DIR/log"; launch
until_true 60 grep -q 'nonsense' "$DIR/log" || fail "bibd's own log does not say why: $(cat "$DIR/log")"
log_tells() { bibctl logs 2>/dev/null | grep -q 'could not access file "nonsense"'; }
until_true 60 log_tells || fail "bibctl logs does not tell: $(bibctl logs 2>&1)"
stop_node
