#!/usr/bin/env python3
"""regress_judge.py [--write] TABLE DIRECTORY: holds the answers that mirror.py wrote into files of DIRECTORY against
the table: prints the figures of each file, and what is wrong and not named; exits with 1 when anything is worse."""
import collections
import json
import os
import sys

BAD = ("wrong", "order", "accepted", "slow", "lost")
FIGURES = ("same", "refused", "wrong", "accepted", "open", "aborted")


class Table:
    """Lines "file NAME HONOURED REFUSED" and "CLASS FILE KEY REASON", between comments."""

    def __init__(self, path):
        self.path, self.comments, self.files, self.known = path, [], {}, {}
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                words = line.split(None, 3)
                if line.startswith("#"):
                    self.comments.append(line)
                elif words and words[0] == "file":
                    self.files[words[1]] = [int(words[2]), int(words[3])]
                elif words:
                    self.known[words[1], words[2]] = (words[0], words[3].strip())

    def write(self):
        with open(self.path, "w", encoding="utf-8") as out:
            out.writelines(self.comments)
            for name, (honoured, refused) in sorted(self.files.items()):
                out.write("file %-20s %5d %5d\n" % (name, honoured, refused))
            for (name, key), (kind, reason) in sorted(self.known.items()):
                out.write("%-8s %-18s %-13s %s\n" % (kind, name, key, reason))


def figures(answers):
    count = collections.Counter(a["class"] for a in answers)
    count["wrong"] += count["order"] + count["slow"] + count["lost"]
    return count


def better(table, name, answers):
    """What is no longer wrong is no longer named; honoured may rise, refused fall."""
    count, bad = figures(answers), {a["key"] for a in answers if a["class"] in BAD}
    honoured, refused = table.files.get(name, (0, 1 << 30))
    table.files[name] = [max(honoured, count["same"]), min(refused, count["refused"])]
    for known in [k for k in table.known if k[0] == name and k[1] not in bad]:
        del table.known[known]


def judge(table, name, answers):
    """How many lines of the file's answers are worse than the table."""
    count, worse = figures(answers), 0
    for a in answers:
        if a["class"] in BAD and table.known.get((name, a["key"]), ("",))[0] != a["class"]:
            worse += 1
            print("FAIL %s %s %s line %d: %s\n     PostgreSQL: %s\n     the node:   %s" % (a["class"], name,
                a["key"], a["line"], a["sql"][:300], a["plain"][:600], a["node"][:600]))
    honoured, refused = table.files.get(name, (0, 1 << 30))
    fewer = count["same"] + count["open"] + count["slow"] < honoured or count["refused"] > refused
    print("%-4s %-20s" % ("FAIL" if worse or fewer else "ok", name) + "".join("%9d" % count[f] for f in FIGURES) +
        ("   (at least %d and at most %d are wanted)" % (honoured, refused) if fewer else ""))
    return worse + fewer


def main():
    write = sys.argv[1] == "--write"
    table, total, worse = Table(sys.argv[1 + write]), collections.Counter(), 0
    print("%-25s" % "" + "".join("%9s" % f for f in FIGURES))
    for name in sorted(os.listdir(sys.argv[2 + write])):
        with open(os.path.join(sys.argv[2 + write], name), encoding="utf-8") as lines:
            answers = [json.loads(line) for line in lines]
        worse += judge(table, name, answers)
        total += figures(answers)
        if write:
            better(table, name, answers)
    print("%-25s" % "all" + "".join("%9d" % total[f] for f in FIGURES))
    if write:
        table.write()
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
