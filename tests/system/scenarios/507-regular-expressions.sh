# A regular expression from a client costs its own session a bounded time, can be cancelled, and keeps nobody else
# waiting
. "$(dirname "$0")/../lib.sh"
requires psql python3
SQLITE="memory_mb: 1024" # what the unit allows: eight texts of 80 MB are no matter of it
start_node
python3 - "$DIR/run" "$SLOW" <<'PY' || fail "see above"
import struct, sys, time
from wire import Failed, Session
d, slow = sys.argv[1], int(sys.argv[2])
s = Session(d, user="query")
def outcome(text):
    begun = time.monotonic()
    try: s.query(text); code = "ok"
    except Failed as e: code = e.code
    return code, time.monotonic() - begun
quote = lambda t: "'" + t.replace("'", "''") + "'"
bombs = ["(" * 90 + "a|" + ")+" * 90, "(" * 60 + "^|a" + ")*" * 60, "(a*|b*)" * 500, "a?" * 2000,
    "((a{1,200}){1,200}){1,200}", "(a?b?c?d?){255}",
    "(((a{1,10}){1,10}){1,10})", "(" + "a" * 3000 + "){200}", "a" * 5000, "(a*|b*)" * 85, "(.?){250}", "x" * 4000,
    "[a-z]{255}(.*.*.*.*)*z"]
for pattern in bombs:
    for call in "{1} ~ {0}", "{1} ~* {0}", "substring({1} from {0})", "regexp_replace({1}, {0}, 'x', 'g')", \
            "regexp_match({1}, {0})":
        code, took = outcome("select " + call.format(quote(pattern), "repeat('ab', 5)"))
        if code not in ("ok", "54000", "2201B", "0A000") or took > 8 * slow:
            sys.exit(f"{call} {pattern[:40]}: {code} after {took:.1f} s")
# Long work is cancelled, timed out, and stopped when its client has gone; others are served meanwhile.
slowly = "select repeat('ab', 40000000) ~ '(a|b)*a((a|b)(a|b)?){60}c'", \
    "select length(regexp_replace(repeat('ab', 40000000), '(a|b)*a((a|b)(a|b)?){60}c', '', 'g'))"
for text in slowly:
    held = [Session(d, user="query") for _ in range(4)]
    for h in held: h.send("Q", text.encode() + b"\0")
    time.sleep(.5)
    begun = time.monotonic(); Session(d, user="write").query("select 1")
    if time.monotonic() - begun > 5 * slow:
        sys.exit(f"others are kept waiting: {time.monotonic() - begun:.1f} s, {text}")
    begun = time.monotonic()
    c = Session(d, start=False)
    c.socket.sendall(struct.pack("!iiii", 16, 80877102, held[0].process, held[0].key))
    c.close()
    try: held[0].until_ready(); sys.exit("not cancelled")
    except Failed as e: assert e.code == "57014", e
    if time.monotonic() - begun > 5 * slow: sys.exit("cancelled late")
    for h in held: h.close()
    s.query("set statement_timeout = '300ms'")
    code, took = outcome(text)
    assert code == "57014" and took < 6 * slow, (code, took)
    s.query("reset statement_timeout")
PY
stop_node
