# server.max_clients is kept; after a crash of the machine (another boot id in the file) the file is checked, as an
# event
. "$(dirname "$0")/../lib.sh"
requires psql python3
SERVER="max_clients: 3" start_node
python3 - "$DIR/run" <<'PY' || fail "see above"
import sys
from wire import Failed, Session
held = [Session(sys.argv[1], user="query") for _ in range(3)]
try: Session(sys.argv[1], user="query"); sys.exit("a fourth client was let in")
except Failed as e: assert e.code == "53300", e
Session(sys.argv[1]).query("select 1") # admin
held.pop().close()
import time; time.sleep(.3)
Session(sys.argv[1], user="query").query("select 1")
PY
stop_node
python3 - "$DIR/data/sqlite/cache.db" <<'PY' || fail "cannot change the boot id"
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.execute("insert or replace into bibd_node values ('boot_id', 'another')")
c.commit()
c.close()
PY
[ "$(id -u)" != 0 ] || chown _bibd:_bibd "$DIR"/data/sqlite/*
SERVER="max_clients: 3" start_node
checked() { "$BIBCTL" -s "$DIR/run" events | grep -q 'store.check .*is whole'; }
until_true 10 checked || fail "no event of the check: $("$BIBCTL" -s "$DIR/run" events)"
