"""Reads a file of SQL as psql does: splits it into statements, substitutes variables, follows \\if, and leaves out what
is psql's own (\\d and the like). The reader is asked for one statement after the other, since variables, and whether
lines of COPY data follow, depend on the answers."""
import os
import re

VARIABLE = r":(?::|=|'\w+'|\"\w+\"|\{\?\w+\}|[A-Za-z_]\w*)"
TOKEN = re.compile(r"""
    (?P<skip> --[^\n]* ) |
    (?P<comment> /\* ) |
    (?P<text> [eE]'(?:[^'\\]|\\.|'')*' | (?<![\w$])[uU]&'(?:[^']|'')*' ) |
    (?P<plain> ' ) |
    (?P<name> "(?:[^"]|"")*" ) |
    (?P<dollar> \$(?P<tag>[A-Za-z_\x80-\uffff]?\w*)\$ .*? \$(?P=tag)\$ ) |
    (?P<escaped> \\[;:] ) |
    (?P<meta> \\ (?P<command>[A-Za-z]+|[?!]) (?P<rest>[^\n\\]*(?:\\[^\n\\][^\n\\]*)*) (?:\\\\)? ) |
    (?P<variable> """ + VARIABLE + r""" ) |
    (?P<word> [A-Za-z_\x80-\U0010ffff][\w$]* ) |
    (?P<number> \d[\w.]* ) |
    (?P<space> \s+ ) |
    (?P<other> . )""", re.X | re.S)
STANDARD = re.compile(r"'(?:[^']|'')*'?")
ESCAPING = re.compile(r"'(?:[^'\\]|\\.|'')*'?", re.S)
NESTED = re.compile(r"/\*|\*/")
COPIED = re.compile(r"^\\\.\s*$", re.M)
ENDS_STATEMENT = {"g", "gx", "gset", "gexec", "gdesc", "crosstabview"}


class Statement:
    def __init__(self, line, text, several, command="", prefix=""):
        self.line, self.text = line, text
        self.several = several  # joined by \;
        self.command, self.prefix = command, prefix  # gset and its prefix, gexec, c


class Script:
    def __init__(self, path, variables):
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            self.text = file.read()
        self.at, self.variables, self.standard_strings, self.branches = 0, dict(variables), True, []

    def next(self):
        """The next statement, or None at the end."""
        parts, start, depth, bodies, several, words = [], None, 0, 0, False, []

        def made(command="", prefix=""):
            line = self.text.count("\n", 0, self.at if start is None else start) + 1
            return Statement(line, "".join(parts).strip(), several, command, prefix)

        while self.at < len(self.text):
            token = TOKEN.match(self.text, self.at)
            kind, text = token.lastgroup, token.group()
            kind = "dollar" if kind == "tag" else "meta" if kind in ("command", "rest") else kind
            begin, self.at = self.at, token.end()
            if kind == "meta":
                command, rest = token.group("command"), token.group("rest")
                if command in ("if", "elif", "else", "endif"):
                    self.branch(command, rest)
                elif not self.active():
                    pass
                elif command in ("q", "quit"):
                    self.at = len(self.text)
                    return None
                elif command in ("c", "connect"):
                    return made("c")
                elif command == "copy":
                    parts = ["COPY", self.expand(rest)]
                    return made()
                elif command in ENDS_STATEMENT and parts:
                    if command != "gdesc":
                        return made(command, rest.strip())
                    parts, start, words = [], None, []
                elif command == "r":
                    parts, start, words = [], None, []
                else:
                    self.command(command, rest)
                continue
            if not self.active() or kind == "skip":
                continue
            if kind == "comment":
                text = self.comment(begin)
            elif kind == "plain":
                text = (STANDARD if self.standard_strings else ESCAPING).match(self.text, begin).group()
                self.at = begin + len(text)
            elif kind == "variable":
                text = self.expand(text)
            elif kind == "escaped":
                text, several = text[1], True
            elif text == "(":
                depth += 1
            elif text == ")":
                depth = max(0, depth - 1)
            elif text == ";" and depth == 0 and bodies == 0:
                if "".join(parts).strip():
                    return made()
                parts, start, words = [], None, []
                continue
            elif kind == "word":
                words.append(text.lower())
                if words[0] == "create" and {"function", "procedure"} & set(words[1:4]):
                    bodies += (words[-1] == "begin") + (words[-1] == "case" and bodies > 0)
                    bodies -= words[-1] == "end" and bodies > 0
            if start is None and kind not in ("space", "comment"):
                start = begin
            if start is not None:
                parts.append(text)
        return made() if "".join(parts).strip() else None

    def copy_data(self):
        """The lines that follow the statement, up to one of \\. alone; data_end is where to go on after them."""
        begin = self.text.find("\n", self.at) + 1 or len(self.text)
        end = COPIED.search(self.text, begin)
        self.data_end = end.end() if end else len(self.text)
        return self.text[begin:end.start() if end else len(self.text)]

    def active(self):
        return all(taken for taken, _ in self.branches)

    def branch(self, command, rest):
        true = self.expand(rest).strip().lower() in ("1", "on", "t", "true", "y", "yes")
        if command == "if":
            true = true and self.active()
            self.branches.append((true, true))
        elif command == "endif":
            self.branches.pop()
        else:
            done = self.branches[-1][1]
            true = not done and (command == "else" or true)
            self.branches[-1] = (true, done or true)

    def command(self, command, rest):
        words = [self.unquoted(w) for w in re.findall(r"'(?:[^']|'')*'|:'\w+'|:\"\w+\"|[^\s']+", rest)]
        if command == "set" and words:
            self.variables[words[0]] = "".join(words[1:])
        elif command == "unset":
            self.variables.pop(rest.strip(), None)
        elif command == "getenv" and len(words) == 2 and words[1] in os.environ:
            self.variables[words[0]] = os.environ[words[1]]

    def unquoted(self, word):
        if word.startswith("'"):
            return word[1:-1].replace("''", "'")
        if word.startswith((":'", ':"')):
            return self.variables.get(word[2:-1], word)
        return self.expand(word)

    def expand(self, text):
        return re.sub(VARIABLE, self.value, text)

    def value(self, match):
        whole = match.group()
        name = whole.strip(":'\"{?}")
        if whole.startswith(":{"):
            return "TRUE" if name in self.variables else "FALSE"
        if whole in ("::", ":=") or name not in self.variables:
            return whole
        value = self.variables[name]
        if whole[1] == "'":
            return "'" + value.replace("'", "''") + "'"
        return '"' + value.replace('"', '""') + '"' if whole[1] == '"' else value

    def comment(self, begin):
        level = 0
        for mark in NESTED.finditer(self.text, begin):
            level += 1 if mark.group() == "/*" else -1
            if level == 0:
                self.at = mark.end()
                return self.text[begin:self.at]
        self.at = len(self.text)
        return self.text[begin:]
