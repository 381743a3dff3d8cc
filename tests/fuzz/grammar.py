"""grammar.py DIRECTORY CLIENTS COUNT SECONDS SEED LOGS: clients that send random statements of a grammar, by both
protocols, and fail, cancel and disconnect in the middle, for tests/fuzz/statements. The last statements of each client
are in LOGS/client-N."""
import multiprocessing
import os
import random
import select
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
from wire import Failed, Session

TYPES = (
    "int", "bigint", "smallint", "text", "varchar(5)", "char(3)", "boolean", "real", "double precision", "numeric",
    "numeric(10,3)",
    "date", "time", "timestamp", "timestamptz", "interval", "bytea", "uuid", "json", "jsonb", "int[]", "text[]", "name",
    "oid",
    "regclass", "regtype", "timestamptz(3)", "money", "inet", "xml",
)
VALUES = (
    "null", "0", "1", "-1", "2147483647", "-2147483648", "9223372036854775807", "9223372036854775808", "1e308",
    "1e-400", ".5", "0.1",
    "123456789012345678901234567890.123456789", "''", "'a'", "'NaN'", "'infinity'", "'-infinity'", "true", "false",
    "'t'",
    "E'\\\\x00ff'", "'\\x6162'", "U&'\\0041'", "$$x$$", "'ä€😀'", "'2024-02-29'", "'0001-01-01 BC'",
    "'294276-12-31 23:59:59'",
    "'1 year 2 mons -3 days 04:05:06.7'", "'{1,2,null}'", "'{{1,2},{3,4}}'", "'{\"a\": [1, {\"b\": null}]}'", "'[1,2]'",
    "array[1,2,3]", "array['a',null]", "array[]::int[]", "'00000000-0000-0000-0000-000000000001'", "'t'::regclass",
    "now()",
    "current_date", "current_user", "b'101'", "interval '1 day'", "date '2020-01-31'", "'%'", "'^(a|b)*$'", "'(('",
    "'[[:alpha:]]+'",
    "repeat('x', 1000)", "chr(0)", "'YYYY-MM-DD HH24:MI:SS.US TZ'", "'9G999D99'", "row(1,'a')", "(1,2)",
)
BINARY = (
    "+", "-", "*", "/", "%", "^", "||", "=", "<>", "<", ">", "<=", ">=", "and", "or", "like", "ilike", "not like", "~",
    "~*", "!~", "->",
    "->>", "#>", "#>>", "@>", "<@", "&&", "&", "|", "#", "<<", ">>", "?", "?|", "is distinct from",
    "is not distinct from",
    "similar to", "in", "at time zone", "collate",
)
COLUMNS = ("id", "a", "b", "c", "d", "e", "f", "g", "h", "j", "t.id", "u.a", "x", "excluded.a", "*", "t.*", "ctid",
    "oid")
SETTINGS = (
    "timezone = 'Europe/Berlin'", "timezone = 'nowhere'", "datestyle = 'German'", "datestyle = 'SQL, DMY'",
    "intervalstyle = iso_8601",
    "bytea_output = 'escape'", "extra_float_digits = 3", "extra_float_digits = -15", "search_path = public, nosuch",
    "client_encoding = 'UTF8'",
    "statement_timeout = 1500", "standard_conforming_strings = off", "application_name = 'fuzz ä'",
    "default_transaction_read_only = on",
    "role = query", "session characteristics as transaction isolation level serializable", "local lock_timeout = 10",
)


class Grammar:
    def __init__(self, rng, functions):
        self.r, self.functions = rng, functions or ["length"]

    def one(self, *choices):
        return self.r.choice(choices)()

    def list(self, make, most=4):
        return ", ".join(make() for _ in range(self.r.randint(1, most)))

    def table(self):
        return self.r.choice(("t", "t", "u", "v", "d1", "d2", "pg_class", "pg_attribute", "information_schema.columns",
            "pg_type", "nosuch"))

    def column(self):
        return self.r.choice(COLUMNS)

    def value(self):
        return self.r.choice(VALUES)

    def e(self, depth=0):
        if depth > self.r.choice((0, 0, 1, 1, 2, 4)):
            return self.r.choice((self.value, self.column, self.value))()
        n = lambda: self.e(depth + 1)
        kind = self.r.randrange(22)
        if kind < 6:
            return f"({n()} {self.r.choice(BINARY)} {n()})"
        if kind < 9:
            return f"{n()}::{self.r.choice(TYPES)}"
        if kind < 13:
            arguments = ", ".join(n() for _ in range(self.r.choice((0, 1, 1, 2, 2, 3, 4))))
            distinct = self.r.choice(("", "", "", "distinct "))
            tail = self.r.choice(("", "", "", " filter (where " + self.column() + " is null)", " over ()",
                f" over (partition by {self.column()} order by {self.column()} rows between 1 preceding and "
                f"current row)"))
            return f"{self.r.choice(self.functions)}({distinct if arguments else ''}{arguments}){tail}"
        return (
            f"case when {n()} then {n()} else {n()} end",
            f"coalesce({n()}, {n()})",
            f"({n()} in ({n()}, {n()}))",
            f"exists ({self.select(depth + 2)})",
            f"({self.select(depth + 2)})",
            f"({n()} between {n()} and {n()})",
            f"({n()} = any ({n()}))",
            f"not ({n()})",
            f"-({n()})",
        )[kind - 13]

    def source(self, depth):
        kind = self.r.randrange(9)
        if kind < 4:
            return self.table()
        if kind == 4:
            return f"generate_series({self.r.choice(('1', '0', 'null', '-5'))}, " \
                f"{self.r.choice(('3', '50', '1.5', 'null'))}) x"
        if kind == 5:
            return f"({self.select(depth + 1)}) x"
        if kind == 6:
            return f"(values ({self.e(depth + 2)}, {self.e(depth + 2)}), ({self.e(depth + 2)}, 2)) x(a, b)"
        if kind == 7:
            how = self.r.choice(("join", "left join", "right join", "full join", "cross join", "natural join"))
            return f"t {how} u {self.r.choice(('on t.id = u.a', 'using (id)', 'using (a)', ''))}"
        return f"unnest({self.e(depth + 2)}) x"

    def select(self, depth=0):
        if depth > 6:
            return "select 1"
        distinct = self.r.choice(("", "", "", "distinct "))
        out = f"select {distinct}{self.list(lambda: self.e(depth + 1) + self.r.choice(('', '', ' as x')))}"
        if self.r.random() < 0.8:
            out += f" from {self.source(depth)}"
            if self.r.random() < 0.5:
                out += f" where {self.e(depth + 1)}"
            if self.r.random() < 0.2:
                out += f" group by {self.list(self.column, 2)}"
                if self.r.random() < 0.4:
                    out += f" having {self.e(depth + 1)}"
        if self.r.random() < 0.15:
            out += f" {self.r.choice(('union', 'union all', 'intersect', 'except'))} {self.select(depth + 2)}"
        if self.r.random() < 0.3:
            out += f" order by {self.r.choice(('1', '2', self.column(), self.e(depth + 2)))} " \
                f"{self.r.choice(('', 'desc', 'nulls first', 'desc nulls last'))}"
        if self.r.random() < 0.3:
            out += f" limit {self.r.choice(('0', '1', '10', 'null', 'all', '-1', self.value()))} offset " \
                f"{self.r.choice(('0', '1', self.value()))}"
        if depth == 0 and self.r.random() < 0.1:
            out = f"with {self.r.choice(('', 'recursive '))}w as ({self.select(3)}) {out}"
        return out

    def insert(self):
        columns = self.r.sample(("id", "a", "b", "c", "d", "e", "f", "g", "h", "j"), self.r.randint(1, 4))
        rows = ", ".join("(" + ", ".join(self.r.choice((self.value(), "default", self.e(2))) for _ in columns) + ")"
            for _ in range(self.r.randint(1, 3)))
        conflict = self.r.choice(("", "", " on conflict do nothing", f" on conflict (id) do update set {columns[0]} = "
            f"{self.e(2)}", f" on conflict (id) do update set a = excluded.a where {self.e(2)}"))
        source = self.r.choice((f"values {rows}", f"values {rows}", self.select(2)))
        return f"insert into {self.r.choice(('t', 't', 'u', 'd1', 'v'))} ({', '.join(columns)}) " \
            f"{source}{conflict}{self.r.choice(('', '', ' returning *', ' returning ' + self.e(2)))}"

    def update(self):
        return f"update {self.r.choice(('t', 'u', 'v', 't as x'))} set " \
            f"{self.list(lambda: self.r.choice('abcdefgh') + ' = ' + self.e(1), 3)}{self.r.choice(('', ' from u'))} " \
            f"where {self.e(1)}{self.r.choice(('', ' returning *'))}"

    def delete(self):
        return f"delete from {self.r.choice(('t', 'u', 'v', 'd1'))}{self.r.choice(('', ' using u'))} where {self.e(1)}"

    def define(self):
        name = f"d{self.r.randint(1, 4)}"
        column = lambda: f"{self.r.choice('abcdef')} {self.r.choice(TYPES)}" + self.r.choice(("", "", " not null",
            " unique", " default " + self.value(), " references t(id)", f" check ({self.e(3)})", " primary key",
            " generated always as identity"))
        return self.r.choice((
            f"create {self.r.choice(('', 'temp ', 'unlogged '))}table {self.r.choice(('', 'if not exists '))}{name} "
            f"({self.list(column)})",
            f"create table {name} as {self.select(2)}",
            f"drop table if exists {name}{self.r.choice((' cascade', '', ' restrict'))}",
            f"alter table {name} add column {column()}",
            f"alter table {name} drop column {self.r.choice('abcdef')}",
            f"alter table {name} alter column {self.r.choice('abc')} type {self.r.choice(TYPES)}",
            f"alter table {name} alter column {self.r.choice('abc')} set default {self.value()}",
            f"alter table {name} rename to {self.r.choice(('d1', 'd2', 'bibd_s', 'select'))}",
            f"alter table {name} rename column a to {self.r.choice('abcd')}",
            f"alter table {name} add constraint k{self.r.randint(1, 3)} "
            f"{self.r.choice(('check (' + self.e(3) + ')', 'unique (a)', 'foreign key (a) references t(id)'))}",
            f"create {self.r.choice(('', 'unique '))}index if not exists i{self.r.randint(1, 3)} on {name} "
            f"({self.r.choice('abc')}) {self.r.choice(('', 'where a is not null'))}",
            f"drop index if exists i{self.r.randint(1, 3)}",
            f"create or replace view v as {self.select(2)}", "drop view if exists v cascade",
            f"create sequence if not exists s{self.r.randint(1, 2)} increment "
            f"{self.r.choice(('1', '-1', '0', '9223372036854775807'))}",
            f"comment on table {name} is 'x'", f"truncate {name}{self.r.choice(('', ' restart identity'))}",
            f"create schema nosuch{self.r.randint(1, 2)}", f"create type e{self.r.randint(1, 2)} as enum ('a', 'b')",
        ))

    def control(self):
        return self.r.choice((
            "begin", "begin isolation level serializable read only", "commit", "rollback", "savepoint x",
            "rollback to x", "release x", "end; begin",
            "discard all", "reset all", "show all", "deallocate all", f"set {self.r.choice(SETTINGS)}",
            f"show {self.r.choice(('timezone', 'nosuch', 'server_version'))}",
            f"prepare p as {self.select(1)}", f"prepare p(int, text) as select $1 + 1, $2 from t where a = $2",
            f"execute p({self.value()}, {self.value()})", "execute p", "deallocate p",
            f"declare c cursor {self.r.choice(('', 'with hold '))}for {self.select(1)}",
            f"fetch {self.r.choice(('1', 'all', '-1', 'backward 2', 'forward 3', '0'))} from c", "move 1 in c",
            "close c", "close all",
            f"explain {self.select(1)}", "analyze", "vacuum", "checkpoint", "listen x", "notify x, 'y'", "unlisten *",
            "lock table t", "select pg_sleep(0.05)",
            f"select pg_advisory_lock({self.value()})", ";", "", "--", "/*", f"do $$ begin {self.select(2)}; end $$",
            "set role none",
        ))

    def statement(self):
        kind = self.r.random()
        out = self.select() if kind < 0.42 else self.insert() if kind < 0.57 else self.update() if kind < 0.65 \
            else self.delete() if kind < 0.69 else self.define() if kind < 0.82 else self.control()
        if self.r.random() < 0.06:  # damaged
            at = self.r.randint(0, len(out))
            out = out[:at] + self.r.choice(("", "'", '"', "(", ")", "$1", "\x01", "::", ";", "$$", "\\", "é", "[",
                "/*")) + out[at + self.r.randint(0, 6):]
        return out


def string(text):
    return text.encode() + b"\0"


class Client:
    def __init__(self, directory, number, seed, logs, functions):
        self.rng = random.Random(f"{seed}.{number}")
        self.directory, self.session, self.functions = directory, None, functions
        self.grammar = Grammar(self.rng, functions)
        self.log_path = os.path.join(logs, f"client-{number}")
        self.log, self.logged = open(self.log_path, "w", buffering=1), 0

    def note(self, text):
        if self.logged > 500:
            self.log.close()
            os.replace(self.log_path, self.log_path + ".old")
            self.log, self.logged = open(self.log_path, "w", buffering=1), 0
        self.log.write(text.replace("\n", " ") + "\n")
        self.logged += 1

    def open(self):
        self.session = Session(self.directory, self.rng.choice(("admin", "admin", "admin", "write", "query")),
            timeout=120)
        self.session.query("set statement_timeout = 1500")

    def drop(self):
        if self.session:
            self.session.close()
        self.session = None

    def cancel(self):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(20)
        s.connect(f"{self.directory}/.s.PGSQL.5432")
        s.sendall(struct.pack("!iiii", 16, 80877102, self.session.process, self.session.key))
        s.close()

    def extended(self, text):
        """Parse, Describe, Bind with what may be parameters, Execute in pieces, Sync."""
        r, s = self.rng, self.session
        oids = [r.choice((0, 23, 20, 25, 1700, 16, 1114, 17)) for _ in range(r.choice((0, 0, 1, 2)))]
        name = r.choice(("", "", "s1", "s2"))
        if name:
            s.send("C", b"S" + string(name))
        s.send("P", string(name) + string(text) + struct.pack(f"!H{len(oids)}I", len(oids), *oids))
        if r.random() < 0.5:
            s.send("D", b"S" + string(name))
        parameters = b""
        n = text.count("$1") and r.choice((1, 2, len(oids)))
        for _ in range(n):
            value = r.choice((None, b"1", b"abc", struct.pack("!i", 7), struct.pack("!q", -1), b"", os.urandom(8),
                b"2020-01-01"))
            parameters += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
        formats = r.choice(((), (0,), (1,)))
        s.send("B", string("") + string(name) + struct.pack(f"!H{len(formats)}H", len(formats),
            *formats) + struct.pack("!H", n) + parameters + struct.pack("!HH", 1, r.choice((0, 0, 1))))
        if r.random() < 0.5:
            s.send("D", b"P" + string(""))
        for _ in range(1 if "stdin" in text else r.choice((1, 1, 2))):  # one more in COPY would end it
            s.send("E", string("") + struct.pack("!i", r.choice((0, 0, 1, 5))))
        # A Sync behind a COPY is swallowed by it, or, when it was cancelled before that, answered: nobody could tell.
        s.send("H" if "stdin" in text else "S")

    def answer(self, extended):
        """To ReadyForQuery; data for a COPY that was asked."""
        s, owes_sync = self.session, extended and "stdin" in self.sent[1]
        while True:
            if not s.buffer and not select.select([s.socket], [], [], 10)[0]:
                self.cancel()  # what runs for long, with no limit of its own, can always be cancelled
                if not select.select([s.socket], [], [], 90)[0]:
                    raise RuntimeError(f"not answered, and not cancelled: {self.sent!r}, seen {self.seen}")
            kind, body = s.message()
            self.seen = (self.seen + kind)[-40:]
            if kind == "G":
                s.send("d", self.rng.choice((b"1\ta\n", b"\\N\t\\N\n", b"x", os.urandom(20), b"1,2,3\n")))
                s.send(*self.rng.choice((("c", b""), ("f", b"stop\0"))))
            if owes_sync and kind in "GEC":
                s.send("S")
                owes_sync = False
            if kind == "E" and b"\0C57P0" in body:
                raise ConnectionResetError
            elif kind == "E" and b"\0CXX" in body:
                self.note(f"internal: {body!r}")
                return "internal"
            elif kind == "Z":
                return "ok"

    def one(self):
        r = self.rng
        if self.session is None:
            self.open()
        text = self.grammar.statement() if r.random() < 0.97 else r.choice(("copy t (id, a) from stdin",
            "copy u from stdin (format csv)", "copy t to stdout (format binary)",
            "copy (select 1, null, 'x') to stdout", "copy t from stdin (format binary)"))
        text = text.replace("\0", "")
        self.note(text)
        extended = r.random() < 0.4
        self.sent, self.seen = ("extended" if extended else "simple", text), ""
        if not extended:
            self.session.send("Q", string(text))
        else:
            self.extended(text)
        fate = r.random()
        if fate < 0.01:
            self.drop()  # in the middle
        elif fate < 0.03:
            self.cancel()
        if self.session and self.answer(extended) == "internal":
            self.drop()
        if r.random() < 0.005:
            self.drop()


def run(directory, number, count, end, seed, logs, functions, done):
    client = Client(directory, number, seed, logs, functions)
    while time.monotonic() < end and done.value < count:
        try:
            client.one()
        except (ConnectionResetError, BrokenPipeError, Failed):
            client.drop()
        except (ConnectionRefusedError, FileNotFoundError, BlockingIOError):
            client.drop()
            time.sleep(0.05)
        with done.get_lock():
            done.value += 1


def main():
    directory, clients, count, seconds, seed, logs = sys.argv[1:7]
    s = Session(directory, "admin")
    s.query("create table t (id int primary key, a text, b bigint, c numeric(10,2), d timestamp, e boolean, "
        "f double precision, g jsonb, h text, j bytea)")
    s.query("create table u (id serial primary key, a int references t(id) on delete cascade, b varchar(5), c date, "
        "d char(3))")
    for i in range(20):
        s.query(f"insert into t values ({i}, 'a{i}', {i} * 1000000000::bigint, {i} / 3.0, now(), true, {i} / 7.0, "
            f"'{{\"a\": {i}}}', 'h{i}', '\\x00{i:02x}')")
        s.query(f"insert into u (a, b, c) values ({i}, 'b', '2020-02-{i % 28 + 1:02d}')")
    s.query("create view v as select id, a, b from t where id > 3")
    functions = sorted({row[0] for row in s.query("select proname from pg_proc")} - {"pg_sleep"}) + ["count", "sum",
        "avg", "string_agg", "array_agg", "row_number", "lag", "json_agg"] * 5
    s.close()
    done, end = multiprocessing.Value("q", 0), time.monotonic() + float(seconds)
    workers = [multiprocessing.Process(target=run, args=(directory, i, int(count), end, seed, logs, functions, done))
        for i in range(int(clients))]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    print(f"{done.value} statements")
    return 0 if all(w.exitcode == 0 for w in workers) else 1


sys.exit(main())
