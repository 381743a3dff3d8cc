# LISTEN and NOTIFY of four sessions in random order: each is told what a plain PostgreSQL tells it, in the same order
# seconds: 240
. "$(dirname "$0")/../lib.sh"
requires psql initdb postgres
sessions=4 steps=${STEPS:-250} seed=${SEED:-$RANDOM}
say "seed $seed"

plain=$WORK/plain as=()
mkdir -m 700 "$plain" || exit 1
if [ "$ME" = root ]; then chown postgres "$plain"; as=(runuser -u postgres --); fi
"${as[@]}" initdb -D "$plain/data" -U admin -A trust \
	    --locale=C --lc-ctype=C.UTF-8 -E UTF8 -N >"$WORK/initdb" 2>&1 || fail "initdb"
chmod 711 "$plain"
"${as[@]}" postgres -D "$plain/data" -k "$plain" -c listen_addresses= -c fsync=off >"$WORK/postgres" 2>&1 &
started+=($!)
until_true 30 psql -h "$plain" -d postgres -Xqc 'create database bibd' || fail "no plain PostgreSQL"
start_node

# A statement that fits the state of the session: within a transaction, with a savepoint, or neither.
RANDOM=$seed
state=("" "" "" "")
statement() { # SESSION
	local c=c$((RANDOM % 3)) p=$((RANDOM % 4))
	case $((RANDOM % 16)) in
	0 | 1) echo "listen $c;" ;;
	2) echo "unlisten $c;" ;;
	3) [ $((RANDOM % 4)) = 0 ] && echo "unlisten *;" || echo "select count(*) from pg_listening_channels();" ;;
	4 | 5 | 6 | 7) echo "notify $c, '$p';" ;;
	8) echo "select pg_notify('$c', x::text) from generate_series(1, $((p + 1))) x;" ;;
	9 | 10) [ "${state[$1]}" = "" ] && echo "begin;" || echo "savepoint s;" ;;
	11) [ "${state[$1]}" = s ] && echo "rollback to s;" || echo "select 1;" ;;
	12) [ "${state[$1]}" = s ] && echo "release s;" || echo "select 1;" ;;
	13) [ "${state[$1]}" = "" ] && echo "select 1;" || echo "rollback;" ;;
	*) [ "${state[$1]}" = "" ] && echo "notify $c;" || echo "commit;" ;;
	esac
}
note() { # SESSION STATEMENT: its state after it
	case $2 in
	begin*) state[$1]=t ;;
	savepoint*) state[$1]=s ;;
	release*) state[$1]=t ;;
	commit* | rollback\;) state[$1]="" ;;
	esac
}
for ((i = 0; i < steps; i++)); do
	s=$((RANDOM % sessions))
	text=$(statement "$s")
	: "$RANDOM"
	note "$s" "$text"
	echo "$s $text"
done >"$WORK/steps"

play() { # SOCKET_DIRECTORY OUTPUT: one statement after the other; who was told what, without pids
	local s text i
	for ((s = 0; s < sessions; s++)); do
		mkfifo "$2.in$s"
		psql -h "$1" -U admin -d bibd -XqAt <"$2.in$s" >"$2.out$s" 2>&1 &
		started+=($!)
		eval "exec {in$s}>'$2.in$s'"
	done
	i=0
	while read -r s text; do
		fd=in$s
		printf '%s\n\\echo step %d\n' "$text" "$i" >&"${!fd}"
		until_true 20 grep -q "^step $i\$" "$2.out$s" || fail "$1: no answer to step $i: $text"
		i=$((i + 1))
	done <"$WORK/steps"
	for ((s = 0; s < sessions; s++)); do
		fd=in$s
		printf 'rollback;\nselect pg_sleep(0.3);\nselect 1;\n\\echo over\n' >&"${!fd}"
		until_true 20 grep -q '^over$' "$2.out$s" || fail "$1: session $s does not end"
		sed -n 's/^Asynchronous notification \(.*\) received from server process.*/'"$s"' \1/p' "$2.out$s"
	done >"$2"
}
play "$plain" "$WORK/theirs"
play "$DIR/run" "$WORK/ours"
say "$(wc -l <"$WORK/theirs") notifications"
less 20 "$(wc -l <"$WORK/theirs")" "notifications"
diff "$WORK/theirs" "$WORK/ours" >"$WORK/diff" || fail "seed $seed: $(head -n 20 "$WORK/diff")"

trap '' PIPE
# One who does not read costs nobody anything: thousands of notifications go on past it.
exec {deaf}> >(psql -h "$DIR/run" -U admin -d bibd -XqAt >"$WORK/deaf" 2>&1)
printf 'listen flood;\nbegin;\n\\echo listens\n' >&"$deaf"
until_true 10 grep -q listens "$WORK/deaf" || fail "the deaf session does not listen"
for _ in 1 2 3 4; do
	sql "select count(pg_notify('flood', repeat('x', 7000) || g)) from generate_series(1, 1000) g" >/dev/null ||
	    fail "a flood of notifications is refused"
done
equal "$(sql 'select 1')" 1 "an answer beside it"
printf 'commit;\nselect 1;\n\\echo later\n' >&"$deaf"
until_true 10 grep -q 'did not take its notifications' "$WORK/deaf" ||
    fail "one that lost notifications was not told: $(tail -n 3 "$WORK/deaf" | cut -c1-200)"
exec {deaf}>&-
"${as[@]}" pg_ctl -D "$plain/data" -m immediate stop >/dev/null 2>&1
stop_node
