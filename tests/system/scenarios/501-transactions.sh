# Isolation, deadlines of what pins a connection, and no "database is locked" under many writers
. "$(dirname "$0")/../lib.sh"
requires psql python3
start_node
python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, threading
from wire import Failed, Session
d = sys.argv[1]
s = Session(d); s.query("create table c (id int primary key, n int)"); s.query("insert into c values (1, 0)")
errors = []
def add():
    m = Session(d, "write")
    for _ in range(20):
        try: m.query("begin"); m.query("update c set n = n + 1 where id = 1"); m.query("commit")
        except Failed as e: errors.append(str(e)); return
ts = [threading.Thread(target=add) for _ in range(20)]
for t in ts: t.start()
for t in ts: t.join()
assert not errors, errors[:3]
assert s.query("select n from c") == [["400"]], s.query("select n from c")
a, b = Session(d), Session(d)
a.query("begin isolation level repeatable read"); a.query("select n from c")
b.query("update c set n = 0")
assert a.query("select n from c") == [["400"]], "a snapshot moved"
try: a.query("update c set n = 1"); sys.exit("a stale snapshot wrote")
except Failed as e: assert e.code == "40001", e
assert a.state == "E"; a.query("rollback")
a.query("set idle_in_transaction_session_timeout = '300ms'"); a.query("begin"); a.query("update c set n = 2")
import time; time.sleep(1.5)
try: a.query("select 1"); sys.exit("an idle transaction was left open")
except Failed as e: assert e.code == "25P03", e
except (ConnectionResetError, BrokenPipeError): pass
assert b.query("select n from c") == [["0"]]
b.query("begin")
b.query("update c set n = 5")
b.query("savepoint x")
b.query("update c set n = 6")
b.query("rollback to x")
b.query("commit")
assert b.query("select n from c") == [["5"]]
PY
