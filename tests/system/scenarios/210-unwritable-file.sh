# A database file or directory that the storage worker may not write to ends the start at once with 77 and with the
# command that mends it; applied as it stands, the node is well
# for: root
. "$(dirname "$0")/../lib.sh"
requires psql
cured() { # WHAT: refused with 77 in one try, then mended by what the message says
	local way n
	: >"$DIR/log"; launch; reap 5; equal "$STATUS" 77 "exit status with $1"
	n=$(log_lines 'started again'); equal "$n" 0 "further tries with $1"
	way=$(sed -n 's/.*with: \(ch[a-z]* .*\)$/\1/p' "$DIR/log" | head -n 1)
	[ -n "$way" ] || fail "no cure is told for $1: $(cat "$DIR/log")"
	bash -c "$way" || fail "the advice: $way"
	launch; wait_ready; sql "insert into t values (1)" || fail "insert after: $way"
	say "$1: $way"; stop_node
}
start_node; sql 'create table t (a int)' || fail "create"; stop_node
data=$DIR/data/sqlite
chown root "$data/cache.db"; cured "a file of root's"
chmod 400 "$data/cache.db"; cured "a file of mode 0400"
chmod 500 "$data"; cured "a directory of mode 0500"
chown root: "$data"; cured "a directory of root's"
mkdir "$WORK/elsewhere"; SQLITE="path: $WORK/elsewhere/rows.db"; configure other
: >"$DIR/log"; launch; reap 5; equal "$STATUS" 77 "exit status with a configured directory of root's"
way=$(sed -n 's/.*with: \(ch[a-z]* .*\)$/\1/p' "$DIR/log"); bash -c "$way" || fail "the advice: $way"
launch; wait_ready; equal "$(sql 'select 1')" 1 "a node in a directory that was given to it"; stop_node
