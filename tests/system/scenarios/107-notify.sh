# sd_notify: READY=1 when clients are served, WATCHDOG=1, RELOADING and STOPPING=1; also on an abstract socket
. "$(dirname "$0")/../lib.sh"
requires python3
configure node
python3 - "$BIBD" "$CONFIG" "$DIR/run" "$WORK" <<'PY' || fail "see above"
import os, socket, subprocess, sys, time
from wire import Session
bibd, config, run, work = sys.argv[1:]
for path, name in ((f"{work}/notify", f"{work}/notify"),
        ("\0bibd-test-%d" % os.getpid(), "@bibd-test-%d" % os.getpid())):
    n = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); n.bind(path); n.settimeout(20)
    if not path.startswith("\0"): os.chmod(path, 0o777)
    p = subprocess.Popen([bibd, "-f", config], env={**os.environ, "NOTIFY_SOCKET": name, "WATCHDOG_USEC": "2000000"},
                         stderr=open(f"{work}/node/log", "a"))
    seen = []
    def wait_for(word, end=20):
        end += time.monotonic()
        while time.monotonic() < end:
            seen.append(n.recv(4096).decode())
            if any(l.startswith(word) for l in seen[-1].splitlines()): return
        print("no", word, "in", seen); p.kill(); sys.exit(1)
    wait_for("READY=1")
    assert Session(run).query("select 1") == [["1"]], "READY=1 before clients are served"
    wait_for("WATCHDOG=1")
    p.terminate(); wait_for("STOPPING=1")
    assert p.wait(20) == 0
    assert any("STATUS=" in s for s in seen), "no STATUS="
PY
