"""images.py TRACE ACKNOWLEDGED DIRECTORY IMAGES SEED ASK ANSWER: what a disk may hold after a loss of power at any
instant of the trace, for tests/torture/power. Of a file, what was synced is there; of what came after it, a prefix, or
any of its sectors, each as any write since has left it. What is written during a sync need not be in it. Of a
directory, the entries that it had at its last sync, and of later changes a prefix. Each image is opened with SQLite and
held against what was acknowledged before that instant; some are handed to a node by ASK."""
import os
import random
import shutil
import sqlite3
import struct
import sys

OPEN, WRITE, TRUNCATE, SYNC, UNLINK, SYNC_BEGINS = 1, 2, 3, 4, 5, 6
SECTOR = 512


def read_trace(path):
    with open(path, "rb") as f:
        end = struct.unpack("<Q", f.read(8))[0]
        data = f.read(end - 8)
    at = 0
    while at < len(data):
        kind, file, low, high, length, _ = struct.unpack_from("<6I", data, at)
        at += 24
        body = data[at : at + length] if kind in (OPEN, WRITE, UNLINK) else b""
        at += len(body)
        yield at + 8, kind, file, low | high << 32, body


class File:
    """synced: what is on the disk for certain; pending: the operations since, in order; marks: how many operations
    there had been when the sync that a handle is in began."""

    def __init__(self):
        self.synced, self.pending, self.before, self.marks = bytearray(), [], 0, {}

    def sync_begins(self, handle):
        self.marks[handle] = self.before + len(self.pending)

    def sync_ends(self, handle):
        n = max(self.marks.pop(handle) - self.before, 0)
        for kind, offset, body in self.pending[:n]:
            apply(self.synced, kind, offset, body)
        self.pending, self.before = self.pending[n:], self.before + n

    def image(self, pending):
        out = bytearray(self.synced)
        for kind, offset, body in pending:
            apply(out, kind, offset, body)
        return out


def apply(out, kind, offset, body):
    if kind == TRUNCATE:
        if offset < len(out):
            del out[offset:]
        else:
            out.extend(bytes(offset - len(out)))
    else:
        if offset > len(out):
            out.extend(bytes(offset - len(out)))
        out[offset : offset + len(body)] = body


def sectors(operations):
    """Each write as the sectors that a disk writes one by one."""
    for kind, offset, body in operations:
        if kind == TRUNCATE:
            yield kind, offset, body
            continue
        at = 0
        while at < len(body):
            size = min(SECTOR - (offset + at) % SECTOR, len(body) - at)
            yield kind, offset + at, body[at : at + size]
            at += size


class Disk:
    def __init__(self):
        self.files, self.names, self.directory, self.lost = {}, {}, {}, []

    def do(self, kind, handle, offset, body):
        if kind == OPEN:
            path = body.decode()
            name = os.path.basename(path)
            if path.endswith("/sqlite"):
                self.names[handle] = None  # the directory itself
                return
            if name.endswith("-shm"):
                return
            self.names[handle] = name
            if name not in self.files:
                self.files[name] = File()
                self.lost.append((name, None))  # a new entry, until the directory is synced
        elif kind == UNLINK:
            name = os.path.basename(body.decode())
            if name in self.files:
                self.lost.append((name, self.files.pop(name)))
        elif handle in self.names:
            name = self.names[handle]
            if kind == SYNC and name is None:
                self.lost = []
            elif kind in (SYNC, SYNC_BEGINS) and name in self.files:
                f = self.files[name]
                f.sync_begins(handle) if kind == SYNC_BEGINS else f.sync_ends(handle)
            elif kind not in (SYNC, SYNC_BEGINS) and name in self.files:
                self.files[name].pending.append((kind, offset, body))

    def image(self, choose, lose_entries=False):
        out = {name: f.image(choose(f.pending)) for name, f in self.files.items()}
        if lose_entries:
            for name, was in reversed(self.lost):
                if was is None:
                    out.pop(name, None)
                else:
                    out[name] = was.image(choose(was.pending))
        return out


def torn(pending):
    if not pending:
        return pending
    last = list(sectors(pending[-1:]))
    return pending[:-1] + random.sample(last, random.randint(0, len(last)))


def prefix(pending):
    return pending[: random.randint(0, len(pending))]


def shuffled(pending):
    return [s for s in sectors(pending) if random.random() < 0.5]


VARIANTS = (
    ("all that was written", lambda p: p, False),
    ("nothing that was not synced", lambda p: [], False),
    ("a prefix of the writes", prefix, False),
    ("a torn page", torn, False),
    ("sectors in any order", shuffled, False),
    ("lost directory entries", lambda p: p, True),
    ("lost directory entries, and nothing that was not synced", lambda p: [], True),
)


def check(directory, wanted):
    """wanted: the transactions that anybody was told of before this instant"""
    db = sqlite3.connect(os.path.join(directory, "cache.db"))
    try:
        db.create_function("bibd_valid", -1, lambda *a: 1, deterministic=True)
        whole = db.execute("pragma integrity_check").fetchone()[0]
        if whole != "ok":
            return f"integrity_check: {whole}"
        if not wanted and db.execute("select count(*) from sqlite_master where name = 'k'").fetchone()[0] == 0:
            return None
        rows = dict(db.execute("select n, sum(part * part) from k group by n"))
        count, last = db.execute("select count(*), coalesce(max(place), 0) from k_order").fetchone()
    except sqlite3.Error as e:
        return str(e)
    finally:
        db.close()
    missing = [n for n in wanted if n not in rows]
    half = [n for n, sum_ in rows.items() if sum_ != 5]
    if count != last or count != len(rows):
        return f"not a prefix: {count} of {last} in order, {len(rows)} transactions"
    return f"acknowledged rows are gone: {missing[:5]}" if missing else f"rows by half or twice: {half[:5]}" if half \
        else None


def ask_node(ask, answer, directory, wanted):
    ask.write(f"{directory} {len(wanted)}\n")
    ask.flush()
    return answer.readline().strip() == "ok"


def main():
    trace, acknowledged, directory, images, seed, ask, answer = sys.argv[1:8]
    random.seed(int(seed))
    ask, answer = open(ask, "w"), open(answer)
    records = list(read_trace(trace))
    acks = [tuple(map(int, line.split())) for line in open(acknowledged)]
    chosen = sorted(random.choices(range(len(records) * len(VARIANTS)), k=int(images)))
    if int(images) >= len(records) * len(VARIANTS):
        chosen = range(len(records) * len(VARIANTS))
    disk, at, made, instants, acked, wanted = Disk(), -1, 0, set(), 0, set()
    for number in chosen:
        instant, variant = divmod(number, len(VARIANTS))
        while at < instant:
            at += 1
            disk.do(*records[at][1:])
        while acked < len(acks) and acks[acked][1] <= records[at][0]:
            wanted.add(acks[acked][0])
            acked += 1
        what, choose, lose = VARIANTS[variant]
        shutil.rmtree(directory, ignore_errors=True)
        os.mkdir(directory)
        for name, content in disk.image(choose, lose).items():
            with open(os.path.join(directory, name), "wb") as f:
                f.write(content)
        for_node = made % 50 == 49 and wanted
        if for_node:
            shutil.copytree(directory, directory + "-node", dirs_exist_ok=False)
        wrong = check(directory, wanted)
        if wrong is None and for_node:
            wrong = None if ask_node(ask, answer, directory + "-node", wanted) else "a node does not open it"
        if for_node:
            shutil.rmtree(directory + "-node")
        if wrong:
            print(f"record {at}, {what}: {wrong}")
            ask.write("end\n")
            return 1
        made += 1
        instants.add(instant)
    ask.write("end\n")
    print(f"{made} images of {len(instants)} instants of {len(records)}, {len(acks)} answers: nothing lost")
    return 0


sys.exit(main())
