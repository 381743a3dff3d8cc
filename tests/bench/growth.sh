# shellcheck shell=bash
# Sourced by run: how a point read goes on where there are more clients, more tables, more rows. Each is a curve.

# crowd HOST NUMBER: so many sessions that only wait, each after a statement of its own
crowd() {
	python3 - "$here/../system" "$1" "$2" <<'PY' >"$WORK/crowd" 2>>"$WORK/crowd.log" & crowd_pid=$!
import resource, sys, time
sys.path.insert(0, sys.argv[1])
from wire import Session
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
held = [Session(sys.argv[2], "admin", timeout=60) for _ in range(int(sys.argv[3]))]
for s in held: s.query("select 1")
print("there", flush=True)
time.sleep(3600)
PY
	local i
	for ((i = 0; i < 6000; i++)); do
		grep -q there "$WORK/crowd" && return
		kill -0 $crowd_pid 2>/dev/null || break; sleep 0.1
	done
	die "a crowd of $2 at $1"
}
crowd_ends() { kill "$crowd_pid" 2>/dev/null; wait "$crowd_pid" 2>/dev/null; crowd_pid=''; }

# point HOST CLIENTS SCRIPT: reads a second
point() { pgbench_rate "$1" "$2" simple -f "$WORK/$3.sql"; }

# with_crowd HOST CLIENTS: of so many clients at most 16 ask
with_crowd() {
	local active=$(($2 < 16 ? $2 : 16)) rate
	[ "$2" -le 16 ] || crowd "$1" $(($2 - active))
	rate=$(point "$1" $active read)
	[ "$2" -le 16 ] || crowd_ends
	echo "$rate"
}

# grow NAME X FUNCTION ARGUMENT...: pairs of FUNCTION HOST ARGUMENT...; a point of the curve NAME at X. A plain
# PostgreSQL has a process for each client: beyond a thousand it is left out.
grow() {
	local i a b name=$1 x=$2
	shift 2
	wanted "grow-$name-$x" || return 0
	for ((i = 0; i < pairs && i < 3; i++)); do
		a=0
		[ "$name$x" = clients10000 ] || ((i % 2)) || a=$("$1" "$PLAIN" "${@:2}")
		b=$("$1" "$NODE" "${@:2}")
		[ "$name$x" = clients10000 ] || ((i % 2 == 0)) || a=$("$1" "$PLAIN" "${@:2}")
		{ [ -n "$a" ] && [ -n "$b" ]; } || die "no rate for $name $x: $(tail -n 2 "$WORK/pgbench.log")"
		echo "$b $a"
	done >"$WORK/pairs" </dev/null
	row "grow-$name-$x" - <"$WORK/pairs"
}

grow_clients() {
	local n
	ulimit -n "$(ulimit -Hn)" 2>/dev/null
	for n in $1; do grow clients "$n" with_crowd "$n"; done
}

grow_tables() {
	local n i host made=0
	for n in $1; do
		for ((i = made; i < n; i++)); do
			echo "create table bench_t$i (id int primary key, v text);"
			echo "insert into bench_t$i select g, 'the value of ' || g from generate_series(1, 100) g;"
		done >"$WORK/tables.sql"
		made=$n
		for host in "$PLAIN" "$NODE"; do
			psql -h "$host" -U admin -Xq -1 -f "$WORK/tables.sql" bibd || die "tables in $host"
		done
		printf '\\set t random(0, %s)\n\\set id random(1, 100)\n' $((n - 1)) >"$WORK/table.sql"
		echo 'select v from bench_t:t where id = :id;' >>"$WORK/table.sql"
		grow tables "$n" point 8 table
	done
}

# grow_size MEGABYTES...: of pgbench's accounts, 15 MB for each of its scale
grow_size() {
	local n
	for n in $1; do
		wanted "grow-size-$n" || continue
		fill $(((n + 14) / 15))
		grow size "$n" point 8 read
	done
}
