# A function outlives a restart and goes with a rollback, gives no role more than its own, and ends when its time is up
. "$(dirname "$0")/../lib.sh"
requires psql python3
start_node
sql "create table item (id int primary key); create function twice(x int) returns int language plpgsql as
    'begin return x * 2; end'" >/dev/null
equal "$(sql 'select twice(21)')" 42 "a function"
sql "begin; create or replace function twice(x int) returns int language sql as 'select 0'; rollback" >/dev/null
equal "$(sql 'select twice(21)')" 42 "after a replacement that was rolled back"
stop_node
start_node
equal "$(sql 'select twice(21)')" 42 "after a restart"

sql "create function fill() returns void language plpgsql as 'begin insert into item values (1); end'" >/dev/null
equal "$(state -U query 'select fill()')" 42501 "what query may not do"
equal "$(sql 'select count(*) from item')" 0 "rows that query has made"

begun=$(now_ms)
equal "$(state -c "set statement_timeout = '200ms'" 'do $$ begin loop null; end loop; end $$')" 57014 "an endless loop"
less $(($(now_ms) - begun)) 1500 "ms until it had ended"

# One is made while another session's definition is not committed yet, after which the schema is read anew.
python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, threading, time
from wire import Session
a, b = Session(sys.argv[1]), Session(sys.argv[1])
b.query("create function items() returns setof item language sql as 'select * from item'")
b.query("drop function items()")
a.query("begin")
a.query("create table meanwhile (n int)")
failures = []
def define():
    try: b.query("create function items() returns setof item language sql as 'select * from item'")
    except Exception as e: failures.append(str(e))
t = threading.Thread(target=define)
t.start()
time.sleep(0.5)
a.query("commit")
t.join(30)
assert not t.is_alive() and not failures, failures
assert b.query("select count(*) from items()") == [["0"]]
PY
stop_node
