# A move from SQLite that is killed at any step leaves a node whole: all rows in SQLite until the home is written, and
# all of them in PostgreSQL from then on
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
MODE=selective; EXTRA="backup: {repository: $WORK/repository}"; configure_postgres node
home() { cut -d ' ' -f 1 "$DIR/data/home" | head -n 1; }
sum() {
	sql "select sum(n) || ' ' || md5(string_agg(h, ',' order by g)) from (select a / 1000 as g, count(*) as n,
	    md5(string_agg(a || b, ',' order by a)) as h from t group by a / 1000) as thousands"
}
sed -i 's/backend: postgres/backend: sqlite/' "$CONFIG"
launch; wait_ready
sql "create table t (a serial primary key, b text); insert into t (b) select repeat(md5(n::text), 2) from
    generate_series(1, 800000) n; create index on t (b)" >/dev/null
before=$(sum) || fail "$before"; stop_node
sed -i 's/backend: sqlite/backend: postgres/' "$CONFIG"
# What is killed when the log, or the directory, shows that a step has begun
said() { grep -q -- "$1" "$DIR/log"; }
at() { # WHAT PATTERN: starts, waits for the pattern in the log, and kills WHAT
	: >"$DIR/log"; launch
	until_true 60 said "$2" || fail "no [$2] in the log"
	if [ "$1" = bibd ]; then kill -KILL "$PID"; else kill -KILL "$(worker "$1")"; fi
	reap 60
	equal "$(home)" sqlite "the home after $1 was killed at $2"
}
at bibd 'database was made in'
at bibd 'moving: '
at bibd-sqlite 'moving: copying'
at bibd-postgres 'moving: copying'
at bibd 'moving: comparing'
[ -e "$PGDIR/data/bibd.moving" ] || fail "what is half a copy bears no mark"
# the rows are in SQLite all the time
sed -i 's/backend: postgres/backend: sqlite/' "$CONFIG"
launch; wait_ready; equal "$(sum)" "$before" "the rows on SQLite after all that"
sql "insert into t (b) values ('more')" >/dev/null; before=$(sum); stop_node
sed -i 's/backend: sqlite/backend: postgres/' "$CONFIG"
: >"$DIR/log"; launch
# what a move has not filled is no backup of the node
until_true 60 said 'moving: copying' || fail "it does not copy"
pid=$(worker bibd-postgres); kill -STOP "$pid"
backups() { bibctl backup list 2>/dev/null | grep -c "  *full  "; }
some_backups() { [ "$(backups)" -gt 0 ]; }
until_true 30 some_backups || fail "the backups of before are not listed: $(bibctl backup list 2>&1)"
had=$(backups); sleep 8
equal "$(backups)" "$had" "full backups while a move stands still"
kill -CONT "$pid"
# the home is written, and the file may have its old name yet
is_home() { [ "$(home)" = "$1" ]; }
until_true 90 is_home postgres || fail "the rows are not moved: $(tail -n 5 "$DIR/log")"
kill -KILL "$PID"; reap 10; launch; wait_ready
kept() { ls "$DIR"/data/sqlite/cache.db.moved-to-postgres-*Z; }
kept || fail "not set aside: $(ls -l "$DIR/data/sqlite")"
[ ! -e "$DIR/data/sqlite/cache.db" ] || fail "both names: $(ls -l "$DIR/data/sqlite")"
equal "$(stat -c %a "$(kept)")" 400 "the mode of the file that is kept"
equal "$(home)" postgres "the home at the end"
equal "$(sum)" "$before" "the rows on PostgreSQL"
[ ! -e "$PGDIR/data/bibd.moving" ] || fail "the mark is left"
kill -KILL "$PID"; reap 10; launch; wait_ready; equal "$(sum)" "$before" "the rows after a kill"
stop_node
