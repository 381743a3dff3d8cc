"""passwords.py PID: prints the passwords in that process's memory, as they stand before their verifiers.
passwords.py PID FILE: fails when one of the words in FILE is in its memory."""
import re
import sys

LINE = re.compile(rb"(?<![0-9a-f])([0-9a-f]{128})[ \0\n]{1,8}SCRAM-SHA-256\$")


def regions(pid):
    for line in open(f"/proc/{pid}/maps"):
        span, mode, *_ = line.split()
        if mode.startswith("rw") and "[v" not in line:
            yield [int(x, 16) for x in span.split("-")]


def memory(pid):
    with open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for low, high in regions(pid):
            try:
                mem.seek(low)
                yield mem.read(high - low)
            except (OSError, ValueError, OverflowError):
                continue


pid = sys.argv[1]
if len(sys.argv) == 2:
    found = {m[1].decode() for block in memory(pid) for m in LINE.finditer(block)}
    print("\n".join(sorted(found)))
    sys.exit(0 if found else 1)
wanted = [w.encode() for w in open(sys.argv[2]).read().split()]
sys.exit(1 if any(w in block for block in memory(pid) for w in wanted) else 0)
