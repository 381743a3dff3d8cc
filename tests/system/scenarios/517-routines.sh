# A function outlives a restart and goes with a rollback, gives no role more than its own, and ends when its time is up
. "$(dirname "$0")/../lib.sh"
requires psql
start_node
sql "create table item (id int primary key); create function twice(x int) returns int language plpgsql as
    'begin return x * 2; end'" >/dev/null
equal "$(sql 'select twice(21)')" 42 "a function"
sql "begin; create or replace function twice(x int) returns int language sql as 'select 0'; rollback" >/dev/null
equal "$(sql 'select twice(21)')" 42 "after a replacement that was rolled back"
stop_node
start_node
equal "$(sql 'select twice(21)')" 42 "after a restart"

sql "create function fill() returns void language plpgsql as 'begin insert into item values (1); end'" >/dev/null
equal "$(state -U query 'select fill()')" 42501 "what query may not do"
equal "$(sql 'select count(*) from item')" 0 "rows that query has made"

begun=$(now_ms)
equal "$(state -c "set statement_timeout = '200ms'" 'do $$ begin loop null; end loop; end $$')" 57014 "an endless loop"
less $(($(now_ms) - begun)) 1500 "ms until it had ended"
stop_node
