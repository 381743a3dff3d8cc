# The audit trail: what is in it, that it is signed, and that each way of changing it is found and named
. "$(dirname "$0")/../lib.sh"
requires psql python3
EXTRA="audit: {sign_interval: 300ms}" start_node
sql "create table t (a int); insert into t values (1)" >/dev/null
state -U query "insert into t values (4711)" >/dev/null
state -U write "drop table t where 'a secret' is null" >/dev/null
state -U write "drop table t" >/dev/null
bibctl reload >/dev/null || fail "no reload"
in_trail() { [ "$(sql -U audit "select count(*) > 0 from bibd.audit where $1")" = t ]; }
found() { until_true 5 in_trail "$1" || fail "not in the trail: $1: $(sql -U audit 'select * from bibd.audit')"; }
found "kind = 'node.ready' and source = 'bibd' and uid = $(id -u) and pid = $PID"
found "kind = 'definition' and source = 'bibd-sqlite' and role = 'admin' and statement like 'create table t%'"
found "kind = 'refused' and role = 'query' and result = '42501' and statement like 'insert into t%'"
found "kind = 'refused' and role = 'write' and result = '42501' and statement like 'drop table t'"
found "kind = 'order.reload' and source = 'bibd-control' and uid = $(id -u)"
found "kind = 'reload.done' and result = 'done'"
equal "$(sql -U audit "select count(*) from bibd.audit where statement like '%4711%' or statement like '%secret%'")" 0 \
    "literals"
# The configuration is refused: that is an event too.
cp "$CONFIG" "$CONFIG.good"; echo "nonsense: 1" >>"$CONFIG"
bibctl reload >/dev/null 2>&1 && fail "nonsense was taken"
cp "$CONFIG.good" "$CONFIG"
found "kind like 'conf.%' and result = 'failed' and statement like '%nonsense%'"
signed() { bibctl --json audit verify | grep -q '"heads":[1-9]'; }
until_true 5 signed || fail "nothing was signed: $(bibctl audit verify)"
# Who asks while another check runs is told so, and nothing is said about the trail.
asked=()
for i in 1 2 3 4 5 6; do bibctl audit verify >"$WORK/verify.$i" 2>&1 & asked+=($!); done
for i in 1 2 3 4 5 6; do
	wait "${asked[$i - 1]}"; status=$?
	case $status in 0) contains "$(cat "$WORK/verify.$i")" "audit trail intact" "six at a time" ;;
	69) contains "$(cat "$WORK/verify.$i")" "another check of the audit trail is running; try again" \
	    "six at a time" ;;
	*) fail "six at a time: status $status: $(cat "$WORK/verify.$i")" ;;
	esac
done
equal "$(log_lines 'trail is not')" 0 "alarms"
for role in admin write query; do
	case $(state -U $role 'select * from bibd.audit_head') in 42501 | 42P01) ;;
	*) fail "$role reads the heads" ;; esac
done
stop_node
heads=$(sha256sum <"$DIR/data/secrets/audit.head") # the last head is signed at the stop, node.stopping being in it
cp -a "$DIR/data" "$WORK/whole"
asked() { bibctl audit verify >/dev/null 2>&1; [ $? != 69 ]; }
# verify: what bibctl says of the trail as it stands on disk
verify() {
	launch; wait_ready
	until_true 5 asked || fail "no answer: $(bibctl audit verify 2>&1)" # keeper is not waited for by a start
	out=$(bibctl audit verify 2>&1); status=$?
	kill -KILL "$PID"; wait "$PID" 2>/dev/null # no head of this start is signed
}
change() { # SQL EXPECTED...
	rm -rf "$DIR/data"; cp -a "$WORK/whole" "$DIR/data"
	python3 - "$DIR/data/sqlite/cache.db" "$1" <<'PY' || fail "cannot change the table: $1"
import sqlite3, sys, hashlib, struct
c = sqlite3.connect(sys.argv[1])
c.create_function("bibd_valid", 3, lambda a, b, v: 1)
def encode(v):
    if v is None: return b"\xff\xff\xff\xff"
    v = str(v).encode(); return struct.pack(">I", len(v)) + v
def chain(first):
    "chains the rows from the one of that id on, as whoever may write the file can"
    previous = c.execute("select previous from bibd_audit where id = ?", (first,)).fetchone()[0]
    for row in c.execute("select id, at, uid, pid, role, kind, statement, result, source from bibd_audit where id >= ? "
            "order by id", (first,)).fetchall():
        digest = hashlib.sha256(previous.encode() + b"".join(encode(v) for v in row[1:])).hexdigest()
        c.execute("update bibd_audit set previous = ?, hash = ? where id = ?", (previous, digest, row[0]))
        previous = digest
    return previous
exec(sys.argv[2])
c.commit(); c.close()
PY
	[ "$(id -u)" != 0 ] || chown _bibd:_bibd "$DIR"/data/sqlite/*
	verify
	[ $status = 65 ] || fail "status $status for: $1: $out"
	contains "$out" "$2" "$1"
	say "$out"
}
verify; equal $status 0 "the trail as it was left: $out"
contains "$out" "audit trail intact" "the trail as it was left"
equal "$(sha256sum <"$DIR/data/secrets/audit.head")" "$heads" "keeper's last head"
change "c.execute(\"update bibd_audit set uid = 1 where id = 3\")" "row 3 was changed"
change "c.execute(\"update bibd_audit set statement = null where id = 3\")" "row 3 was changed"
change "c.execute(\"update bibd_audit set at = '2026-01-01 00:00:00+00' where id = 2\")" "row 2 was changed"
change "c.execute('delete from bibd_audit where id = 3')" "written before row 4 are missing"
change "c.execute('delete from bibd_audit where id = 1')" "written before row 2 are missing"
change "c.execute('update bibd_audit set id = 1000 where id = 2'); c.execute('update bibd_audit set id = 2 \
where id = 3'); c.execute('update bibd_audit set id = 3 where id = 1000')" "row 2 are missing, or stand elsewhere"
change "c.execute(\"insert into bibd_audit(at, role, kind, result) values ('2026-11-24 00:00:00+00', 'admin', \
'definition', 'started')\")" "is not chained"
change "c.execute(\"update bibd_audit set uid = 1 where id = 3\"); chain(3)" \
    "is not the one that was signed at its place"
change "c.execute(\"update bibd_audit set uid = 1 where id = 3\"); chain(3); c.execute('delete from bibd_audit_head')" \
    "is not the one that was signed at its place"
change "c.execute(\"update bibd_audit set uid = 1 where id = 3\"); chain(3); c.execute('update bibd_audit_head set \
hash = (select hash from bibd_audit a where a.position = bibd_audit_head.position)')" \
"is not the one that was signed at its place"
change "c.execute(\"update bibd_audit_head set signature = (case substr(signature, 1, 1) \
when '0' then '1' else '0' end) || substr(signature, 2)\")" "signature is not the node's"
change "c.execute(\"update bibd_audit_head set at = '2026-01-01 00:00:00+00'\")" "signature is not the node's"
change "c.execute(\"update bibd_audit_head set key = (case substr(key, 1, 1) when '0' then '1' else '0' end) || \
substr(key, 2)\")" "signature is not the node's"
# What is missing at the end is named as such, or by the row that this start has put in its place.
change "c.execute('delete from bibd_audit where id > 4'); c.execute('delete from bibd_audit_head where position > 4')" \
    "row"
change "c.execute('delete from bibd_audit where id > 4')" "row"
change "c.execute('delete from bibd_audit'); c.execute('delete from bibd_audit_head')" "bibd-keeper has a head of them"
# A history that was cut is not signed over: the event says so.
rm -rf "$DIR/data"; cp -a "$WORK/whole" "$DIR/data"
python3 -c "
import sqlite3, sys; c = sqlite3.connect(sys.argv[1])
c.execute('delete from bibd_audit where id > 2'); c.execute('delete from bibd_audit_head'); c.commit()" \
    "$DIR/data/sqlite/cache.db"
[ "$(id -u)" != 0 ] || chown _bibd:_bibd "$DIR"/data/sqlite/*
launch; wait_ready
unsigned() { bibctl events | grep -q 'audit.unsigned .*rows are missing or were written anew'; }
until_true 5 unsigned || fail "a cut history: $(bibctl events)"
stop_node
equal "$(sha256sum <"$DIR/data/secrets/audit.head")" "$heads" "keeper's last head after the cut"
