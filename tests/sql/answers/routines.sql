-- Functions and procedures of one's own, called as a whole statement
create table ft (id int primary key, name text, amount numeric(10,2));
insert into ft values (1, 'a', 1.5), (2, 'b', 2.25), (3, null, null);
create function add_one(x int) returns int language plpgsql as $$ begin return x + 1; end $$;
select add_one(1);
select add_one(null);
select add_one('5');
select add_one(2.5);
select add_one(1, 2);
select add_one(7) as seven;
select * from add_one(3);
select * from add_one(3) as q;
create function add_one(x int) returns int language plpgsql as $$ begin return x + 2; end $$;
create or replace function add_one(x int) returns int language plpgsql strict immutable as $$ begin return x + 2; end
  $$;
select add_one(1);
select add_one(null);
create or replace function add_one(x int) returns bigint language plpgsql as $$ begin return x + 2; end $$;
create function add_row(i int, n text) returns void language plpgsql as $$ begin insert into ft values (i, n, i *
  1.5); end $$;
select add_row(10, 'ten');
select add_row(10, 'again');
select id, name, amount from ft order by id;
create function names(least_id int) returns setof text language plpgsql as $$ declare r record; begin for r in select
  * from ft where id >= least_id order by id loop return next r.name; end loop; return; end $$;
select * from names(2);
create function pairs() returns table (i int, n text) language plpgsql as $$ begin return query select id, name from
  ft order by id; end $$;
select * from pairs();
create function two(in a int, out b int, out c text) language plpgsql as $$ begin b := a * 2; c := 'c' || a; end $$;
select * from two(4);
create function inout_one(inout a int) language plpgsql as $$ begin a := a * 3; end $$;
select inout_one(5);
select * from inout_one(5);
create function sql_sum(a int, b int) returns int language sql as 'select a + b';
select sql_sum(2, 3);
create function sql_rows() returns setof int language sql as $$ select id from ft order by id $$;
select * from sql_rows();
create function sql_write(i int) returns int language sql as $$ insert into ft values (i, 'w', 0); select
  count(*)::int from ft $$;
select sql_write(20);
create function sql_void() returns void language sql as $$ delete from ft where id = 20 $$;
select sql_void();
create function sql_dollar(int, int) returns int language sql as 'select $1 * $2';
select sql_dollar(6, 7);
create function sql_column(id int) returns text language sql as 'select name from ft where ft.id = sql_column.id';
select sql_column(1);
create function sql_bad() returns int language sql as 'select nosuch from ft';
create function sql_bad() returns int language sql as 'select 1, 2';
create function sql_bad() returns int language sql as 'select from';
create function pl_bad() returns int language plpgsql as 'begin foo bar; end';
create function pl_bad() returns int language plpgsql as 'begin return; end';
create function pl_bad() returns int language plpgsql as 'begin return next 1; end';
create function no_return() returns int language plpgsql as 'begin null; end';
select no_return();
create function bad_type(x nosuch) returns int language sql as 'select 1';
create function bad_language() returns int language nosuch as 'select 1';
create function bad_dup(a int, a int) returns int language sql as 'select 1';
create function bad_ret() language sql as 'select 1';
create function fact(n int) returns bigint language plpgsql as $$ declare below bigint; begin if n <= 1 then return
  1; end if; select fact(n - 1) into below; return n * below; end $$;
select fact(10);
create function caller() returns int language plpgsql as $$ declare x int; begin perform add_row(30, 'thirty');
  select add_one(41) into x; return x; end $$;
select caller();
select id from ft order by id;
create procedure proc_add(i int) language plpgsql as $$ begin insert into ft values (i, 'p', 1); end $$;
call proc_add(40);
call proc_add(40);
call nosuch(1);
select proc_add(41);
call add_one(1);
select id from ft order by id;
create function overloaded(a int) returns text language sql as $$ select 'int'::text $$;
create function overloaded(a text) returns text language sql as $$ select 'text'::text $$;
select overloaded(1);
select overloaded('x'::text);
create function fails() returns int language plpgsql as $$ begin insert into ft values (50, 'f', 1); raise exception
  'no'; end $$;
select fails();
select count(*) from ft where id = 50;
create function catches() returns text language plpgsql as $$ begin insert into ft values (60, 'f', 1); insert into
  ft values (60, 'f', 1); return 'never'; exception when unique_violation then return 'caught'; end $$;
select catches();
select count(*) from ft where id = 60;
select proname, prokind, provolatile, proisstrict, proretset, pronargs, prorettype::regtype from pg_proc where
  proname in ('add_one', 'names', 'pairs', 'proc_add', 'two') order by 1;
begin;
create function gone() returns int language sql as 'select 1';
select gone();
rollback;
select gone();
drop function overloaded;
drop function overloaded(int);
drop function overloaded(int);
drop function if exists overloaded(int);
drop function if exists nosuch;
drop function if exists nosuch(int);
drop function nosuch(int);
drop function nosuch;
drop procedure add_one;
drop function overloaded(text), add_row(int, text);
select add_row(1, 'x');
drop function caller, fact, names, pairs, two, inout_one, sql_sum, sql_rows, sql_write, sql_void, sql_dollar,
  sql_column, no_return, fails, catches, add_one;
drop procedure proc_add;
select proname from pg_proc where pronamespace = 2200;
drop table ft;
