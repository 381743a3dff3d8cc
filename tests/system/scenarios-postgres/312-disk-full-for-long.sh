# A disk that fills is told before it is full; one that is full for longer than all retries take ends no node: it is
# told once as what it is, waited for, and writes come back by themselves when there is room
# engines: docker
# alone: the times between tries
. "$(dirname "$0")/../postgres.sh"
requires psql
HEALTH="interval: 500ms, action: retry_limit, max_retries: 1, retry_backoff: 200ms"
mkdir -p "$WORK/node/data"; chmod 755 "$WORK/node"
mount -t tmpfs -o size=120m,mode=711 bibd-test "$WORK/node/data" || fail "no tmpfs"
mounted+=("$WORK/node/data")
start_postgres
sql 'create table t (a int primary key, b text)' || fail "create"
sql "insert into t values (0, 'first')" || fail "insert"
before=$(event_count) # little room is told while there is some
head -c "$(($(stat -f -c '%a * %S' "$WORK/node/data") - (8 << 20)))" /dev/zero >"$WORK/node/data/fill"
until_true 20 event_since "$before" disk.low || fail "little room is not told: $(bibctl events | tail -n 3)"
event_since "$before" server.disk_full && fail "told too late"
contains "$(bibctl metrics)" 'bibd_disk_free_bytes{path="' "metrics"
dd if=/dev/zero bs=64k 2>/dev/null >>"$WORK/node/data/fill"; before=$(event_count)
fail_for_room() { # the next segments of the log need room that is not there
	local i
	for ((i = 0; i < 30; i++)); do
		superuser -d bibd -c 'select pg_switch_wal()' -c "insert into t values ($i + 10, repeat('x', 1000))" \
		    -c 'checkpoint' "select 1" || return 0
	done
	return 1
}
fail_for_room >/dev/null || fail "the server does not mind a full disk"
until_true 20 event_since "$before" server.disk_full ||
    fail "the cause is not named: $(bibctl events | tail -n +$((before + 1)))"
waits() { bibctl status | head -n 1 | grep -q 'PostgreSQL waits for room on the disk, next try in '; }
until_true 10 waits || fail "status does not say what is waited for: $(bibctl status)"
sleep 6; alive "$PID" || fail "bibd ended"
equal "$(bibctl events | tail -n +$((before + 1)) | grep -c server.disk_full)" 1 "events about the full disk"
rm -f "$WORK/node/data/fill"
writes_again() { [ "$(state "insert into t values (-1, 'again') on conflict do nothing")" = ok ]; }
until_true 60 writes_again || fail "writes have not come back"
equal "$(sql 'select b from t where a = 0')" first "a row of before"
until_true 10 ready || fail "not ready afterwards"
stop_node
say "$(grep -m 1 'failed: .*disk' "$DIR/log" | cut -d' ' -f4-)"
