# A damaged file: set aside and built anew in proxy mode, refused with 65 in selective mode, and never removed
. "$(dirname "$0")/../lib.sh"
requires psql
damage() { dd if=/dev/urandom of="$1" bs=1024 count=8 conv=notrunc 2>/dev/null; }
for MODE in selective proxy; do
	start_node $MODE
	sql "create table t (a int); insert into t values (1)" || fail "setup"
	stop_node
	file=$(readlink -f "$DIR/data/cache.db"); damage "$file"; sum=$(sha256sum <"$file")
	launch
	if [ $MODE = selective ]; then
		reap 15; equal "$STATUS" 65 "exit status with a damaged file"
		equal "$(sha256sum <"$file")" "$sum" "the damaged file"
	else
		wait_ready
		equal "$(state 'select * from t')" 42P01 "the table in the new file"
		sql 'create table t (a int)' || fail "the new file cannot be written"
		kept=; for f in "$(dirname "$file")"/*; do [ "$(sha256sum <"$f")" = "$sum" ] && kept=$f; done
		[ -n "$kept" ] || fail "the damaged file is gone: $(ls "$(dirname "$file")")"
		stop_node
	fi
done
