# shellcheck shell=bash
# Sourced by run: a node on SQLite, a plain PostgreSQL 15 and a server whose answer is always the same, all in $WORK and
# over their Unix sockets, and what they hold.
bibd_pid='' postgres_pid='' fixed_pid='' crowd_pid=''
cleanup() {
	local pid
	for pid in $crowd_pid $bibd_pid $fixed_pid; do kill "$pid" 2>/dev/null; done
	[ -z "$postgres_pid" ] || kill -INT "$postgres_pid" 2>/dev/null
	wait
	rm -rf "$WORK"
}
die() { echo "bench: $*" >&2; tail -n 5 "$WORK"/*.log >&2; exit 1; }

wait_for() { # DIRECTORY DATABASE
	local i
	for ((i = 0; i < 300; i++)); do
		psql -h "$1" -U admin -d "$2" -Xqc 'select 1' >/dev/null 2>&1 && return; sleep 0.1
	done
	die "nothing answers in $1"
}

start_all() {
	local as=()
	PLAIN=$WORK/postgres NODE=$WORK/node/run FIXED=$WORK/fixed
	[ "$(id -u)" != 0 ] || as=(setpriv --reuid=nobody --regid=nogroup --clear-groups --)
	mkdir -p "$PLAIN" "$WORK/node" "$FIXED"; [ ${#as[@]} = 0 ] || chown nobody "$PLAIN"
	"${as[@]}" initdb -D "$PLAIN/data" -U admin --auth=trust >"$WORK/initdb.log" 2>&1 || die "initdb"
	"${as[@]}" postgres -D "$PLAIN/data" -k "$PLAIN" -c listen_addresses= -c max_connections=1100 \
	    >"$WORK/postgres.log" 2>&1 &
	postgres_pid=$!
	cat >"$WORK/bibd.yaml" <<YAML
node: {data_dir: $WORK/node/data}
listen: {path: $NODE}
server: {max_clients: 12000, max_starting: 1000}
access:
  - {user: $(id -un), roles: [admin, write, query, audit]}
YAML
	chmod 600 "$WORK/bibd.yaml"
	"$build/bibd" -f "$WORK/bibd.yaml" 2>"$WORK/bibd.log" &
	bibd_pid=$!
	[ ! -f "$build/Makefile" ] || make -s -C "$build" tests/guard/fixed >"$WORK/make.log" 2>&1 ||
	    die "make tests/guard/fixed"
	[ ! -x "$build/tests/guard/fixed" ] || { "$build/tests/guard/fixed" "$FIXED/.s.PGSQL.5432" & fixed_pid=$!; }
	wait_for "$PLAIN" postgres; wait_for "$NODE" bibd
	createdb -h "$PLAIN" -U admin bibd || die "createdb"
	fill "$scale"
	both "create table bench_insert (id bigserial primary key, n int, t text)"
	cat >"$WORK/insert.sql" <<'SQL'
\set n random(1, 1000000)
insert into bench_insert (n, t) values (:n, 'a row that is on disk when the reply comes');
SQL
}

# both SQL...: in bibd and in PostgreSQL
both() {
	local host commands=() text
	for text in "$@"; do commands+=(-c "$text"); done
	for host in "$PLAIN" "$NODE"; do
		psql -h "$host" -U admin -Xqo /dev/null "${commands[@]}" bibd || die "$host: $*"
	done
}

# fill SCALE: pgbench's tables, 100,000 rows for each of SCALE, and a read that fits them
fill() {
	local host
	for host in "$PLAIN" "$NODE"; do
		pgbench -h "$host" -U admin -i -q -s "$1" bibd >>"$WORK/initialise.log" 2>&1 ||
		    die "pgbench -i in $host"
	done
	printf '\\set aid random(1, %s00000)\nselect abalance from pgbench_accounts where aid = :aid;\n' "$1" \
	    >"$WORK/read.sql"
}

# make_bulk: the bulk's table, the same bytes in both, and a copy of it in a file, of tabs and no quotes
columns='id int primary key, n numeric(12,2), g int, at timestamp, t text'
make_bulk() {
	both "create table bench_bulk ($columns)" "create table bench_copy ($columns)"
	psql -h "$PLAIN" -U admin -Xqc "insert into bench_bulk select i, (i::bigint * 7919 % 9999999) / 100.0,
		i % 100, timestamp '2020-01-01' + i * interval '61 seconds', 'the text of a row, ' || md5(i::text)
		from generate_series(1, $rows) i" -c 'vacuum analyze bench_bulk' bibd || die "insert"
	psql -h "$PLAIN" -U admin -Xqc 'copy bench_bulk to stdout' bibd >"$WORK/bulk" || die "copy out"
	psql -h "$NODE" -U admin -Xqc 'copy bench_bulk from stdin' bibd <"$WORK/bulk" || die "copy in"
	echo 'select * from bench_bulk;' >"$WORK/select.sql"
	{
		echo 'begin; declare c cursor for select * from bench_bulk;'
		for ((i = 0; i < rows; i += 10000)); do echo 'fetch 10000 from c;'; done
		echo 'commit;'
	} >"$WORK/cursor.sql"
	echo 'select g, sum(n), avg(n) from bench_bulk group by g;' >"$WORK/numeric.sql"
	echo "select count(*) from bench_bulk where t like '%ab12%';" >"$WORK/like.sql"
}
