# However many messages a client sends before its Sync, and whatever they are, they are answered as plain PostgreSQL
# answers
# engines: none
. "$(dirname "$0")/../external.sh"
start_external 3
timeout 100 python3 - "$DIR/run/.s.PGSQL.5432" "$PLAIN/.s.PGSQL.$PLAIN_PORT" <<'PY' || fail "see above"
import sys, threading
from wire import Session, bind, execute, message, parse

def answers(path, user, sent):
    """what comes back, by type, up to ReadyForQuery"""
    s = Session(path, user)
    s.query("drop table if exists many; create table many (a int)")
    sender = threading.Thread(target=lambda: [s.socket.sendall(part) for part in sent])
    sender.start()
    kinds, copying = "", False
    while not kinds.endswith("Z"):
        kind, body = s.message()
        kinds += kind
        if kind == "G":
            s.socket.sendall(message("d", b"1\n2\n") + message("c") + message("S"))
    sender.join()
    rows = s.query("select count(*), sum(a) from many")
    s.close()
    return kinds, rows

# 2,048 and more pairs of Bind and Execute; one Describe each; a failure amid them
many = [parse("s", "insert into many values ($1)")] + [bind("s", str(i)) + execute() for i in range(10000)]
failing = many[:3000] + [bind("s", "x") + execute()] + many[3000:]
for name, sent in (("10,000 rows", many), ("10,000 rows and an error", failing),
        # a barrier of the pool's own (DEALLOCATE, SET), and then data that must come through it
        ("COPY after DEALLOCATE ALL in one batch", [parse("", "deallocate all"), bind(), execute(),
            parse("", "copy many from stdin"), bind(), execute()]),
        ("COPY after SET in one batch", [parse("", "set work_mem = '5MB'"), bind(), execute(),
            parse("", "copy many from stdin"), bind(), execute()])):
    sent = [b"".join(sent) + message("S")]
    mine, plain = answers(sys.argv[1], "write", sent), answers(sys.argv[2], "postgres", sent)
    assert mine == plain, f"{name}: {mine[0][:40]}...{mine[0][-40:]} {mine[1]} where plain has " \
        f"{plain[0][:40]}...{plain[0][-40:]} {plain[1]}"
PY
stop_node
