# Sequences: what was told is told once, whatever is killed or rolled back; they wait for no writer; stops leave no gap
. "$(dirname "$0")/../lib.sh"
requires psql python3
start_node
FILE=$(find "$DIR" -name 'cache.db-sequences'); [ -n "$FILE" ] || fail "no file beside the database"
sql "create sequence s; create table t (id serial primary key, v text); create sequence c cache 7" >/dev/null
last=0
draws() { # SQL: its values, each above all before
	local n
	for n in $(sql "$1" | grep -E '^[0-9]+$'); do
		[ "$n" -gt "$last" ] || fail "$1 told $n after $last"
		last=$n
	done
}
for _ in 1 2 3 4; do
	draws "begin; select nextval('s'), 'told'; select nextval('s') from generate_series(1, 40); rollback"
	draws "select nextval('s')"
	draws "begin; create table gone (id int default nextval('s')); insert into gone default values returning id; \
rollback"
	victim=$(worker sqlite); kill -9 "$victim"
	until_true 5 answers || fail "no answer after the kill"
done
less "$last" 400 "values skipped by four kills"
# A value is skipped by a kill, never by an orderly stop.
draws "select nextval('s')"; before=$last
stop_node; launch; wait_ready
equal "$(sql "select nextval('s')")" $((before + 1)) "the next value after a stop"
# Nobody waits for the writer, who holds the database for as long as it likes.
python3 - "$DIR/run" <<'PY' || fail "beside a writer"
import subprocess, sys, threading
def start(): return subprocess.Popen(["psql", "-h", sys.argv[1], "-XqAt"], stdin=subprocess.PIPE,
    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)
def ask(p, text):
    p.stdin.write(text + ";\n\\echo end\n"); p.stdin.flush(); lines = []
    for line in p.stdout:
        if line == "end\n": return lines
        lines.append(line.strip())
writer, told, lock = start(), [], threading.Lock()
ask(writer, "begin"); ask(writer, "insert into t (v) values ('held')")
def draw(name):
    p, mine = start(), []
    for _ in range(200): mine += ask(p, f"select nextval('{name}')")
    with lock: told.append((name, [int(n) for n in mine]))
threads = [threading.Thread(target=draw, args=(name,)) for name in ("s", "s", "c", "c")]
for t in threads: t.start()
for t in threads: t.join(30)
for name in "s", "c":
    values = [n for which, list in told for n in list if which == name]
    if len(values) != 400 or len(set(values)) != 400: sys.exit(f"{name}: {len(values)} values, {len(set(values))}")
ask(writer, "rollback")
PY
# Rows, the database alone (as a copy of its file has it), and an older file beside it: no key is told twice.
for _ in 1 2 3; do sql "insert into t (v) select 'x' from generate_series(1, 50)" >/dev/null; done
cp "$FILE" "$WORK/older"
sql "insert into t (v) select 'y' from generate_series(1, 100)" >/dev/null; sql "select setval('c', 5000)" >/dev/null
for how in none older; do
	stop_node
	if [ $how = none ]; then rm "$FILE"; else cp "$WORK/older" "$FILE"; fi
	launch; wait_ready
	sql "insert into t (v) values ('after') returning id" >/dev/null || fail "a key was told twice ($how)"
	less 5000 "$(sql "select nextval('c')")" "after setval ($how)"
done
say "$last was the last of s"
