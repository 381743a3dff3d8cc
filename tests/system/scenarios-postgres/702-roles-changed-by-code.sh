# A login that sessions share, spoiled within DO, a procedure or a function, whose command tag tells nothing: mended
# within moments, and not at the next probe
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
HEALTH="interval: 60s"
start_postgres
spoiled() {
	superuser -d bibd \
	    "select count(*) from pg_db_role_setting s join pg_roles r on r.oid = s.setrole where r.rolname like \
'bibd_write%' and s.setconfig::text like '%read_only%'"
}
clean() { [ "$(spoiled)" = 0 ]; }
sql "create procedure spoil() language plpgsql as \$\$ begin
  execute 'set local role none'; execute format('alter role %I set default_transaction_read_only = on', session_user); \
end \$\$" || fail "create procedure"
sql 'grant execute on procedure spoil() to write' || fail "grant"
clean || fail "spoiled before anything was done"
for text in "do \$\$ begin execute 'set local role none'; \
execute format('alter role %I set default_transaction_read_only = on', session_user); end \$\$" 'call spoil()'; do
	out=$(sql -U write "$text") || fail "$text: $out"
	begin=$(now_ms)
	until_true 10 clean || fail "still spoiled 10 s after [$text]"
	say "[${text%% *}] mended after $(($(now_ms) - begin)) ms"
done
# A function that a SELECT calls, and one that is made in the transaction that calls it.
body="language plpgsql as \$\$ begin execute 'set local role none';
    execute format('alter  role %I set default_transaction_read_only = on', session_user); return 1; end \$\$"
sql "create function spoils() returns int $body" || fail "create function"
sql 'grant execute on function spoils() to write' || fail "grant"
clean || fail "spoiled before anything was done"
own="begin; create function pg_temp.spoils_too() returns int $body; select pg_temp.spoils_too();
    drop function pg_temp.spoils_too(); commit"
for text in 'select spoils()' 'with x as (select spoils() as s) select s from x' "$own"; do
	out=$(sql -U write "$text") || fail "$text: $out"
	begin=$(now_ms)
	until_true 10 clean || fail "still spoiled 10 s after [$text]"
	say "[${text:0:14}] mended after $(($(now_ms) - begin)) ms"
done
equal "$(bibctl events | grep -c roles.repaired)" 5 "repairs that were told"
equal "$(sql -U write 'create temporary table x (a int); insert into x values (1); select a from x')" 1 \
    "a session afterwards"
stop_node
