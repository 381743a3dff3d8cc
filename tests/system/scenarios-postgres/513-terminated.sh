# When the server process whose pid a client was told is terminated, that client's session ends, as on plain PostgreSQL
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
start_postgres
timeout 100 python3 - "$DIR/run" "$PGDIR/run" <<'PY' || fail "see above"
import subprocess, sys, time
from wire import Failed, Session
bibd, plain = sys.argv[1:]
def open_session(d):
    if d == plain: return Session(d, "postgres")
    # One that was told the pid of a server process, which is idle now.
    for _ in range(20):
        s = Session(d, "write")
        if s.process == int(s.query("select pg_backend_pid()")[0][0]): return s
        s.close(); time.sleep(.5)
    sys.exit("no session has its server process's pid")
def terminate(pid):
    out = subprocess.run(["psql", "-h", plain, "-U", "postgres", "-XqAtc", f"select pg_terminate_backend({pid})"],
        capture_output=True, text=True).stdout
    assert out == "t\n", out
def end_of(s, what):
    "What the client is told without asking for anything, and that the connection is closed."
    try: s.until_ready(); return "an answer"
    except Failed as e: told = f"{e.code} {e}"
    try: s.message(); return "more"
    except (ConnectionResetError, BrokenPipeError): return told
for what in ("idle", "in a transaction", "at work"):
    ends = []
    for d in (plain, bibd):
        s, beside = open_session(d), Session(bibd, "write")
        if what != "idle": s.query("begin"); s.query("select 1")
        if what == "at work": s.send("Q", b"select pg_sleep(60)\0"); time.sleep(.3)
        terminate(s.process)
        ends.append(end_of(s, what))
        assert beside.query("select 'beside'") == [["beside"]]
        beside.close()
    assert ends[0] == ends[1] and "57P01" in ends[0], (what, ends)
PY
# A stop of the server says the same to each process, and ends nobody who is idle.
mkfifo "$WORK/pipe"; psql -h "$DIR/run" -XqAt <"$WORK/pipe" >"$WORK/idle" 2>&1 & started+=("$!")
exec 7>"$WORK/pipe"
echo "select 'before';" >&7
until_true 10 grep -q before "$WORK/idle" || fail "no session: $(cat "$WORK/idle")"
bibctl restart server >/dev/null || fail "restart server"
until_true 60 answers || fail "no answer"
echo "select 'after';" >&7
until_true 10 grep -q after "$WORK/idle" || fail "it ended: $(cat "$WORK/idle")"
exec 7>&-
stop_node
