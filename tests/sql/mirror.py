#!/usr/bin/env python3
"""mirror.py SUITE NODE PLAIN OUT FILE [BEFORE...]: runs a file of PostgreSQL's regression suite, after those BEFORE it,
statement by statement on a node and on a plain PostgreSQL (both the directory of a socket), and writes to OUT what each
pair of answers is, a line of JSON for each statement.

A statement takes effect on both or on neither: each runs in a transaction of its own on both sides, which is rolled
back on both as soon as one of the two has failed; within a block of the file the other side's block is made to fail as
well. So both always hold the same rows, and a later statement that is answered differently is not the consequence of
an earlier refusal.

  same      the same rows, names and types of columns, and tag; or an error on both with the same SQLSTATE
  refused   an error of the node where PostgreSQL answered, or failed with another SQLSTATE
  wrong     both answered, and differently
  order     the same rows, in another order than the statement's ORDER BY has there
  accepted  PostgreSQL failed, the node did not
  slow      no answer of the node in time; lost: no connection any more
  open      left open by PostgreSQL itself: it answers otherwise with another plan, with its tables' rows in another
            order, or each time; the rows of EXPLAIN
  aborted   not run, in a failed block
"""
import hashlib
import json
import os
import re
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from wire import Session, read_fields  # noqa: E402
from psql_script import Script  # noqa: E402

LIMIT = 10 * float(os.environ.get("BIBD_SLOW", 1)) * float(os.environ.get("BIBD_BESIDE", 1))
FIRST_MADE_OID = 16384
OID_TYPES = {26, 1028, 30}
OTHER_PLANS = ["; ".join("set local enable_%s = off" % x for x in words.split())
    for words in ("hashagg seqscan hashjoin sort mergejoin", "sort")]
ORDERS = 3  # in which rows are laid down anew

# What can't run within a block, or means something else there.
ALONE = re.compile(r"""(?:begin|start|commit|end|abort|rollback|savepoint|release|prepare\s+transaction|lock|declare|
    vacuum|cluster|reindex|discard|do|call|alter\s+system|(?:create|drop)\s+(?:database|tablespace|subscription)|
    .*\bconcurrently|alter\s+table\s.*\bdetach\b.*\bfinalize)\b""", re.X | re.I | re.S)
TRANSACTION = re.compile(r"(?:begin|start|commit|end|abort|rollback|savepoint|release|prepare\s+transaction)\b", re.I)
WITHIN = re.compile(r";\s*(?:begin|start|commit|end|abort|rollback|savepoint|release|prepare\s+transaction)\b", re.I)
KEEPS_NOTHING = re.compile(r"(?:vacuum|discard|lock|declare)\b", re.I)
CHANGES = re.compile(r"\b(?:insert|update|delete|merge)\b", re.I)
READS = re.compile(r"[(\s]*(?:select|with|values|table|fetch)\b", re.I)
VOLATILE = re.compile(r"random|now\b|current|clock|timestamp|timeofday|xmin|xmax|ctid|txid|pid|size|backend|uuid", re.I)
STRINGS = re.compile(r"(?:set\s+(?:session\s+|local\s+)?standard_conforming_strings\s*(?:=|to)\s*'?(\w+)|"
    r"reset\s+standard_conforming_strings)", re.I)
FROM_FILE = re.compile(r"(COPY\s+.+?\s+FROM\s+)'([^']+)'", re.I | re.S)


class Answer:
    def __init__(self):
        self.error, self.message, self.results, self.copied, self.trouble = None, "", [], False, ""

    def shown(self, other=None):
        """A line of text; the columns stand there when it is they in which another answer differs."""
        if self.error:
            return "error %s %s" % (self.error, self.message)
        same_rows = other and [r[2] for r in self.results] == [r[2] for r in other.results]
        return "; ".join("%s %s%s" % (tag, "%s " % columns if same_rows else "", "%s%s" % (rows[:6],
            " ..." if len(rows) > 6 else "")) for tag, columns, rows in self.results)


class Side:
    """One connection, opened again when it is lost."""

    def __init__(self, directory):
        self.directory, self.session = directory, None
        self.connect()

    def connect(self):
        if self.session:
            self.session.close()
        self.session = Session(self.directory, timeout=30, start=False)
        self.session.send_startup(user="admin", database="bibd", TimeZone="PST8PDT", application_name="mirror")
        self.session.until_ready()
        self.session.socket.settimeout(LIMIT)

    @property
    def state(self):
        return self.session.state

    def cancel(self):
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(self.directory + "/.s.PGSQL.5432")
            other.sendall(struct.pack("!iiii", 16, 80877102, self.session.process, self.session.key))

    def ask(self, text, data=None):
        answer = Answer()
        try:
            self.session.send("Q", text.encode("utf-8", "surrogateescape") + b"\0")
            try:
                self.receive(answer, data)
            except TimeoutError:
                answer.trouble = "slow"
                self.cancel()
                self.receive(answer, data)
        except (OSError, TimeoutError) as error:
            answer.error, answer.message, answer.trouble = "lost", str(error), "lost"
            self.connect()
        return answer

    def receive(self, answer, data):
        columns, rows = [], []
        while True:
            kind, body = self.session.message()
            if kind == "T":
                columns = read_columns(body)
            elif kind == "D":
                rows.append(read_row(body, columns))
            elif kind in "CI":
                answer.results.append([body[:-1].decode() if kind == "C" else "", columns, rows])
                columns, rows = [], []
            elif kind == "E":
                fields = read_fields(body)
                answer.error, answer.message = fields.get("C"), fields.get("M", "")
            elif kind == "G":
                answer.copied = True
                if data is None:
                    self.session.send("f", b"no data\0")
                else:
                    self.session.send("d", data.encode("utf-8", "surrogateescape"))
                    self.session.send("c")
            elif kind == "d":
                rows.append([body.decode(errors="replace")])
            elif kind == "Z":
                self.session.state = body.decode()
                return


def read_columns(body):
    columns, at = [], 2
    for _ in range(struct.unpack("!H", body[:2])[0]):
        end = body.index(b"\0", at)
        oid = struct.unpack("!I", body[end + 7:end + 11])[0]
        columns.append((body[at:end].decode(errors="replace"), min(oid, FIRST_MADE_OID)))
        at = end + 19
    return columns


def read_row(body, columns):
    """The fields as text; what is the OID of something that a statement made is no more than that."""
    at, row = 2, []
    for _, oid in columns:
        size = struct.unpack("!i", body[at:at + 4])[0]
        at += 4
        value = None if size < 0 else body[at:at + size].decode(errors="replace")
        at += max(size, 0)
        if value is not None and oid in OID_TYPES:
            value = re.sub(r"\d+", lambda m: "made" if int(m.group()) >= FIRST_MADE_OID else m.group(), value)
        row.append(value)
    return row


def bare(text):
    """Without comments and literals, for a look at the words."""
    text = re.sub(r"/\*.*?\*/|--[^\n]*", " ", text, flags=re.S)
    text = re.sub(r"\$(\w*)\$.*?\$\1\$", "''", text, flags=re.S)
    return re.sub(r"'(?:[^']|'')*'", "''", text).strip()


def has_order(words):
    """Whether there is an ORDER BY outside of parentheses."""
    depth, out = 0, []
    for c in words:
        depth += (c == "(") - (c == ")")
        out.append(c if depth == 0 else " ")
    return re.search(r"\border\s+by\b", "".join(out), re.I) is not None


def alike(a, b, ordered):
    if a.error or b.error:
        return a.error == b.error
    if len(a.results) != len(b.results):
        return False
    return all(x[:2] == y[:2] and (x[2] == y[2] if ordered else sorted(map(repr, x[2])) == sorted(map(repr, y[2])))
        for x, y in zip(a.results, b.results))


class Mirror:
    def __init__(self, suite, node, plain):
        self.suite, self.node, self.plain, self.other = suite, Side(node), Side(plain), Side(plain)
        self.other.ask("set lock_timeout = 100")
        self.cursors = {}  # whether a cursor's query has an ORDER BY

    # ---- a statement on both

    def ask(self, text, data, several):
        """Both answers; None for that of PostgreSQL where it could not be asked without effect."""
        words = bare(text)
        alone = several or ALONE.match(words)
        if self.node.state != "I":
            return self.ask_in_block(text, data, words)
        if not alone:
            return self.ask_in_own_block(text, data, words)
        here = self.node.ask(text, data)
        if not here.error or KEEPS_NOTHING.match(words):
            return here, self.plain.ask(text, data)
        if several and WITHIN.search(words) or TRANSACTION.match(words):
            return here, None if here.error == "0A000" else self.plain.ask(text)
        there = self.undone(text, data, words, here)
        return here, there if there.error != "25001" else None

    def ask_in_own_block(self, text, data, words):
        self.node.ask("begin")
        here = self.node.ask(text, data)
        if here.error:
            self.node.ask("rollback")
            return here, self.undone(text, data, words, here)
        self.plain.ask("begin")
        there = self.plain.ask(text, data)
        if there.error:
            self.node.ask("rollback")
            self.plain.ask("rollback")
            return here, there
        end = self.node.ask("commit")
        if end.error:
            self.plain.ask("rollback")
            end.copied = here.copied
            return end, there
        end = self.plain.ask("commit")
        return here, end if end.error else there

    def ask_in_block(self, text, data, words):
        failed = self.node.state == "E"
        here = self.node.ask(text, data)
        if here.error and not failed and TRANSACTION.match(words) and self.node.state == "I":
            self.plain.ask("rollback")
            return here, None
        before = self.sequences() if here.error and not failed else None
        there = self.plain.ask(text, data)
        if before and here.error != there.error:
            self.restore(before)
        for side, state in ((self.node, self.plain.state), (self.plain, self.node.state)):
            if side.state == "T" and state == "E":
                side.ask("this fails")
        if self.node.state != self.plain.state:
            self.node.ask("rollback")
            self.plain.ask("rollback")
        return here, there

    def undone(self, text, data, words, here):
        """PostgreSQL's answer to what the node refuses, without its effect."""
        before = self.sequences()
        self.plain.ask("begin")
        answer = self.plain.ask(text, data)
        if not answer.error:
            end = self.plain.ask("set constraints all immediate")
            answer = end if end.error else answer
        self.plain.ask("rollback")
        prepared = re.match(r"prepare\s+(\"[^\"]+\"|\w+)", words, re.I)
        if prepared and not answer.error:
            self.plain.ask("deallocate " + prepared.group(1))
        if answer.error != here.error:
            self.restore(before)
        return answer

    def sequences(self):
        answer = self.other.ask("select format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value), "
            "last_value is not null from pg_sequences")
        return {row[0]: row[1:] for row in answer.results[0][2]} if answer.results else {}

    def restore(self, before):
        """nextval() is not undone by a rollback."""
        for name, now in self.sequences().items():
            if name in before and before[name] != now:
                value, called = before[name]
                self.other.ask("select setval('%s', %s, '%s')" % (name.replace("'", "''"), value, called))

    # ---- what the two answers are

    def judge(self, text, here, there):
        words = bare(text)
        cursor = re.match(r"(?:fetch|move)\b.*?(\w+)\s*$", words, re.I | re.S)
        ordered = self.cursors.get(cursor.group(1).lower(), True) if cursor else has_order(words)
        if here.trouble:
            return here.trouble
        if there is None:
            return "refused"
        if here.error == there.error == "25P02":
            return "aborted"
        if here.error:
            return "same" if here.error == there.error else "refused"
        if there.error:
            return "accepted"
        if re.match(r"explain\b", words, re.I):
            return "open"
        if alike(here, there, ordered):
            return "same"
        if READS.match(words) and not cursor and self.open(text, words, there, ordered):
            return "open"
        if not ordered or not alike(here, there, False):
            return "wrong"
        return "open" if READS.match(words) and not cursor and self.has_ties(text, there) else "order"

    def has_ties(self, text, first):
        """Whether what is ordered by leaves an order open. With all columns beside it both sides must agree."""
        ties = "".join(", %d desc" % (i + 1) for i in range(len(first.results[-1][1])))
        plain = self.asked_again(text + ties, "")
        return not alike(first, plain, True) and alike(plain, self.asked_again(text + ties, "", self.node), True)

    def open(self, text, words, first, ordered):
        """Whether PostgreSQL answers this otherwise by another plan, or with rows in another order; or each time, when
        there is a reason for it."""
        again = self.asked_again(text, "")
        if not alike(first, again, ordered):
            return VOLATILE.search(words) is not None
        if any(not alike(first, self.asked_again(text, plan), ordered) for plan in OTHER_PLANS):
            return True
        return not CHANGES.search(words) and any(not alike(first, self.asked_again(text, laid), ordered)
            for laid in filter(None, (self.laid_anew(words, i) for i in range(ORDERS))))

    def laid_anew(self, words, salt):
        """What lays the rows of the tables that are named down in another order, for this transaction."""
        names = sorted(set(re.findall(r"[a-z_]\w*", words.lower())))
        tables = self.plain.ask("select quote_ident(relname), relpersistence = 't' from pg_class where relkind in "
            "('r', 'p', 'm') and pg_table_is_visible(oid) and relnamespace <> 'pg_catalog'::regnamespace and "
            "relname = any ('{%s}')" % ",".join(names))
        return "; ".join(("alter table {0} rename to mirror_{1}; " if own == "t" else "").format(name, i) +
            "create temp table {0} as select * from {1} t order by md5('{2}' || t::text)".format(
            name, "mirror_%d" % i if own == "t" else name, salt)
            for i, (name, own) in enumerate(tables.results[-1][2] if tables.results else []))

    def asked_again(self, text, before, side=None):
        side = side or self.plain
        block = side.state == "T"
        side.ask("savepoint mirror" if block else "begin")
        if before:
            side.ask(before)
        answer = side.ask(text)
        side.ask("rollback to mirror" if block else "rollback")
        return answer

    # ---- a file

    def run(self, name):
        """Yields (statement, how often its text stood before, class, the two answers)."""
        script = Script(os.path.join(self.suite, "sql", name + ".sql"),
            {"abs_srcdir": self.suite, "DBNAME": "bibd", "USER": "admin"})
        seen = {}
        while True:
            statement = script.next()
            if statement is None:
                return
            if statement.command == "c":
                self.node.connect()
                self.plain.connect()
                continue
            for text in self.texts(script, statement):
                key = " ".join(text.split())
                seen[key] = seen.get(key, 0) + 1
                yield statement, (key, seen[key]), *self.one(script, statement, text)

    def texts(self, script, statement):
        yield statement.text
        if statement.command == "gexec":
            for row in self.last.results[-1][2] if self.last and self.last.results else []:
                yield from filter(None, row)

    def one(self, script, statement, text):
        sent, data, inline = text, None, False
        file = FROM_FILE.match(text)
        if file and os.path.exists(file.group(2)):
            sent = file.group(1) + "STDIN" + text[file.end():]
            with open(file.group(2), encoding="utf-8", errors="surrogateescape") as opened:
                data = opened.read()
        elif re.match(r"copy\b.*\bfrom\s+stdin\b", text, re.I | re.S):
            data, inline = script.copy_data(), True
        here, there = self.ask(sent, data, statement.several)
        if inline and (here.copied or there and there.copied):
            script.at = script.data_end
        strings = STRINGS.match(text)
        if strings:
            script.standard_strings = (strings.group(1) or "on").lower() in ("on", "true", "1", "yes")
        self.last = there
        if statement.command == "gset" and there and there.results and there.results[-1][2]:
            for (column, _), value in zip(there.results[-1][1], there.results[-1][2][0]):
                script.variables[statement.prefix + column] = value or ""
        declared = re.match(r"declare\s+(\w+)", text, re.I)
        if declared:
            self.cursors[declared.group(1).lower()] = has_order(bare(text))
        return self.judge(text, here, there), here, there


def main():
    suite, node, plain, out, name, *before = sys.argv[1:]
    os.environ.update(PG_ABS_SRCDIR=suite, PG_LIBDIR="/nonexistent", PG_ABS_BUILDDIR="/nonexistent", PG_DLSUFFIX=".so")
    mirror = Mirror(suite, node, plain)
    for other in before:
        for _ in mirror.run(other):
            pass
        mirror.node.connect()
        mirror.plain.connect()
    with open(out, "w", encoding="utf-8", errors="replace") as file:
        for statement, (key, time), kind, here, there in mirror.run(name):
            digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:10]
            json.dump({"file": name, "line": statement.line, "key": "%s.%d" % (digest, time), "class": kind,
                "sql": key, "node": here.shown(there), "plain": there.shown(here) if there else "(not asked)"}, file)
            file.write("\n")


if __name__ == "__main__":
    main()
