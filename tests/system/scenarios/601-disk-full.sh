# Out of disk: inserts fail with 53100, reads go on, and writes come back when there is room; a start waits for it
# for: root
. "$(dirname "$0")/../lib.sh"
requires psql
mkdir -p "$WORK/node/data"; chmod 755 "$WORK/node"
mount -t tmpfs -o size=8m,mode=711 bibd-test "$WORK/node/data" 2>/dev/null || skip "no tmpfs can be mounted here"
mounted+=("$WORK/node/data")
start_node
sql 'create table t (a int primary key, b text)' || fail "create"
sql "insert into t values (0, 'first')" || fail "insert"
dd if=/dev/zero of="$WORK/node/data/fill" bs=64k 2>/dev/null
got=
for i in $(seq 1 200); do
	got=$(state "insert into t values ($i, '$(printf 'x%.0s' {1..20000})')"); [ "$got" = ok ] || break
done
equal "$got" 53100 "an insert with no room left"
equal "$(sql 'select b from t where a = 0')" first "a read with no room left"
kept=$(sql 'select count(*) from t')
equal "$kept" "$i" "rows: those acknowledged and no other"
rm "$WORK/node/data/fill"
writes_again() { [ "$(state "insert into t values (1000, 'again')")" = ok ]; }
until_true 10 writes_again || fail "writes have not come back"
until_true 5 ready || fail "not ready afterwards"
# A worker that is started again on the full disk serves reads. A node that is started waits for room, uncounted (longer
# than max_retries times retry_backoff), and says once what for.
fill() { dd if=/dev/zero of="$WORK/node/data/fill" bs=4k 2>/dev/null; }
reads() { [ "$(sql "select count(*) from t")" = $((kept + 1)) ]; }
old=$(worker sqlite)
fill; kill -KILL "$old"
until_true 10 new_worker sqlite "$old" || fail "no new worker"
until_true 10 reads || fail "no reads by a worker that began on a full disk"
rm "$WORK/node/data/fill"
writes_once_more() { [ "$(state "update t set b = 'more' where a = 1000")" = ok ]; }
until_true 10 writes_once_more || fail "writes have not come back to that worker"
stop_node; : >"$DIR/log"; fill; launch
waits() { bibctl status | grep -q "opening the store" && [ "$(log_lines "waiting for room on the disk")" = 1 ]; }
until_true 10 waits || fail "a start on a full disk does not wait for room: $(bibctl status)"
sleep 4
alive "$PID" || fail "a start on a full disk: it ended"
equal "$(log_lines "waiting for room on the disk"):$(bibctl events | grep -c "store.disk_full.*no space left")" 1:1 \
    "how often it is said"
rm "$WORK/node/data/fill"
until_true 20 ready || fail "not ready when there is room again"
reads || fail "rows after that: $(sql "select count(*) from t")"
equal "$(state "update t set b = 'as ever' where a = 1000")" ok "writes after that"
stop_node
# Nothing is there yet, and there is no room to make it, or only part of it: it waits likewise, once told, and a signal
# stops it.
rm -rf "$WORK"/node/data/*
for room in 0 8 12; do # KiB: node.id, then what says where the rows are, then secrets and the database
	: >"$DIR/log"; rm -rf "$WORK"/node/data/*; fill; truncate -s -${room}k "$WORK/node/data/fill"; launch
	told() { grep -q "No space left on device\|no space left on the disk" "$DIR/log"; }
	until_true 10 told || fail "the first start of all with $room KiB: $(cat "$DIR/log")"
	sleep 4
	alive "$PID" || fail "the first start of all with $room KiB ended: $(cat "$DIR/log")"
	equal "$(log_lines "waiting for room on the disk")" 1 \
	    "how often the first start with $room KiB says what it waits for"
	rm "$WORK/node/data/fill"
	until_true 20 ready || fail "the first start of all with $room KiB: not ready when there is room"
	equal "$(sql "create table t (a int); insert into t values ($room); select a from t")" $room "writes then"
	stop_node
done
: >"$DIR/log"; rm -rf "$WORK"/node/data/*; fill; launch
until_true 10 told || fail "the first start of all: $(cat "$DIR/log")"
kill -TERM "$PID"; reap 5
equal "$STATUS" 0 "a start that waits for room, stopped"
rm "$WORK/node/data/fill"
HEALTH="interval: 500ms, action: shutdown" configure node; : >"$DIR/log"; fill; launch; reap 10
equal "$STATUS" 74 "the first start of all on a full disk with health.action shutdown"
