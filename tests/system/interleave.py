"""interleave.py SOCKET PLAIN [-n INTERLEAVINGS] [-s SEED] [-v]: random steps of ten sessions, each done by a session of
the node's and by one of plain PostgreSQL's own, whose answers must be equal. SOCKET: of the node, whose database is
bibd on the server that listens on PLAIN, too; the other sessions are in its database plain. Another connection defines
things past the node, and notifies. A seed is 40 interleavings of 12 steps on new sessions; -s SEED does that one again
and nothing else, -v with each step.

What is left out on purpose: what is created in front of another thing of the same name is followed by something that
makes PostgreSQL look all names up again, which it does not do by itself (its plan cache; manual, PREPARE, Notes)."""
import argparse
import os
import random
import re
import socket
import struct
import sys
import time
from wire import Session, bind, close, describe, execute, message, parse, read_fields

SESSIONS, PINNED_MAX, STEPS, GROUP = 10, 2, 12, 40

TEXTS = (  # text, parameters
    ("select * from t order by 1, 2", 0), ("select id, v from t where id > $1 order by 1, 2", 1),
    ("select v from t order by 1", 0),
    ("insert into t (id, v) values ($1, $2)", 2), ("insert into t (id, v) values ($1, $2) returning *", 2),
    ("update t set v = $1 where id = $2", 2), ("delete from t where id = $1", 1), ("select $1", 1),
    ("select count(*) from u", 0),
    ("select t.id, u.w from t join u on t.id = u.id order by 1, 2", 0), ("insert into u (id, w) values ($1, $2)", 2),
    ("select * from u where w = $1 order by 1", 1), ("select timestamptz '2026-01-02 03:04:05', date '02/01/2026'", 0),
    (r"select 'a\\b', e'a\\b'", 0), ("select 'sad'::mood, $1::mood", 1), ("insert into m (x) values ($1)", 1),
    ("select x from m", 0),
    ("select f($1)", 1), ("select max(id) from t", 0), ("begin", 0), ("commit", 0), ("rollback", 0),
    ("select * from missing", 0),
    ("selct", 0), ("select 1 / $1::int", 1), ("set timezone to 'Pacific/Fiji'", 0), ("set search_path to b, public", 0),
    ("alter table t add column added int", 0), ("", 0))
# what the settings at Parse decide
READ_OTHERWISE = ("select timestamptz '2026-01-02 03:04:05', date '02/01/2026'", r"select 'a\\b', length('a\\b')",
    "select extract(epoch from timestamptz '2026-07-01 00:00:00')::int",
    "select date '03/04/2026' - date '2026-01-01', $1::text")
LISTING = "select count(*) from pg_prepared_statements where statement ~ 'none'"
VALUES = ("1", "2", "3", "17", "2026-01-02", "sad", "x", None, "2026-01-02 10:30:00", "1234.56789")
TYPES = ("int", "text", "date", "timestamp", "numeric", "real", "bigint", "timestamptz", "varchar(20)")
# what leaves something in the session, which keeps its connection then (more than really do)
PINNING = re.compile(
    r"\bset (?!standard|applic)|pg_prepared|pg_listen|listing|search_path|timezone|datestyle|standard|temp |prepare "
    r"|execute |listen x; s|begin; l|reset all|^do ")
POKE = "create schema poke; drop schema poke"
SETTINGS = ("set search_path = a, public", "set search_path = b, public", "set search_path = public",
    "reset search_path",
    "set timezone = 'Asia/Tokyo'", "reset timezone", "set datestyle = 'sql, dmy'", "reset datestyle",
    "set application_name = 'x'",
    "set standard_conforming_strings = off", "reset standard_conforming_strings", "set statement_timeout = '55s'",
    "set local datestyle = 'sql, dmy'", "set local timezone = 'Asia/Tokyo'",
    "do $$ begin perform set_config('datestyle', 'sql, dmy', false); end $$", "reset all")
# each as a simple query, as a batch of its own, or some in one batch
LISTENS = ("listen x", "listen x", "listen y", 'listen "Z z"', 'Listen X -- y', "unlisten x", "unlisten *", "notify x",
    "notify x, 'one'", "notify y, 'two'",
    "select pg_notify('Z z', 'three')", "select pg_notify(c, c || '4') from unnest('{x,y}'::text[]) c", "select 5",
    "select 1/0", "listen x.y")
MORE = ("listen x; listen y", "unlisten y; notify x", "listen x; unlisten x; listen y",
    "unlisten *; listen y; notify y", "select 6; unlisten x",
    "listen x; select 7", "begin; listen y; commit", "select * from pg_listening_channels() order by 1",
    "listen x; notify x")
INSIDE = ("savepoint s", "rollback to s", "release s", "savepoint s2", "rollback to s2")
DEFINE = ("alter table t add column c{n} int", "alter table t drop column if exists c{n}",
    "alter table t alter v type {type} using null",
    "drop table t; create table t (id int, v {type}); insert into t values (1, null)",
    "alter table u alter w type {type} using null",
    "drop table u; create table u (id int, w {type})", "alter table t rename v to vv", "alter table t rename vv to v",
    "drop table if exists b.t; " + POKE, "create table b.t (id int, v {type}); " + POKE,
    "create table if not exists a.t (id int, v {type}); " + POKE,
    "drop type mood cascade; create type mood as enum ('sad', 'ok', 'x{n}'); alter table m drop column if exists x; "
    "alter table m add x mood",
    "alter type mood add value if not exists 'y{n}'",
    "create or replace function f(int) returns int language sql as 'select $1 + {n}'",
    "drop function if exists f(text); create function f(text) returns text language sql as 'select $1'; " + POKE,
    "drop function if exists f(text)", "drop table m; create table m (x mood)", "create index on t (id)", "truncate t")
SETUP = """drop schema if exists a cascade; drop schema if exists b cascade; create schema a; create schema b;
drop table if exists t, u, m, missing cascade; drop type if exists mood cascade;
drop function if exists f(int); drop function if exists f(text);
create type mood as enum ('sad', 'ok'); create table t (id int, v date); create table u (id int, w text);
create table m (x mood); create function f(int) returns int language sql as 'select $1';
create table a.t (id int, v text); insert into t values (1, '2026-01-01')"""


class Difference(Exception):
    pass


class Doubt(Exception):
    """The node refuses a statement whose dates may have been read again under another DateStyle."""


class Patient(Session):
    """Of the node: when all server connections are others' for good, one of these ends, as they could for hours."""
    relieve = None

    def take(self, n):
        waited = 0
        while True:
            try:
                return super().take(n)
            except TimeoutError:
                waited += 1
                if waited > 120 or self.relieve is None:
                    raise
                self.relieve()


class Two:
    """A session of the node's and one of plain PostgreSQL's that do the same."""

    def __init__(self, run, number):
        self.run, self.number = run, number
        self.node, self.plain = Patient(run.node, "admin", start=False), Session(run.plain, "postgres", "plain")
        self.node.relieve = lambda: run.relieve(self)
        self.node.socket.settimeout(0.2)
        self.node.send_startup(user="admin", database="bibd")
        self.node.until_ready()
        self.status, self.pinned, self.texts = "I", False, {}
        self.gone = False
        self.mixed = False  # LISTEN among other statements: its channels may come from two places
        self.listened = self.notified = False  # in the transaction under way: it, and by somebody else

    def close(self, abrupt):
        self.gone = True
        for s in (self.node, self.plain):
            if not abrupt:
                s.send("X")
            s.close()

    def answers(self, s, mine, bytes_):
        """until as many ReadyForQuery as there are Sync and Query"""
        wanted, got, notified = bytes_.count, [], []
        while wanted > 0:
            kind, body = s.message()
            if kind == "A":
                notified.append(("own" if struct.unpack("!i", body[:4])[0] == s.process else "another's", body[4:]))
            if kind in "SA":
                continue
            if kind in "EN":
                f = read_fields(body)
                body = (f.get("C"), re.sub(r"\d{5,}", "OID", f.get("M", "")),
                    f.get("R") if f.get("C") == "0A000" else None)
            elif kind == "t":
                body = [self.run.oid(mine, o) for o in struct.unpack(f"!{(len(body) - 2) // 4}I", body[2:])]
            elif kind == "T":
                body = self.columns(mine, body)
            elif kind == "Z":
                wanted -= 1
            got.append((kind, body))
        if self.mixed:
            notified.sort(key=lambda n: n[1].split(b"\0")[0])
        return got + [("A", notified)] + [got[-1]]

    def columns(self, mine, body):
        at, out = 2, []
        for _ in range(struct.unpack("!h", body[:2])[0]):
            end = body.index(b"\0", at)
            table, number, type_, size, modifier, format_ = struct.unpack("!IhIhih", body[end + 1:end + 19])
            out.append((body[at:end], self.run.oid(mine, table), number, self.run.oid(mine, type_), size, modifier,
                format_))
            at = end + 19
        return out

    def do(self, batch):
        for s in (self.node, self.plain):
            s.socket.sendall(batch.bytes)
        if batch.cancel:
            time.sleep(0.03)
            for s, path in ((self.node, self.run.node), (self.plain, self.run.plain)):
                with socket.socket(socket.AF_UNIX) as c:
                    c.connect(path)
                    c.sendall(struct.pack("!iiii", 16, 80877102, s.process, s.key))
                    c.recv(1)
        plain, node = self.answers(self.plain, False, batch), self.answers(self.node, True, batch)
        if batch.cancel:  # before or after the row was described
            plain, node = ([a for a in answers if a[0] != "T"] for answers in (plain, node))
        self.status = plain[-1][1].decode()
        self.check_doubt(node)
        if not self.run.equal(node, plain) and not self.is_other_of_two_errors(node, plain):
            raise Difference(f"the node answers\n  {node}\nand plain PostgreSQL\n  {plain}")


    def check_doubt(self, node):
        if any(kind == "E" and body[0] == "0A000" and "must be prepared again" in body[1] for kind, body in node):
            raise Doubt

    def is_other_of_two_errors(self, node, plain):
        """A Bind with a value that is wrong, of a statement that is not as it was: the value is what plain PostgreSQL
        says, the statement what the node says, when it has had to parse it again."""
        at = next((i for i in range(min(len(node), len(plain))) if not self.run.equal(node[i], plain[i])), None)
        other = at is not None and node[at][0] == plain[at][0] == "E" and self.run.equal(node[at + 1:],
            plain[at + 1:]) and (
            plain[at][1][0] in ("22P02", "22007", "22008", "22003", "08P01", "22001", "XX000"))
        self.run.others += other
        return other


class Batch:
    def __init__(self, *parts, cancel=False):
        self.bytes, self.cancel = b"".join(parts), cancel
        self.count = sum(1 for p in parts if p[:1] in b"QS")


class Run:
    def __init__(self, node, plain, seed, verbose, listens):
        self.node, self.plain, self.seed, self.verbose, self.listens = node, plain, seed, verbose, listens
        self.random = random.Random(seed)
        self.oids, self.serial = {}, 0
        self.reads_otherwise = self.random.random() < 0.3
        self.past = [Session(plain, "postgres", d) for d in ("bibd", "plain")]
        self.log, self.others, self.relieved, self.doubts = [], 0, 0, 0
        self.two = []
        self.begin()

    def begin(self):
        self.define_past(SETUP)
        for i in range(SESSIONS):
            self.two.append(Two(self, i))

    # objects have other numbers in the other database, but always the same ones
    def oid(self, mine, oid):
        return oid if oid < 16384 else ("node" if mine else "plain", oid)

    def equal(self, a, b):
        if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and len(a) == len(b):
            if len(a) == 2 and a[0] == "node" and b[0] == "plain":
                return self.oids.setdefault(a, b) == b and self.oids.setdefault(b, a) == a
            return all(self.equal(x, y) for x, y in zip(a, b))
        return a == b

    def say(self, text):
        self.log.append(text)
        if self.verbose:
            print(f"  {text}", flush=True)

    def define_past(self, text):
        failures = []
        for s in self.past:
            try:
                s.query(text)
                failures.append(None)
            except Exception as e:
                failures.append(str(e))
                if s.state == "?":
                    raise
        if (failures[0] is None) != (failures[1] is None):
            raise Difference(f"past the node: {failures}")

    # ---- what a step may be ----
    def text(self):
        text, n = self.random.choice(TEXTS)
        if self.reads_otherwise and self.random.random() < 0.7:
            text = self.random.choice(READ_OTHERWISE)
            n = text.count("$1")
        return f"{text} /* {self.seed} */" if text else text, n

    def values(self, n):
        return [self.random.choice(VALUES) for _ in range(n)]

    def definition(self):
        return self.random.choice(DEFINE).format(n=self.random.randrange(3), type=self.random.choice(TYPES))

    def extended(self, two):
        """one or some messages of the extended protocol, and a word for them"""
        r = self.random
        name = r.choice(("s1", "s2", "s3", ""))
        text, n = two.texts.get(name, ("?", 0))
        what = r.choice(("parse", "parse", "parse", "run", "run", "run", "run", "describe", "close", "portal"))
        if what == "parse":
            text, n = self.text()
            if name == "" or name not in two.texts:
                two.texts[name] = (text, n)
            return [parse(name, text)], f"parse {name!r} {text}"
        if what == "run":
            values = self.values(n)
            parts = [bind(name, *values)] + ([describe("P")] if r.random() < 0.4 else []) + [execute()]
            return parts, f"run {name!r} {values} = {text}"
        if what == "describe":
            return [describe("S", name)], f"describe {name!r}"
        if what == "close":
            two.texts.pop(name, None)
            return [close("S", name)], f"close {name!r}"
        return [bind(name, *self.values(n), portal="p"), execute("p", 1),
            close("P", "p")], f"portal of {name!r} = {text}"

    def batch(self, two):
        parts, words = [], []
        for _ in range(self.random.choice((1, 1, 1, 2, 2, 3, 5))):
            part, word = self.extended(two)
            parts += part
            words.append(word)
        return Batch(*parts, message("S")), "; ".join(words)

    def query(self, text):
        return Batch(message("Q", text.encode() + b"\0")), text

    # ---- the steps ----
    def busy(self):
        return [t for t in self.two if t.status != "I" or t.pinned]

    def step(self):
        r = self.random
        # who has a transaction goes on alone: the others could wait for what it has locked
        owner = next((t for t in self.two if t.status != "I"), None)
        two = owner or r.choice(self.two)
        kind = r.random()
        if owner is None and kind < 0.10:
            text = self.definition()
            self.say(f"past: {text}")
            return self.define_past(text)
        if self.listens and 0.6 < kind < 0.75:
            return self.listen(two)
        if self.listens and 0.75 < kind < 0.78 and not two.listened:
            two.notified = two.status != "I"
            return self.notify_past(r.choice(("x", "y", "Z z")))
        if owner is not None and kind < 0.25:
            return self.do(two, *self.query(r.choice(("commit", "rollback"))))
        if kind < 0.20:
            return self.do(two, *self.query(self.definition()))
        if kind < 0.28 or (self.reads_otherwise and r.random() < 0.2):
            return self.do(two, *self.query(r.choice(SETTINGS)))
        if kind < 0.32:
            text = r.choice(("deallocate s1", "deallocate all", "discard all", "deallocate s2", "discard plans"))
            if text in ("deallocate all", "discard all") and two.status == "I":
                two.texts, two.pinned = {}, False if text == "discard all" else two.pinned
            return self.do(two, *self.query(text))
        if kind < 0.34 and (two.pinned or len(self.busy()) < PINNED_MAX) and two.status == "I":
            two.pinned = True
            text = r.choice(("discard temp", "prepare q as select * from t", "execute q",
                "create temp table t (id int, v text)",
                "create temp table other (a int)") + (() if self.listens else ("listen x",)))
            return self.do(two, *self.query(f"{text}; {POKE}" if text.startswith("create") else text))
        if kind < 0.37 and two.status == "I":
            return self.leave(two, r.random() < 0.5)
        if kind < 0.372:
            two.texts.setdefault("s1", (LISTING, 0))
            return self.do(two, *r.choice((self.query(LISTING),
                (Batch(parse("s1", LISTING), bind("s1"), execute(), message("S")), "listing"))))
        if kind < 0.375:
            self.do(two, Batch(message("Q", b"select pg_sleep(20)\0"), cancel=True), "cancel")
            return None
        if kind < 0.45 and len(self.busy()) < PINNED_MAX and two.status == "I":
            return self.do(two, *self.query("begin"))
        if kind < 0.50:
            return self.do(two, *self.query(self.text()[0].replace("$1", "'1'").replace("$2", "'2'")))
        return self.do(two, *self.batch(two))

    def notify_past(self, channel):
        self.serial += 1
        self.define_past(f"notify \"{channel}\", 'past {self.serial}'")
        self.say(f"past: notify {channel}")

    def listen(self, two):
        r, texts = self.random, LISTENS + MORE if two.status == "I" else LISTENS + INSIDE
        if two.notified:  # PostgreSQL may tell a channel what came in a transaction before LISTEN
            texts = [t for t in texts if "listen" not in t.lower() or "unlisten" in t.lower()]
        text = r.choice(texts)
        # whose transaction it is that came before is not told, so that no more than these may have one
        if PINNING.search(text) and not two.pinned and len(self.busy()) >= PINNED_MAX:
            return None
        two.listened |= "listen" in text.lower()
        two.mixed |= text in MORE or text == "listen x.y" or two.pinned
        if text in MORE or r.random() < 0.5:
            return self.do(two, *self.query(text))
        chosen = [text] + [r.choice([t for t in texts if t not in MORE]) for _ in range(r.choice((0, 0, 1, 2)))]
        two.mixed |= len(chosen) > 1
        two.listened |= any("listen" in t.lower() for t in chosen)
        return self.do(two, Batch(*(m for t in chosen for m in (parse("", t), bind(), execute())), message("S")),
            f"batch: {'; '.join(chosen)}")

    def relieve(self, two):
        # those first that are known to keep one; then each in turn, since what keeps one is the node's own matter
        self.relieved += 1
        turn = self.two[self.relieved % SESSIONS:] + self.two[:self.relieved % SESSIONS]
        for other in sorted(turn, key=lambda t: not t.pinned):
            # who is gone already is being replaced by the one that waits
            if other is not two and not other.gone and other.status == "I":
                return self.leave(other, False)

    def leave(self, two, abrupt):
        if two.gone:  # it has left for another's sake meanwhile
            return
        self.say(f"{two.number}: {'is gone' if abrupt else 'leaves'}")
        two.close(abrupt)
        time.sleep(0.002)
        self.two[two.number] = Two(self, two.number)

    def do(self, two, batch, word):
        self.say(f"{two.number}: {word}")
        two.do(batch)
        two.pinned |= bool(PINNING.search(word))
        if two.status == "I":
            two.listened = two.notified = False
        # with what may not be shared the others would be locked out
        for other in [t for t in self.two if t.pinned and t is not two][:-PINNED_MAX + 1]:
            if other.status == "I":
                self.leave(other, False)

    def begin_again(self):
        """The two have not done the same: with new tables and sessions they do."""
        old, self.two = self.two, []
        for t in old:
            t.close(True)
        self.begin()

    def go(self):
        for _ in range(GROUP):
            for _ in range(STEPS):
                try:
                    self.step()
                except Doubt:
                    self.doubts += 1
                    self.say("refused: begins again")
                    self.begin_again()
            self.log.append("-")
        for t in self.two:
            t.close(False)
        for s in self.past:
            s.close()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("node")
    p.add_argument("plain")
    p.add_argument("-n", type=int, default=10000)
    p.add_argument("-s", type=int)
    p.add_argument("-v", action="store_true")
    p.add_argument("-l", action="store_true", help="with LISTEN, UNLISTEN and NOTIFY")
    a = p.parse_args()
    first = a.s if a.s is not None else int.from_bytes(os.urandom(3), "big")
    seeds = [first] if a.s is not None else range(first, first + (a.n + GROUP - 1) // GROUP)
    begin, different, others, relieved, doubts = time.time(), 0, 0, 0, 0
    print(f"seeds {seeds[0]} to {seeds[-1]}, {len(seeds) * GROUP} interleavings of {STEPS} steps", flush=True)
    for seed in seeds:
        run = None
        try:
            run = Run(a.node, a.plain, seed, a.v, a.l)
            run.go()
            others += run.others
            relieved += run.relieved
            doubts += run.doubts
        except (Difference, OSError) as e:
            different += 1
            print(f"seed {seed}: {e!r}" if isinstance(e, OSError) else f"seed {seed}: {e}")
            print("\n".join(f"    {line}" for line in (run.log if run else [])[-25:]), flush=True)
            for t in run.two if run else []:
                t.close(True)
            if different >= 5:
                break
    print(f"{different} differences, {time.time() - begin:.0f} s; {others} answers told the other one of two errors; "
        f"{relieved} times all server connections were others' for good; {doubts} statements were refused whose dates "
        f"nobody knows")
    if doubts > len(seeds) * GROUP / 100:
        sys.exit("it refuses more than those")
    sys.exit(different != 0)


main()
