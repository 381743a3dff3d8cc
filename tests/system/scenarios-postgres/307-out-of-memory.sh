# The server ended by the kernel for want of memory: the cause line and the event say that; no acknowledged row is lost
. "$(dirname "$0")/../postgres.sh"
requires psql python3
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 500ms"
POSTGRES="    memory_mb: 160
    max_connections: 30
    pool: {size: 10}"
start_postgres
load_start
before=$(event_count)
# the kernel is to choose the postmaster: of what it looks at, the greatest, and weighed by oom_score_adj
superuser -d bibd \
    "set work_mem = '2GB'; select pg_sleep(1); select count(*) from (select n, repeat(md5(n::text), \
40) x from generate_series(1, 3000000) n order by x) q" >"$WORK/hog" 2>&1 & hog=$!
sleep 0.5
for p in $(pgrep -u _bibpg); do echo -1000 >"/proc/$p/oom_score_adj" 2>/dev/null; done
echo 1000 >"/proc/$(postmaster)/oom_score_adj"
wait $hog
until_true 20 event_since "$before" server.out_of_memory ||
    fail "not named: $(bibctl events | tail -n +$((before + 1))); $(cat "$WORK/hog")"
load_goes_on 40 || fail "no insert afterwards: $(tail -n 5 "$DIR/log")"
grep 'the PostgreSQL server failed' "$DIR/log" | grep -q memory || fail "no cause line: $(tail -n 5 "$DIR/log")"
load_stop; stop_node
[ ! -e oom ] || fail "the engine has left a file \"oom\" in $PWD"
say "$ROWS acknowledged, none lost; $(grep -m 1 'the PostgreSQL server failed' "$DIR/log")"
