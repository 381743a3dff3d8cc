# EXPLAIN answers SQLite's plan as text, or as one document of JSON, XML or YAML, and runs nothing
. "$(dirname "$0")/../lib.sh"
requires psql python3
start_node
sql "create table shelf (id int primary key, \"a <b> & \"\"c\"\"\" text); create table book (shelf int, title text)" ||
    fail "setup"
python3 - "$DIR/run" <<'PY' || fail "see above"
import json, sys
import xml.etree.ElementTree as tree
from wire import Failed, Session
s = Session(sys.argv[1], user="admin")
queries = ["select 1", "select * from shelf", 'select * from shelf where "a <b> & ""c""" = $$x$$',
    "select * from shelf s join book b on b.shelf = s.id where b.title in (select title from book) or exists (select 1 "
    "from shelf x where x.id = b.shelf) union select id, $$x$$,2, title from shelf, (select title from book limit 2) q",
    "insert into book values (1, $$x$$)", "update book set title = (select max(title) from book)", "delete from shelf"]
def steps(of): # the names of a step and of those below, in the order of the plan as text
    return [of["Node Type"]] + [name for below in of.get("Plans", []) for name in steps(below)]
def below(of, space="{http://www.postgresql.org/2009/explain}"):
    names = [of.find(space + "Node-Type").text]
    return names + [name for plans in of.findall(space + "Plans") for one in plans for name in below(one)]
for query in queries:
    lines = [row[0] for row in s.query("explain " + query)]
    (document,), = s.query(f"explain (format json, costs off) {query}")
    read = json.loads(document)
    assert len(read) == 1 and steps(read[0]["Plan"]) == ["Query"] + lines, (lines, document)
    (document,), = s.query(f"explain (format xml) {query}")
    (plan,), = tree.fromstring(document)
    assert below(plan) == ["Query"] + lines, (lines, document)
    (document,), = s.query(f"explain (format yaml) {query}")
    names = [line.partition("Node Type: ")[2] for line in document.split("\n") if "Node Type: " in line]
    assert [json.loads(name) for name in names] == ["Query"] + lines, (lines, document)
    deep = [len(line) - len(line.lstrip(" -")) for line in document.split("\n") if "Node Type: " in line]
    assert deep[0] == 4 and all(d % 4 == 0 and d <= e + 4 for d, e in zip(deep[1:], deep)), document
try: s.query("explain (analyze, format json) delete from shelf"); sys.exit("accepted")
except Failed as e: assert e.code == "0A000", e
assert s.query("select count(*) from book") == [["0"]]
PY
