# What is refused, changed or copied is answered as plain PostgreSQL answers, field by field and message by message
# engines: none
. "$(dirname "$0")/../external.sh"
start_external 3
timeout 120 python3 - "$DIR/run/.s.PGSQL.5432" "$PLAIN/.s.PGSQL.$PLAIN_PORT" <<'PY' || fail "see above"
import socket, struct, sys
from wire import Session, bind, close, execute, message, parse, read_fields
node, plain = Session(sys.argv[1], "admin", timeout=60), Session(sys.argv[2], "postgres", "plain", timeout=60)

def answers(s, sent):
    s.socket.sendall(sent); got = []
    while not got or got[-1][0] != "Z":
        kind, body = s.message()
        if kind in "SN": continue
        if kind == "E": body = {k: v for k, v in read_fields(body).items() if k in "VCMDHRF"}
        got.append((kind, body if kind in "EZCdD" else None))
    return got

def same(name, *parts):
    sent = b"".join(parts)
    mine, theirs = answers(node, sent), answers(plain, sent)
    assert mine == theirs, f"{name}: {mine} where plain has {theirs}"

def query(text): same(text, message("Q", text.encode() + b"\0"))
sync = message("S")
query("create table t (a int); insert into t values (1), (2)")
same("parse", parse("s", "select * from t"), sync); same("execute", bind("s"), execute(), sync)
query("alter table t add column b text")
same("a row that is another now", bind("s"), execute(), sync); same("and in a batch", bind("s"), execute(), sync)
# a refused two-phase commit ends the transaction, both ways of asking
for end in ("commit", "rollback"):
    query("begin")
    query("insert into t values (3)")
    query("prepare transaction 'x'")
    query("select count(*) from t")
    query(end)
    query("begin")
    same("in a batch", parse("", "prepare transaction 'x'"), bind(), execute(), sync)
    query("select count(*) from t")
    query(end)
query("select count(*) from t")
# the header of a binary COPY, with rows and without
for text in ("copy t to stdout (format binary)", "copy (select 1 where false) to stdout (format binary)",
        "copy t to stdout (format csv, header)"):
    query(text); same(text, parse("", text), bind(), execute(), sync)
# statements are listed in the order in which they were made, whatever was closed between
same("twelve statements", *(parse(f"q{i}", f"select {i}") for i in (7, 2, 11, 5, 1, 8, 3, 12, 6, 10, 4, 9)), sync)
same("one of them again", close("S", "q5"), close("S", "q7"), parse("q5", "select 5"), sync)
query("select name, statement from pg_prepared_statements where name like 'q%' order by prepare_time")
# a first packet of no possible length is not answered, as that of a client which leaves before it has said who it is
def first(path, sent):
    s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(path); s.sendall(sent); got = b""
    while got != b"N" and (part := s.recv(4096)): got += part
    return got
for sent in (b"X\0\0\0\4", struct.pack("!i", 4), b"GET / HTTP/1.0\r\n\r\n", struct.pack("!i", 10005),
        struct.pack("!iii", 12, 80877102, 1),
    struct.pack("!iiii", 16, 80877102, 1, 1), struct.pack("!iii", 12, 80877103, 1)):
    mine, theirs = first(sys.argv[1], sent), first(sys.argv[2], sent)
    assert mine == theirs, f"{sent}: {mine} where plain has {theirs}"
# very many parameters
n = 50000
same("50,000 parameters", parse("", "select count(*) from t where a in (" + ",".join(f"${i + 1}" for i in range(n))
    + ")", [23] * n), bind("", *([1] * n)), execute(), sync)
PY
stop_node
