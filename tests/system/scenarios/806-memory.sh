# A statement that takes all memory it can get pays alone: 53200, while the worker lives, others go on and admin gets in
# seconds: 400
. "$(dirname "$0")/../lib.sh"
requires psql python3
if grep -qE '__[at]san_init' "$BUILD/bibd-sqlite"; then say "memory is not counted beside a sanitizer"; exit 0; fi
# A cgroup of 1 GB where one can be made: then the kernel kills what goes beyond. The worker's own bound is far below.
group=/sys/fs/cgroup/memory/bibd-test-$$
if mkdir "$group" 2>/dev/null && echo 1G >"$group/memory.limit_in_bytes" 2>/dev/null; then
	trap 'cleanup; rmdir "$group"' EXIT
else group=/sys/fs/cgroup/bibd-test-$$
	if mkdir "$group" 2>/dev/null && echo 1G >"$group/memory.max" 2>/dev/null; then
		trap 'cleanup; rmdir "$group"' EXIT
	else
		rmdir "$group" 2>/dev/null; group=
	fi
fi
SQLITE="memory_mb: 128"
DATABASE="  roles: {audit: {statement_timeout: 300ms}, admin: {temp_file_limit_mb: 16}, query: {work_mem_mb: 24, \
temp_file_limit_mb: 16}, write: {work_mem_mb: 64, temp_file_limit_mb: 16}}"
configure node; launch
[ -z "$group" ] || echo "$PID" >"$group/cgroup.procs" || group=
wait_ready
[ -z "$group" ] || for w in $(children "$PID"); do echo "$w" >"$group/cgroup.procs"; done
say "cgroup: ${group:-none}"
sql "create table t (a int primary key, v text); insert into t select g, 'v' from generate_series(1, 1000) g" ||
    fail "setup"
worker=$(worker sqlite)
python3 - "$DIR/run" "$((SLOW * BESIDE))" "$worker" <<'PY' || fail "see above"
import struct, sys, threading, time
from wire import Failed, Session, bind, message, parse
d, slow, worker = sys.argv[1], int(sys.argv[2]), sys.argv[3]
stop, slowest, wrong, served = threading.Event(), [0.0], [], [0]
def behaves(n):
    s = Session(d, user="write", timeout=60 * slow)
    while not stop.is_set():
        begun = time.monotonic()
        try:
            if s.query(f"select v from t where a = {n + 1}") != [["v"]]: wrong.append("rows")
            s.query(f"update t set v = 'v' where a = {n + 1}")
            served[0] += 1
        except (Failed, OSError) as e: wrong.append(repr(e)); return
        slowest[0] = max(slowest[0], time.monotonic() - begun)
        time.sleep(.05)
others = [threading.Thread(target=behaves, args=(n,)) for n in range(10)]
for t in others: t.start()
def admin(what): # a second on a machine that has nothing else to do, such as to send all this from one interpreter
    begun = time.monotonic(); s = Session(d); s.query("select 1"); s.close(); took = time.monotonic() - begun
    if took > 5 * slow: sys.exit(f"{what}: admin got in after {took:.2f} s")
def code(does):
    try: does()
    except Failed as e: return e.code
    return "none"
def meet(what, does, *codes):
    got, begun = [], time.monotonic()
    t = threading.Thread(target=lambda: got.append(code(does))); t.start()
    while t.is_alive(): admin(what); t.join(.3)
    with open(f"/proc/{worker}/status") as f: peak = next(l.split()[1] for l in f if l.startswith("VmHWM"))
    print(f"{what}: {got}, {time.monotonic() - begun:.1f} s, peak {int(peak) >> 10} MiB", flush=True)
    if not got or got[0] not in codes: sys.exit(f"{what}: {got}, not {codes}")
    if wrong: sys.exit(f"beside {what}: {wrong[:3]}")
def statement(text, user="query"):
    def does():
        s = Session(d, user=user, timeout=120 * slow)
        try: s.query(text)
        finally: # it lives on
            assert s.query("select 2") == [["2"]]
    return does
huge = "from generate_series(1, 1000000000) g"
def chain(step):
    return "with c0 as (select 1 x), " + ", ".join(f"c{i+1} as ({step.format(i=i)})"
        for i in range(24)) + " select * from c24"
memory = "53200",
meet("array_agg", statement(f"select array_agg(g) {huge}"), *memory)
meet("string_agg", statement(f"select string_agg(g::text, ',') {huge}"), *memory)
meet("json_agg", statement(f"select json_agg(g) {huge}"), *memory)
meet("a large value", statement("select repeat('x', 60000000)"), *memory)
meet("large values in a row", statement("select " + ", ".join(["repeat('x', 6000000)"] * 8)), *memory)
meet("count(distinct)", statement(f"select count(distinct g) {huge}"), "53400")
meet("group by", statement(f"select g, count(*) {huge} group by g"), "53400")
meet("order by", statement(f"select g {huge} order by -g"), "53400")
meet("a temporary table", statement(f"create temp table bomb as select g {huge}", "admin"), "53400")
meet("a chain of CTEs", statement(chain("select a.*, b.* from c{i} a, c{i} b")), *memory, "54011")
meet("another chain of CTEs", statement(chain("select x from c{i} union all select x from c{i}")), *memory)
meet("a third one", statement(chain("select a.x from c{i} a, c{i} b")), *memory)
meet("a fourth", statement(chain("select (select x from c{i}) + (select x from c{i}) as x")), *memory)
meet("many literals", statement("select 1 where 1 in (" + ",".join(["1"] * 300000) + ")"), *memory)
meet("many literals in several statements", statement("select 1; select " + ",".join(["1"] * 300000)), *memory)
def at_once(n, does):
    def all_of_them():
        got = []
        ts = [threading.Thread(target=lambda: got.append(code(does))) for _ in range(n)]
        for t in ts: t.start()
        for t in ts: t.join()
        if set(got) != {"53200"} or len(got) != n: sys.exit(f"of {n}: {got}")
        raise Failed({"C": "53200"})
    return all_of_them
def feed(kind, begin, last):
    """A message of 48 MB, a piece at a time."""
    def does():
        s = Session(d, user="write", timeout=120 * slow)
        size, piece = 48 << 20, b"x" * (1 << 20)
        s.socket.sendall(kind + struct.pack("!i", size + 4) + begin)
        sent = len(begin)
        while sent < size:
            n = min(len(piece), size - sent); s.socket.sendall(piece[:n]); sent += n
        s.socket.sendall(last)
        try: s.until_ready()
        finally: assert s.query("select 2") == [["2"]]
    return does
meet("eight large queries", at_once(8, feed(b"Q", b"select '", b"")), *memory)
meet("eight large binds", at_once(8, feed(b"B", b"\0\0", message("S"))), *memory)
def copies():
    s = Session(d, user="write", timeout=120 * slow)
    s.send("Q", b"copy t from stdin\0")
    while s.message()[0] != "G": pass
    for _ in range(48): s.send("d", b"x" * (1 << 20))
    s.send("c")
    try: s.until_ready()
    finally: assert s.query("select 2") == [["2"]]
meet("eight COPY rows without an end", at_once(8, copies), *memory)
meet("eight array_agg", at_once(8, statement(f"select array_agg(g) {huge}")), *memory)
# A role's time, which the session may set itself.
meet("a role's statement_timeout", statement(f"select count(*) {huge}", "audit"), "57014")
s = Session(d, user="audit")
assert s.query("show statement_timeout") == [["300ms"]]
s.query("set statement_timeout = 0"); s.query("select pg_sleep(.5)")
# What is large and fits is served as ever, after all that.
s = Session(d, user="write")
s.query("insert into t values (5001, '" + "y" * 4000000 + "')")
assert s.query("select length(v) from t where a = 5001") == [["4000000"]]
assert len(s.query("select v from t where a = 5001")[0][0]) == 4000000
stop.set()
for t in others: t.join()
if wrong: sys.exit(f"{wrong[:3]}")
print(f"others: {served[0]} times, the slowest {slowest[0]:.2f} s")
PY
equal "$(worker sqlite)" "$worker" "the worker's pid"
! "$BIBCTL" -s "$DIR/run/control.sock" events | grep -q "process.ended" || fail "a worker ended"
stop_node
