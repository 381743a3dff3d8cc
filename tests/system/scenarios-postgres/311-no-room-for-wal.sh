# No room for the log of transactions: the server panics; the cause line and the event say that the disk is full
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
HEALTH="interval: 500ms, action: retry_always, retry_backoff: 1s"
mkdir -p "$WORK/node/data"; chmod 755 "$WORK/node"
mount -t tmpfs -o size=160m,mode=711 bibd-test "$WORK/node/data" || fail "no tmpfs"
mounted+=("$WORK/node/data")
start_postgres
before=$(event_count)
load_start
# room is taken as soon as there is some, until a new segment finds none
superuser 'alter system set wal_recycle = off' >/dev/null; superuser 'select pg_reload_conf()' >/dev/null
superuser 'select pg_switch_wal()' >/dev/null; superuser checkpoint >/dev/null
dd if=/dev/zero of="$WORK/node/data/fill" bs=64k 2>/dev/null # room for tables is left, and for no segment
truncate -s "$(($(stat -c %s "$WORK/node/data/fill") - (6 << 20)))" "$WORK/node/data/fill"
for _ in 1 2 3 4; do
	superuser 'create table if not exists s (a int); insert into s values (1); select pg_switch_wal()' >/dev/null \
	    2>&1
done
# a server that recovers by itself removes a segment: that room goes too
named() {
	dd if=/dev/zero of="$WORK/node/data/fill2" bs=64k conv=notrunc oflag=append 2>/dev/null
	event_since "$before" server.disk_full
}
until_true 30 named || fail "not named: $(bibctl events | tail -n +$((before + 1))); $(engine_cli logs \
    "$(container_name)" 2>&1 | tail -n 5)"
grep -E 'the PostgreSQL server failed|a process of PostgreSQL died' "$DIR/log" | grep -qiE 'disk|space' ||
    fail "no cause line: $(tail -n 5 "$DIR/log")"
sleep 3; alive "$PID" || fail "bibd ended"
rm -f "$WORK"/node/data/fill*
load_goes_on 60 || fail "writes have not come back: $(tail -n 5 "$DIR/log")"
load_stop; stop_node
say "$ROWS acknowledged, none lost; $(grep -m 1 -E 'the PostgreSQL server failed|a process of PostgreSQL died' \
    "$DIR/log")"
