# A statement that is refused inside of another (PREPARE, EXPLAIN, DECLARE, COPY, EXECUTE, FETCH, MOVE) reaches the
# trail
. "$(dirname "$0")/../lib.sh"
requires psql python3
start_node
sql "create table s (a int); insert into s values (1), (2)" || fail "setup"
python3 - "$DIR/run" <<'PY' || fail "see above"
import sys, time
from wire import Failed, Session
d = sys.argv[1]
inner = ["delete from s", "select * from bibd.audit", "update s set a = 3"]
commands = ["prepare p{n} as {0}", "explain {0}", "declare c{n} cursor with hold for {1}", "copy ({1}) to stdout",
    "copy ({0} returning a) to stdout", "begin; declare d{n} cursor for {1}", "prepare q{n} as {2}", "explain {2}"]
n = 0
def refused(run, text):
    try: run(text); sys.exit(f"{text}: not refused")
    except Failed as e: assert e.code == "42501", f"{text}: {e}"
for how in "simple", "extended":
    for command in commands:
        n += 1
        s = Session(d, user="query")
        def extended(text):
            s.send("P", b"\0" + text.encode() + b"\0\0\0"); s.send("B", b"\0\0\0\0\0\0\0\0")
            s.send("E", b"\0\0\0\0\0"); s.send("S"); s.until_ready()
        text = command.format(*inner, n=n)
        for part in text.split("; ")[:-1]: s.query(part)
        refused(s.query if how == "simple" else extended, text.split("; ")[-1])
        time.sleep(.12) # the trail keeps ten refusals of a second
        if s.state != "I": s.query("rollback")
        assert s.query("select count(*) from s") == [["2"]]
        s.close()
# What was prepared while it was allowed, and is refused when it runs.
w = Session(d, user="write"); w.query("prepare w as insert into s values (3)")
w.query("set default_transaction_read_only = on")
try: w.query("execute w"); sys.exit("a read-only transaction wrote")
except Failed as e: assert e.code == "25006", e
w.query("set default_transaction_read_only = off")
w.query("begin"); w.query("declare c cursor for select a from s")
assert w.query("fetch 1 from c") == [["1"]]; w.query("move 1 in c"); w.query("commit")
w.query("execute w")
for text in "fetch 1 from c", "move 1 in c", "execute nothing":
    try: w.query(text); sys.exit("?")
    except Failed as e: assert e.code in ("34000", "26000"), e
PY
# The trail has each of them, in the words that were refused.
texts() {
	sql -U audit "select distinct statement from bibd.audit where kind = 'refused' order by 1" | tr -d "[:cntrl:]"
}
wanted='delete from sdelete from s returning aselect * from bibd.auditupdate s set a = '
complete() { [ "$(texts)" = "$wanted" ]; }
until_true 5 complete || fail "the trail has: $(texts)"
stop_node
! grep -q 'AddressSanitizer\|runtime error' "$DIR/log" || fail "$(grep -m 3 'Sanitizer\|runtime error' "$DIR/log")"
