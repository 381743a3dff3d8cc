# A move from one major version to the next that is killed at any step, or cannot be made, leaves the old database whole
# until the node's home names the new one, and the new one whole from then on
# seconds: 400
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
new=$(image_of_version 17) || skip "no image of PostgreSQL 17 can be made"
old=$(image_of_version 15) || fail "no image of PostgreSQL 15"
image() { sed -i "s|image: .*|image: \"$1\"|" "$CONFIG"; }
small=$WORK/small; mkdir "$small"; mount -t tmpfs -o size=1200m,mode=755 bibd-test "$small" || fail "no file system"
mkdir "$WORK/node"; ln -s "$small" "$WORK/node/data"
USE_IMAGE=$old DATABASE='  keep_source: 0s' POSTGRES="    wal_dir: \"$WORK/wal\"" start_postgres
sql "create table t (a serial primary key, b text); insert into t (b) select repeat(md5(n::text), 3) from
    generate_series(1, 300000) n; create index on t (b)" >/dev/null
sum() {
	sql "select sum(n) || ' ' || md5(string_agg(h, ',' order by g)) from (select a / 1000 as g, count(*) as n,
	    md5(string_agg(a || b, ',' order by a)) as h from t group by a / 1000) as thousands"
}
version() { sql "show server_version" | cut -d . -f 1; }
before=$(sum) || fail "$before"; stop_node

# What cannot be moved is refused, with status 65 and nothing changed
had=$(tree_sum "$PGDIR/data")
untouched() {
	equal "$(tree_sum "$PGDIR/data")" "$had" "the database after $1"
	! grep -q system "$DIR/data/home" || fail "the home names a new database after $1"
}
image "$new"
sed -i 's/keep_source: 0s/move: refuse/' "$CONFIG"
refused 65 60 "is of PostgreSQL 15" "database.move is refuse" "database.move: auto"; untouched "database.move: refuse"
"$BIBCTL" plan -f "$CONFIG" >"$WORK/plan" 2>&1; equal $? 2 "plan's status"
contains "$(cat "$WORK/plan")" "database.move is refuse" "the plan"
sed -i 's/move: refuse/keep_source: 0s/' "$CONFIG"
dd if=/dev/zero of="$small/full" bs=1M count=900 status=none || fail "cannot fill"
refused 65 60 "MiB: make room" "nothing was changed"; untouched "a lack of room"
contains "$("$BIBCTL" plan -f "$CONFIG" 2>&1)" "not enough room" "the plan"
rm "$small/full"
# an extension that the new image lacks, in the database and in the configuration
bare=$(ENGINE=$ENGINE engine_cli run --name bare --entrypoint rm "$new" \
    /usr/share/postgresql/17/extension/hstore.control >/dev/null && engine_cli commit bare \
    localhost/bibd-test/bare:17 >/dev/null && engine_cli rm bare >/dev/null && echo localhost/bibd-test/bare:17)
[ -n "$bare" ] || fail "no image without an extension"
image "$old"; launch; wait_ready; superuser -d bibd "create extension hstore" >/dev/null; stop_node; image "$bare"
had=$(tree_sum "$PGDIR/data")
refused 65 90 "the image has no extension hstore, which the database bibd uses" "nothing was changed"
! grep -q system "$DIR/data/home" || fail "the home names a new database"
image "$old"; launch; wait_ready; equal "$(sum)" "$before" "the rows after a refusal"
equal "$(ls "$WORK/wal/$(node_id)")" pg_wal.1 "write-ahead logs after a refusal"
superuser -d bibd "drop extension hstore; set session_replication_role = 'local'; create schema x" >/dev/null
# no image of the old version: it is told which to fetch, and the old one serves when it is named
stop_node; image "$new"
engine_cli tag "$old" localhost/bibd-test/aside:1; engine_cli rmi "$old" >/dev/null
sed -i 's/^15 [^ ]* /15 sha256:0000000000000000000000000000000000000000000000000000000000000000 /' \
    "$DIR/data/container/images"
refused 65 90 "no image of PostgreSQL 15 is here" "docker pull localhost/bibd-test/postgres:15" "nothing was changed"
engine_cli tag localhost/bibd-test/aside:1 "$old"

# Killed at each step: the rows are in the old database
said() { grep -q -- "$1" "$DIR/log"; }
no_containers() { [ -z "$(engine_cli ps -aq --filter "name=bibd-postgres")" ]; }
at() { # WHAT PATTERN: starts, waits for the pattern in the log, and kills WHAT
	: >"$DIR/log"; launch
	until_true 90 said "$2" || fail "no [$2] in the log: $(tail -n 5 "$DIR/log")"
	if [ "$1" = bibd ]; then kill -KILL "$PID"; reap 60; else kill -KILL "$(worker "$1")"; fi
	if [ "$1" = bibd ]; then ! grep -q system "$DIR/data/home" || fail "decided when killed at $2"; fi
}
at bibd 'bringing PostgreSQL 15 up beside'
at bibd 'copying roles'
at bibd 'copying [0-9]* MB'
# the old image serves them all the time
image "$old"; launch; wait_ready; equal "$(version)" 15 "the version"; equal "$(sum)" "$before" "the rows on 15"
sql "insert into t (b) values ('more')" >/dev/null; before=$(sum); stop_node; image "$new"
at bibd 'gathering statistics'
at bibd 'comparing both'
at bibd 'writing it to the disk'
# a stop ends it
: >"$DIR/log"; launch
until_true 90 said 'copying [0-9]* MB' || fail "it does not copy"
bibctl stop >/dev/null; reap 60; equal "$STATUS" 0 "the status of a stop while it copies"
no_containers || fail "containers are left after a stop: $(engine_cli ps -a)"
! grep -q system "$DIR/data/home" || fail "decided when stopped"
# a worker that dies, or a container that somebody removes, is no reason to give up: it begins anew
: >"$DIR/log"; launch
until_true 90 said 'copying [0-9]* MB' || fail "it does not copy"
kill -KILL "$(worker bibd-container)"
again() { [ "$(grep -c 'bringing PostgreSQL 15 up beside' "$DIR/log")" -ge "$1" ]; }
until_true 90 again 2 || fail "it does not begin anew after a worker was killed: $(tail -n 5 "$DIR/log")"
until_true 90 said 'making an empty database' || fail "it does not go on"
engine_cli rm -f "$(container_name)-source" >/dev/null
until_true 90 again 3 || fail "it does not begin anew after the source was removed: $(tail -n 5 "$DIR/log")"
# decided: killed before the renames are done, and between them
is_decided() { grep -q '^system ' "$DIR/data/home"; }
until_true 120 is_decided || fail "it is not moved: $(tail -n 5 "$DIR/log")"
kill -KILL "$PID"; reap 10
kept=$(sed -n 1p "$DIR/data/moved"); contains "$kept" "data.moved-to-postgres-17-" "what is announced"
until_true 30 no_containers || engine_cli rm -f "$(container_name)" >/dev/null 2>&1
back() { # as a kill before the first rename, or before the second, would have left it
	mkdir -p "$PGDIR/move"
	if [ -e "$kept" ]; then chmod 700 "$kept"; mv "$kept" "$PGDIR/move/data"; fi
	[ "$1" = 1 ] || return 0
	mv "$PGDIR/data" "$PGDIR/x"; mv "$PGDIR/move/data" "$PGDIR/data"; mv "$PGDIR/x" "$PGDIR/move/data"
}
for step in 1 2; do
	back $step
	launch; wait_ready
	equal "$(version)" 17 "the version after a kill before rename $step"
	equal "$(sum)" "$before" "the rows after a kill before rename $step"
	equal "$(cat "$kept/PG_VERSION")" 15 "what is kept"; [ ! -e "$PGDIR/move" ] || fail "postgres/move is left"
	stop_node
done
# The way back to the rows of the time of the move, and to those of 17 again, as bibd(8) says it
way=$(sed -n '/^# cd .var.lib.bibd.postgres$/,/^.Ed$/s/^# //p' "$top/man/bibd.8" |
    sed "s|/var/lib/bibd|$DIR/data|; s|-TIME|-*Z|")
launch; wait_ready; sql "insert into t (b) values ('on 17')" >/dev/null; stop_node
image "$old"; sh -e -c "$way" || fail "the way back: $way"
launch; wait_ready; equal "$(version)" 15 "the version after the way back"
equal "$(sum)" "$before" "the rows after the way back"; stop_node
rm -r "$PGDIR/data.17"; image "$new"
launch; wait_ready; equal "$(version)" 17 "the version at the end"; equal "$(sum)" "$before" "the rows at the end"
kept=$(sed -n 1p "$DIR/data/moved")
"$BIBCTL" move finish -f "$CONFIG" >/dev/null || fail "move finish"
[ ! -e "$kept" ] || fail "it is kept after move finish"
[ ! -e "$WORK/wal/$(node_id)/pg_wal.1" ] || fail "its write-ahead log is kept: $(ls "$WORK/wal/$(node_id)")"
stop_node; umount "$small"
