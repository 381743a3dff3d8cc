# Garbage on the client socket and on the control socket costs that peer its connection and nothing else
. "$(dirname "$0")/../lib.sh"
requires python3 psql
start_node
pids=$(children "$PID" | sort)
python3 - "$DIR/run" <<'PY' || fail "see above"
import os, random, socket, struct, sys
from wire import Session
d = sys.argv[1]; random.seed(7)
def closed(s, what):
    s.settimeout(15)
    got = b""
    try:
        while part := s.recv(65536): got += part
    except ConnectionError: pass
    except socket.timeout: print("not dropped:", what); sys.exit(1)
    return got
def raw(kind, path, *parts):
    s = socket.socket(socket.AF_UNIX, kind); s.connect(f"{d}/{path}")
    try:
        for p in parts: s.sendall(p)
    except (ConnectionError, OSError): pass
    return s
P = ".s.PGSQL.5432"
for i in range(60):
    s = raw(socket.SOCK_STREAM, P, struct.pack("!i", random.choice([8, 100, 9999])) + os.urandom(10000))
    closed(s, f"random startup {i}")
for length in (0, 1, 3, 7, 0x7fffffff, -1, -2**31, 10005, 20000):
    got = closed(raw(socket.SOCK_STREAM, P, struct.pack("!i", length) + b"\0" * 16), f"startup length {length}")
    assert got == b"", f"startup length {length}: PostgreSQL does not answer, bibd {got}"
idle = raw(socket.SOCK_STREAM, P, struct.pack("!i", 0x7ffffff0) + struct.pack("!i", 3 << 16))
closed(idle, "startup of 2 GB")
for length in (0x7fffffff, 2, -1, -2**31):
    s = Session(d)
    s.socket.sendall(b"Q" + struct.pack("!i", length) + b"select 1\0")
    closed(s.socket, f"message of length {length}")
for i in range(40):
    s = Session(d)
    s.socket.sendall(os.urandom(3000))
    s.socket.shutdown(socket.SHUT_WR)
    closed(s.socket, f"random messages {i}")
for i in range(60):     # the control socket, as packets and as a stream: whichever it is, the other kind is refused
    for kind in (socket.SOCK_SEQPACKET, socket.SOCK_STREAM):
        try: s = raw(kind, "control.sock", os.urandom(random.choice([1, 11, 12, 16, 64, 4096, 16000])))
        except OSError: continue
        try: s.shutdown(socket.SHUT_WR)
        except OSError: pass
        closed(s, f"control {i}")
PY
equal "$(children "$PID" | sort)" "$pids" "the workers' pids"
answers || fail "psql is not answered afterwards"
ready >/dev/null || fail "bibctl is not answered afterwards"
if [ "$(id -u)" = 0 ] && [ "$SLOW" = 1 ]; then
	peak=$(awk '/^VmHWM:/ { print $2 }' "/proc/$(worker sqlite)/status")
	less "$peak" 65536 "kB at the worker's peak"
	say "the worker's peak was $peak kB"
fi
