# What time does not heal ends the start at once with the command that mends it; applied as it stands, the node is well
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
start_postgres; sql 'create table t (a int); insert into t values (1)' || fail "insert"; stop_node
tried=0
# advice WHAT STATUS COMMAND...: with that broken, one try, that status, and a cure that works
advice() {
	local what=$1 want=$2 way; shift 2
	"$@" || fail "breaking: $what"
	: >"$DIR/log"; launch; until_true 15 gone "$PID" || fail "it goes on: $what"
	reap 1; equal "$STATUS" "$want" "exit status: $what"
	equal "$(log_lines ' again|container .* was started')" 0 "tries: $what"
	way=$(sed -n 's/.*\(with\|run\): \(.*\)$/\2/p' "$DIR/log" | head -n 1)
	[ -n "$way" ] || fail "no cure is told: $what: $(cat "$DIR/log")"
	bash -c "$way" || fail "the advice does not work: $way"
	: >"$DIR/log"; launch; wait_ready; equal "$(sql 'select a from t')" 1 "the row after: $way"
	equal "$(sql -U write 'insert into t values (2)'; sql 'delete from t where a = 2')" "" "a write after: $way"
	stop_node; tried=$((tried + 1))
}
id=$(node_id)
advice "run of another group" 77 chown _bibpg:root "$PGDIR/run"
advice "run of another owner" 77 chown root: "$PGDIR/run"
advice "run closed to its group" 77 chmod 700 "$PGDIR/run"
advice "etc of another owner" 77 chown -R root: "$PGDIR/etc"
advice "PGDATA of mode 0755" 77 chmod 755 "$PGDIR/data"
advice "PGDATA of root" 77 chown -R root: "$PGDIR/data"
advice "PGDATA of root alone" 77 chown root: "$PGDIR/data"
advice "secrets of root" 77 chown -R root: "$DIR/data/secrets"
advice "the container worker's directory of root" 77 chown -R root: "$DIR/data/container"
advice "a data_dir that others write" 77 chmod 777 "$DIR/data"
advice "a data_dir of another" 77 chown nobody "$DIR/data"
advice "a postgres directory that others write" 77 chmod 777 "$PGDIR"
advice "a node.id that is lost" 65 rm "$DIR/data/node.id"
equal "$(node_id)" "$id" "the node's id"
elsewhere=$PGDIR; mv "$PGDIR" "$WORK/rows"; PGDIR=$WORK/rows POSTGRES="    data_dir: $WORK/rows"
sed -i "s|^    network: .*|&\n$POSTGRES|" "$CONFIG"
advice "a configured directory that others write" 77 chmod 777 "$PGDIR"
advice "a configured directory of another" 77 chown nobody "$PGDIR"
sed -i "/^    data_dir: /d" "$CONFIG"; mv "$WORK/rows" "$elsewhere"; PGDIR=$elsewhere
rename() { sed -i "s/^  backend: postgres/  name: ${1}\n&/" "$CONFIG"; }
rename other; : >"$DIR/log"; launch; reap 15; equal "$STATUS" 78 "exit status with another database.name"
contains "$(cat "$DIR/log")" 'database.name: bibd' "the name that the database has"
sed -i '/^  name: other/d' "$CONFIG"
# cured without a word of the operator's
: >"$PGDIR/data/postmaster.pid"; chown _bibpg: "$PGDIR/data/postmaster.pid"
: >"$DIR/log"; launch; wait_ready; equal "$(sql 'select a from t')" 1 "the row after an empty postmaster.pid"
equal "$(log_lines 'failed')" 0 "failures with an empty postmaster.pid"
stop_node
say "$tried cures"
