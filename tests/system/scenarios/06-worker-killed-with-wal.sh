# kill -9 of the sqlite worker with 60 MiB of WAL to recover: answered within 100 ms
. "$(dirname "$0")/../lib.sh"
requires psql python3
HEALTH="interval: 500ms, action: retry_always"
start_node
python3 - "$DIR/run" <<'PY' || fail "filling the WAL"
import sys
from wire import Session
s, r = Session(sys.argv[1]), Session(sys.argv[1])
s.query("create table w (n int primary key, b text)")
r.query("begin isolation level repeatable read")
r.query("select count(*) from w")  # a snapshot that keeps the WAL from being reset
for i in range(0, 56000, 1000):
    s.query("insert into w values " + ",".join(f"({n},'{'x' * 1000}')" for n in range(i, i + 1000)))
PY
wal=$(stat -c %s "$DIR"/data/sqlite/*-wal 2>/dev/null || echo 0)
[ "$wal" -gt $((40 * 1024 * 1024)) ] || fail "the WAL holds only $wal bytes"
worst=0
for _ in 1 2 3; do
	kill -9 "$(worker sqlite)"; start=$(now_ms)
	python3 -c 'import sys; from wire import Session; sys.exit(Session(sys.argv[1]).query("select count(*) from w")[0][0] != "56000")' "$DIR/run" ||
	    fail "rows are missing after the recovery"
	took=$(($(now_ms) - start)); [ $took -gt $worst ] && worst=$took
	sleep 1.2
done
less $worst 220 "ms until answered, python's start and a count of 56000 rows included"
say "WAL of $((wal / 1048576)) MiB: worst answer $worst ms, python's start and a full count included"
