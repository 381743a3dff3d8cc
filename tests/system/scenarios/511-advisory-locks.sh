# Advisory locks: two sessions never have one that either has alone; they go with the session, or with its transaction
. "$(dirname "$0")/../lib.sh"
requires python3
start_node
timeout 60 python3 - "$DIR/run" <<'PY' || fail "see above"
import sys
from wire import Failed, Session

run = sys.argv[1]
a, b = Session(run), Session(run)


def one(session, text): return session.query(f"select {text}")[0][0]


def code(session, text):
    try: session.query(text)
    except Failed as e: return str(e)[:5]
    return "00000"


assert one(a, "pg_try_advisory_lock(1)") == "t" and one(b, "pg_try_advisory_lock(1)") == "f"
assert one(b, "pg_advisory_unlock(1)") == "f" and one(b, "pg_try_advisory_lock(0, 1)") == "t"
assert code(b, "select pg_advisory_lock(1)") == "0A000"  # nobody waits
assert one(a, "pg_advisory_unlock(1)") == "t" and one(b, "pg_try_advisory_lock(1)") == "t"
assert one(b, "pg_advisory_unlock_all()") == "" and one(a, "pg_try_advisory_lock_shared(1)") == "t"
assert one(b, "pg_try_advisory_lock_shared(1)") == "t" and one(b, "pg_try_advisory_lock(1)") == "f"
a.query("discard all")
assert one(b, "pg_try_advisory_lock(1)") == "t" and one(a, "pg_try_advisory_lock_shared(1)") == "f"
b.close()
for _ in range(100):  # the session's end is the server's to notice
    if one(a, "pg_try_advisory_lock(1)") == "t": break
else: raise AssertionError("a lock outlives its session")
a.query("discard all")
b = Session(run)
for end in "commit", "rollback":
    a.query("begin")
    assert one(a, "pg_try_advisory_xact_lock(7)") == "t" and one(b, "pg_try_advisory_xact_lock(7)") == "f"
    a.query(end)
    assert one(b, "pg_try_advisory_xact_lock(7)") == "t"
a.query("begin")
assert one(a, "pg_try_advisory_xact_lock(7)") == "t" and code(a, "select 1/0") == "22012"
a.query("rollback")
assert one(b, "pg_try_advisory_lock(7)") == "t"
# A statement by itself is a transaction; a failed one leaves nothing, and what is the session's stays.
assert code(b, "select pg_advisory_xact_lock(8), pg_advisory_lock(9), 1/0") == "22012"
assert one(a, "pg_try_advisory_lock(8)") == "t" and one(a, "pg_try_advisory_lock(9)") == "f"
for s in a, b: s.close()
PY
stop_node
