"""read_again.py SOCKET PLAIN: statements whose dates PostgreSQL may read again, by sessions of the node's (which has
one server connection, or keeps one more for who changes DateStyle) and by plain PostgreSQL's own. Each answer must be
plain PostgreSQL's; only where a story says so may the node refuse the statement instead, as one that must be prepared
again."""
import sys
from wire import Session, bind, close, describe, execute, message, parse, read_fields, read_row

DATE = "select (date '01/02/2026')::text, '{}'"
DEFINE = "create schema poke; drop schema poke"

# each step: session, what it does; "refused" in front: may be
STORIES = {
    "nothing is defined": ["a parse", "a set datestyle = 'sql, dmy'", "a run", "a set datestyle = 'sql, mdy'", "a run"],
    "defined past the node": ["a parse", "past", "a set datestyle = 'sql, dmy'", "a run", "a reset datestyle", "a run",
        "past", "a run"],
    "defined by another session": ["a parse", "b define", "a set datestyle = 'sql, dmy'", "a run"],
    "defined by itself": ["a parse", "a define", "a set datestyle = 'sql, dmy'", "a run"],
    "read before it was changed": ["a parse", "past", "a run", "a set datestyle = 'sql, dmy'", "a run", "past",
        "a run"],
    "described, not run": ["a parse", "past", "a describe", "a set datestyle = 'sql, dmy'", "a run"],
    "used by another session": ["a parse", "past", "b parse", "b run", "a set datestyle = 'sql, dmy'", "refused a run",
        "a again", "a run", "b run"],
    "read again by another session": ["a parse", "b parse", "past", "b run", "a set datestyle = 'sql, dmy'",
        "refused a run", "b run"],
    "in a transaction": ["a parse", "past", "a begin", "a set local datestyle = 'sql, dmy'", "a run", "a commit",
        "a run", "b parse", "b run"],
    "in a transaction that is taken back": ["a parse", "past", "a begin", "a set datestyle = 'sql, dmy'", "a run",
        "a rollback", "a run", "b parse",
        "b run"],
    "out of sight": ["a parse", "past", "a do $$ begin perform set_config('datestyle', 'sql, dmy', false); end $$",
        "a run"],
    "out of sight, after another session": ["a parse", "b parse", "b run", "past",
        "a do $$ begin perform set_config('datestyle', 'sql, dmy', false); end $$", "refused a run", "a again",
        "a run"],
    "by its own name": ["a parse", "a select count(*) from pg_prepared_statements where name = 's'", "past",
        "a set datestyle = 'sql, dmy'",
        "refused a run"],
    "by its own name, later": ["a parse", "a set datestyle = 'sql, dmy'",
        "a select count(*) from pg_prepared_statements where name = ''",
        "refused a run"],
    "the first temporary table": ["a parse", "b parse", "b run", "a create temp table mine (x int)",
        "a set datestyle = 'sql, dmy'", "a run"],
    "a failed batch": ["a parse", "b parse", "b run", "a fails", "past", "a set datestyle = 'sql, dmy'",
        "refused a run"],
    "another setting": ["a parse", "b parse", "b run", "past", "a set enable_seqscan = off", "a run",
        "a set local datestyle = 'sql, dmy'", "a run"],
}


def answers(s, bytes_, syncs=1):
    s.socket.sendall(bytes_)
    out = []
    while syncs > 0:
        kind, body = s.message()
        if kind == "D":
            out.append(read_row(body))
        elif kind == "E":
            fields = read_fields(body)
            out.append((fields["C"], fields["M"], fields.get("R") if fields["C"] == "0A000" else None))
        elif kind in "CtnI12Z":
            out.append((kind, body))
        syncs -= kind == "Z"
    return out


def batch(what, text):
    sync = message("S")
    return {"parse": parse("s", text) + sync, "run": bind("s") + execute() + sync,
        "describe": describe("S", "s") + sync,
        "again": close("S", "s") + parse("s", text) + sync,
        "fails": bind("none") + bind("s") + execute() + sync}.get(what)


def tell(story, steps, node, plain):
    two = {n: (Session(node), Session(plain, "postgres", "plain")) for n in "ab"}
    past = [Session(plain, "postgres", d) for d in ("bibd", "plain")]
    refused = 0
    for step in steps:
        if step == "past":
            for s in past:
                s.query(DEFINE)
            continue
        may, step = step.startswith("refused "), step.removeprefix("refused ")
        who, what = step.split(" ", 1)
        bytes_ = batch(what, DATE.format(story)) or message("Q",
            (DEFINE if what == "define" else what).encode() + b"\0")
        got, expected = (answers(s, bytes_) for s in two[who])
        if got == expected:
            continue
        if not (may and got[0][0] == "0A000" and "must be prepared again" in got[0][1]
                and got[0][2] == "RevalidateCachedQuery"):
            sys.exit(f"{story}: {step}: the node answers\n  {got}\nand plain PostgreSQL\n  {expected}")
        refused += 1
    for pair in two.values():
        for s in pair:
            s.send("X")
            s.close()
    for s in past:
        s.close()
    return refused


def main():
    refused = sum(tell(story, steps, *sys.argv[1:3]) for story, steps in STORIES.items())
    print(f"{len(STORIES)} stories, {refused} times a statement had to be prepared again")
    if not refused:
        sys.exit("where nobody can know which date it is nothing was refused")


main()
