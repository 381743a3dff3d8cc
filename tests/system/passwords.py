"""passwords.py PID: prints the passwords in that process's memory, as they stand before their verifiers.
passwords.py PID FILE: ends with 1 when one of the words in FILE is in its memory, with 0 when none is.
Both end with 2 when the memory can't be read."""
import re
import sys

LINE = re.compile(rb"(?<![0-9a-f])([0-9a-f]{128})[ \0\n]{1,8}SCRAM-SHA-256\$")
PIECE = 1 << 24
OVERLAP = 4096  # what is searched for is shorter, and may lie across two pieces
SHADOW = 1 << 40  # no program has so much: it is what a sanitizer keeps about each byte, none of which is the byte


def regions(pid):
    for line in open(f"/proc/{pid}/maps"):
        span, mode, *_ = line.split()
        low, high = [int(x, 16) for x in span.split("-")]
        if mode.startswith("rw") and "[v" not in line and high - low < SHADOW:
            yield low, high


def memory(pid):
    with open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for low, high in regions(pid):
            for at in range(low, high, PIECE):
                try:
                    mem.seek(at)
                    yield mem.read(min(PIECE + OVERLAP, high - at))
                except (OSError, ValueError, OverflowError):
                    continue


def search(pid, words=None):
    if words is None:
        found = {m[1].decode() for block in memory(pid) for m in LINE.finditer(block)}
        print("\n".join(sorted(found)))
        return 0 if found else 1
    with open(words, "rb") as file:
        wanted = file.read().split()
    return 1 if any(w in block for block in memory(pid) for w in wanted) else 0


try:
    sys.exit(search(*sys.argv[1:]))
except Exception as e:
    print(f"the memory of {sys.argv[1]} cannot be searched: {e!r}", file=sys.stderr)
    sys.exit(2)
