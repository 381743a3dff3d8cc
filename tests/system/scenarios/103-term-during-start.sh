# SIGTERM at any moment of a start ends with 0 and leaves no process and no socket
. "$(dirname "$0")/../lib.sh"
requires python3
python3 - "$BIBD" "$WORK" "$ME" <<'PY' || fail "see above"
import os, signal, subprocess, sys, time
bibd, work, me = sys.argv[1:]
bad = 0
for i in range(24):
    delay = i * 0.150 / 20
    d = f"{work}/n{i}"; os.mkdir(d)
    with open(f"{d}/bibd.yaml", "w") as f:
        f.write(f"node: {{data_dir: {d}/data}}\nlisten: {{path: {d}/run}}\naccess:\n  - {{user: {me}, roles: "
            f"[admin]}}\n")
    # SIGTERM is blocked across exec until bibd unblocks it: what comes before its main is not lost, and not its fault
    p = subprocess.Popen([bibd, "-f", f"{d}/bibd.yaml"], stderr=open(f"{d}/log", "w"), start_new_session=True,
                         preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM]))
    time.sleep(delay)
    p.send_signal(signal.SIGTERM)
    try:
        status = p.wait(15)
    except subprocess.TimeoutExpired:
        status = "still running"; p.kill(); p.wait()
    left = [f for f in (".s.PGSQL.5432", "control.sock") if os.path.exists(f"{d}/run/{f}")]
    time.sleep(0.05)
    alive = subprocess.run(["pgrep", "-s", str(p.pid)], capture_output=True, text=True).stdout.split()
    if status != 0 or left or alive:
        bad += 1
        print(f"after {delay * 1000:.0f} ms: exit {status}, left {left}, alive {alive}: "
            f"{open(d + '/log').read()[-300:]}")
sys.exit(bad != 0)
PY
