# bibctl top shows who asks how much and how long answers take; on a terminal it quits, gives way and gives
# the terminal back
. "$(dirname "$0")/../lib.sh"
requires psql python3
start_node
python3 - "$DIR/run" <<'PY' &
import sys, time
from wire import Session
busy, lazy = Session(sys.argv[1], user="query", timeout=300), Session(sys.argv[1], user="write", timeout=300)
lazy.query("begin"); lazy.query("select 'lazy'")
end = time.time() + 60
while time.time() < end: busy.query("select 'busy'"); time.sleep(.002)
PY
load=$!; started+=("$load")
counted() { [ "$(bibctl metrics | awk '$1 == "bibd_statements_total" { print $2 }')" -gt 10 ]; }
until_true 20 counted || fail "nobody asks"
victim=$(worker keeper); kill -9 "$victim"; until_true 5 new_worker keeper "$victim" || fail "no new keeper"
out=$(bibctl top -n 2 --interval 1s) || fail "top: $out"
case $out in *$'\033'*) fail "escapes on what is no terminal" ;; esac
equal "$(grep -c '^ready: clients are served since' <<<"$out")" 2 "blocks"
contains "$out" "clients     admin 0, write 1, query 1, " "clients by role"
contains "$out" "restarts    bibd-keeper 1 (" "restarts"
grep -qE '^pool +[12] of 10 open, [0-2] busy, 0 pinned, 0 writers waiting$' <<<"$out" || fail "the pool: $out"
grep -qE '^store +open, .*, WAL ' <<<"$out" || fail "the store: $out"
grep -qE '^answers +median .* ms, 90 % .* ms, 99 % .* ms, 99.9 % .* ms$' <<<"$out" || fail "percentiles: $out"
rate=$(sed -nE 's/^rate +([0-9]+)\.[0-9] statements.*/\1/p' <<<"$out" | tail -n 1)
[ "${rate:-0}" -ge 20 ] || fail "a client that asks all the time: $out"
less "$rate" 600 "statements a second of a client that waits 2 ms before each"
grep -A1 '^ID ' <<<"$out" | grep -qE '^[0-9]+ +query .*select \?$' || fail "the busiest client is not the first: $out"
bibctl top -n 0 >/dev/null 2>&1; equal $? 64 "no blocks at all"
bibctl top --json >/dev/null 2>&1; equal $? 64 "top in JSON"
"$BIBCTL" -s "$WORK" top -n 1 >/dev/null 2>&1; equal $? 69 "top where nobody is"

python3 - "$BIBCTL" "$DIR/run" "$(worker control)" "$SLOW" <<'PY' || fail "on a terminal"
import fcntl, os, pty, re, select, signal, struct, sys, termios, time
bibctl, run, control, slow = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
def size(fd, rows, columns): fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
BLOCK = r"restarts[^J]*\x1b\[J"
class Top:
    def __init__(self, interval):
        self.master, self.slave = pty.openpty(); size(self.master, 20, 70); self.out = ""
        self.before = termios.tcgetattr(self.slave)
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid(); fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            for fd in 0, 1, 2: os.dup2(self.slave, fd)
            os.execve(bibctl, ["bibctl", "-s", run, "top", "--interval", interval], {"TERM": "xterm"})
    def until(self, word, seconds=10):
        end = time.time() + seconds * slow
        while not re.search(word, self.out):
            assert time.time() < end, f"no {word} in {self.out!r}"
            if select.select([self.master], [], [], .1)[0]: self.out += os.read(self.master, 65536).decode()
        return self
    def ends(self, status):
        self.until("\\Z"); end = time.time() + 10 * slow
        while (got := os.waitpid(self.pid, os.WNOHANG))[0] == 0:
            if select.select([self.master], [], [], .05)[0]: os.read(self.master, 65536)
            assert time.time() < end, "it does not end"
        assert got[1] == status, f"ended with {got[1]}, not {status}"
        assert termios.tcgetattr(self.slave) == self.before, "the terminal is not as it was"
def widths(text):
    return [len(re.sub("\033\\[[0-9;]*[A-Za-z]", "", line)) for line in text.replace("\r", "").split("\n")]
t = Top("1s").until(BLOCK)
assert t.out.startswith("\033[H") and "\033[32mready" in t.out and max(widths(t.out)) <= 70, t.out
assert not termios.tcgetattr(t.slave)[3] & (termios.ICANON | termios.ECHO), "keys are not read one by one"
t.until("rate +[1-9]"); os.write(t.master, b"q"); t.ends(0)
t = Top("1h").until(BLOCK); t.out = ""; size(t.master, 8, 40); t.until("\033\\[J", 5)
first = t.out.split("\033[J")[0]; assert max(widths(first)) <= 40 and first.count("\n") <= 7, t.out
os.write(t.master, b"\x03"); t.ends(0)                          # Ctrl-C
t = Top("1h").until(BLOCK); os.kill(t.pid, signal.SIGTERM); t.ends(signal.SIGTERM)
t = Top("1h").until(BLOCK); os.write(t.master, b"\x1a")    # Ctrl-Z
end = time.time() + 10 * slow
while open(f"/proc/{t.pid}/stat").read().rsplit(")", 1)[1].split()[0] != "T": assert time.time() < end, "not stopped"
assert termios.tcgetattr(t.slave) == t.before, "the terminal of what is stopped"
t.out = ""; os.kill(t.pid, signal.SIGCONT); t.until(BLOCK); os.write(t.master, b"Q"); t.ends(0)
t = Top("1s").until(BLOCK); os.kill(control, signal.SIGSTOP)  # nobody answers, and then another control does
t.until("no answer, asking again: ", 20)
t.out = ""
t.until("ready.*: clients are served", 30)
os.write(t.master, b"q")
t.ends(0)
PY
kill "$load" 2>/dev/null
stop_node
bibctl top -n 1 >/dev/null 2>&1; equal $? 69 "top without the daemon"
