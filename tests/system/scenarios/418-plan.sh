# bibctl plan says before a change of the configuration what comes of it, with the daemon up and down; bibd does that
. "$(dirname "$0")/../lib.sh"
requires python3
plan() { # STATUS WORDS...: the exit status, and what is said
	local expected=$1 word
	shift
	out=$("$BIBCTL" plan -f "$CONFIG" 2>&1)
	equal $? "$expected" "the status of a plan that says: $out"
	for word; do contains "$out" "$word" "the plan"; done
}
effect() { "$BIBCTL" --json plan -f "$CONFIG" | python3 -c 'import json, sys; print(json.load(sys.stdin)["effect"])'; }
write_config() {
	printf '%s\n' "node: {mode: selective, data_dir: $DIR/data}" "listen: {path: $DIR/run}" "$1" >"$CONFIG"
}
DIR=$WORK/n CONFIG=$WORK/n.yaml
mkdir -p "$DIR"
write_config "log: {level: info}"
plan 1 "no node has run on $DIR/data yet"
launch; wait_ready; sql 'create table t (a int); insert into t values (1)' >/dev/null
plan 0 "in all: nothing"
write_config "log: {level: debug}"; plan 1 'log.level: reloads, info -> debug' 'bibctl reload takes it'
bibctl reload >/dev/null || fail "no reload"
plan 0
write_config "listen.tcp.port: 1"; plan 2 "unknown key"
write_config "database: {sqlite: {max_open_conns: 5}}"; plan 1 'max_open_conns: restarts, 10 -> 5' 'log.level: reloads'
bibctl reload >/dev/null 2>&1 && fail "a reload takes what is said to need a restart"
stop_node
plan 1 'in all: restarts'
launch; wait_ready; plan 0; stop_node; plan 0
write_config "database: {sqlite: {path: $WORK/other.db}}"; plan 2 "there is no database at $WORK/other.db"
equal "$(effect)" refused "the effect in JSON"
launch; reap 20; equal "$STATUS" 65 "the status of a start that was said to be refused"
contains "$(cat "$DIR/log")" "there is no database at $WORK/other.db" "the log"
write_config "database: {backend: postgres}"
plan 1 'copies 1 rows of 1 tables' 'public.t: 1 rows' 'keeps the source' 'the way back' \
    'database.backend: moves data, sqlite -> postgres' "$DIR/data/sqlite"
write_config "database: {backend: postgres, move: refuse}"; plan 2 'database.move is refuse' 'database.move: auto'
launch; reap 20; equal "$STATUS" 65 "the status of a start that may not move rows"
contains "$(cat "$DIR/log")" "database.move is refuse: nothing was changed" "the log"
[ ! -e "$DIR/data/postgres" ] || fail "a start that is refused has made something"
write_config ""; plan 1 'max_open_conns: restarts, 5 -> 10'
launch; wait_ready; equal "$(sql 'select a from t')" 1 "the row"
# Beside the node that has the file open; and what cannot be carried
sql 'create schema s; create table s.u (a int); insert into s.u select generate_series(1, 300)' >/dev/null
write_config "database: {backend: postgres}"
plan 1 'copies 301 rows of 2 tables' 's.u: 300 rows'
rows() { "$BIBCTL" --json plan -f "$CONFIG" | python3 -c 'import json, sys
print(json.load(sys.stdin)["move"]["tables"])'; }
contains "$(rows)" "[{'name': 's.u', 'rows': 300}, {'name': 'public.t', 'rows': 1}]" "the tables in JSON"
sql 'create extension citext' >/dev/null
plan 2 'the extension citext is in use' 'database.postgres.extensions'
write_config "database: {backend: postgres, postgres: {extensions: [citext]}}"; plan 1 'copies 301 rows'
equal "$(sql 'select a from t')" 1 "the row after plans beside the node"
