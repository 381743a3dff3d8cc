# A login that sessions share, spoiled within DO or a procedure, whose command tag tells nothing: mended within moments,
# and not at the next probe
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
equal "$(bibctl events | grep -c roles.repaired)" 2 "repairs that were told"
equal "$(sql -U write 'create temporary table x (a int); insert into x values (1); select a from x')" 1 \
    "a session afterwards"
stop_node
