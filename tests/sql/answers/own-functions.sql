-- Functions of one's own within statements
create table oft (a int primary key, b text, n numeric(8,2), f float8, d date);
insert into oft values (1, 'one', 1.50, 1.5, '2024-01-02'), (2, 'two', 2.25, -0.0, '2024-02-03'), (3, null, null, 'NaN',
  null), (4, 'four', 4, 'inf', 'infinity');
create table olog (i int, t text);
create function of_inc(i int) returns int language sql immutable as 'select i + 1';
create function of_twice(i int) returns int language plpgsql as $$ begin return i * 2; end $$;
create function of_strict(i int, t text) returns text language plpgsql strict as $$ begin return i || t; end $$;
create function of_num(x numeric) returns numeric language plpgsql as $$ begin return x * 1.10; end $$;
create function of_float(x float8) returns float8 language sql as 'select x';
create function of_date(x date) returns date language plpgsql as $$ begin return x + 1; end $$;
create function of_bool(i int) returns boolean language plpgsql as $$ begin return i > 2; end $$;
select a, of_inc(a), of_twice(a) from oft order by a;
select a, of_strict(a, b) from oft order by a;
select a, of_num(n), n * of_num(n) from oft order by a;
select a, of_float(f), of_float(f) = f from oft order by a;
select a, of_date(d) from oft order by a;
select a from oft where of_bool(a) order by a;
select a, of_bool(a), not of_bool(a), of_bool(null) from oft order by a;
select of_inc(a) as k, count(*) from oft group by of_inc(a) order by k;
select sum(of_twice(a)), max(of_inc(a)), string_agg(of_strict(a, b), ',' order by a) from oft;
select a from oft order by of_twice(a) desc;
select of_inc(of_inc(of_twice(a))) from oft order by 1;
select x.v from oft, lateral (select of_inc(a) as v) x order by 1;
select case when of_bool(a) then of_inc(a) else of_twice(a) end from oft order by a;
select (select of_inc(max(a)) from oft), exists (select 1 from oft where of_inc(a) = 5);
with c as (select of_inc(a) as z from oft) select z from c order by z;
select of_inc(a) from oft union select of_twice(a) from oft order by 1;
select of_inc(a) over () from oft;
select of_inc(distinct a) from oft;
select of_inc(a) filter (where a > 1) from oft;
select of_inc(*) from oft;
select of_inc(a, a) from oft;
select of_inc(b) from oft;
select of_nothing(a) from oft;
select pg_typeof(of_num(1)), pg_typeof(of_inc(1)), pg_typeof(of_date('2024-01-01')) from oft limit 1;
-- as sets
create function of_upto(m int) returns setof int language sql as 'select a from oft where a <= m order by a';
create function of_pairs(m int) returns table (x int, y text) language plpgsql as $$ begin return query select a, b from
  oft where a <= m order by a; end $$;
create function of_two(i int, out p int, out q text) language sql as 'select i + 1, i::text';
create function of_one(i int, out p int) language sql as 'select i + 1';
select * from of_upto(2) u;
select * from of_upto(3) with ordinality as z(v, o) where o > 1;
select oft.a, z.* from oft, of_pairs(oft.a) z where z.x = oft.a order by 1;
select oft.a, z.v from oft left join lateral of_upto(oft.a - 2) as z(v) on true order by 1, 2;
select p.y, t.p, t.q from of_pairs(2) p, of_two(p.x) t order by 1;
select * from of_one(1), of_one(2) as k, of_one(3) as l(m);
select a, of_upto(a) from oft where a < 4 order by 1, 2;
select of_upto(2), of_upto(3);
select (of_pairs(2)).y, (of_pairs(2)).x;
select (of_pairs(2)).z;
select count(*), sum(v) from of_upto(100) v;
select * from rows from (of_upto(2), of_pairs(3), generate_series(1, 4)) as z(a, b, c, d);
select * from of_inc(1) as a, of_inc(a) as b;
select u from of_upto(2) u where u in (select of_upto(1));
select y from of_pairs(3) where x = any (array(select of_upto(2))) order by 1;
select of_strict(x, y) from of_pairs(3) order by 1;
select * from of_strict(1, null) s;
select * from of_inc(null) s;
create function of_strict_set(i int) returns setof int language sql strict as 'select i union all select i + 1';
select * from of_strict_set(null);
select a, of_strict_set(a) from oft where a < 3 order by 1, 2;
-- rows of a table, and record
create function of_rows(m int) returns setof oft language sql as 'select * from oft where a <= m order by a';
create function of_row(m int) returns oft language sql as 'select * from oft where a = m';
create function of_rec(m int) returns record language sql as 'select a, b from oft where a = m';
create function of_recs(m int) returns setof record language sql as 'select a, b from oft where a <= m order by a';
select * from of_rows(2);
select r.b, r.n from of_rows(4) r where r.a > 2;
select * from of_row(2);
select * from of_row(99);
select * from of_rec(2) as (i int, t text);
select i + 1, t from of_recs(2) as z(i int, t text);
select * from of_recs(2) z;
select * from of_recs(2) as z(i int, t text, u int);
select * from of_recs(2) as z(i text, t text);
select * from of_inc(1) as z(i int, j int);
select * from of_pairs(1) as z(i int, j text);
create function of_pl_row(i int) returns oft language plpgsql as $$ declare r oft%rowtype; begin select * into r from
  oft where a = i; return r; end $$;
create function of_pl_rows(i int) returns setof record language plpgsql as $$ declare r record; begin for r in select a,
  b from oft order by a loop return next r; end loop; return next (i, 'q'::text); return next row(7, 'w'::text); return
  next null; end $$;
create function of_pl_rec() returns record language plpgsql as $$ begin return (1, 2.5); end $$;
create function of_pl_null() returns oft language plpgsql as $$ begin return null; end $$;
create function of_pl_wrong() returns oft language plpgsql as $$ begin return (1, 2); end $$;
create function of_pl_empty() returns oft language plpgsql as $$ declare r record; begin return r; end $$;
create function of_pl_next() returns setof oft language plpgsql as $$ declare r record; begin return next r; end $$;
create function of_pl_sum(i int) returns int language plpgsql as $$ begin return (i) + (3); end $$;
create function of_pl_paren(i int) returns int language plpgsql as $$ begin return (i); end $$;
select * from of_pl_row(2);
select z.b from of_pl_row(99) z;
select * from of_pl_rows(9) as (x int, y text);
select * from of_pl_rows(9) as z(x int, y int);
select * from of_pl_rec() as (x int, y numeric);
select * from of_pl_null();
select * from of_pl_wrong();
select * from of_pl_empty();
select * from of_pl_next();
select of_pl_sum(2), of_pl_paren(1) from oft where a = 1;
-- of any type
create function of_any(x anyelement, out y anyelement, out z anyarray) language sql as 'select x, array[x, x]';
create function of_first(x anyarray) returns anyelement language plpgsql as $$ begin return x[1]; end $$;
create function of_same(x anyelement, y anyelement) returns boolean language plpgsql as $$ begin return x = y; end $$;
create function of_pick(x anycompatible, y anycompatible) returns anycompatible language sql as 'select coalesce(x, y)';
select * from of_any(1), of_any('t'::text), of_any(1.5);
select of_first(array[3, 4]), of_first(array['p', 'q']), of_first('{1.5,2}'::numeric[]) from oft where a = 1;
select of_same(1, 1), of_same('a'::text, 'b'), of_same(1.0, 1.00) from oft where a = 1;
select of_same(1, 'x'::text);
select of_any('unknown');
select of_pick(null, 1), of_pick(1, 2.5), of_pick('a', 'b') from oft where a = 1;
create function of_bad(x int) returns anyelement language sql as 'select 1';
-- defaults, names and VARIADIC
create function of_df(a int, b int default 5, c text default 'q') returns text language sql as $$ select a || '-' ||
  b || '-' || c $$;
select of_df(1), of_df(1, 2), of_df(1, c => 'z'), of_df(c := 'w', a := 9) from oft where a = 1;
select of_df(1);
select of_df(b => 1);
select of_df(1, a => 2);
select of_df(b => 1, 2);
select of_df();
create function of_df2(a int default 1, b int) returns int language sql as 'select 1';
create function of_sum(start int, variadic rest int[]) returns int language plpgsql as $$ declare x int; begin foreach x
  in array rest loop start := start + x; end loop; return start; end $$;
select of_sum(1, 2, 3), of_sum(1, variadic array[5, 6]), of_sum(1, a) from oft order by 3;
select of_sum(1);
create function of_v2(variadic a int) returns int language sql as 'select 1';
create function of_v3(variadic a int[], b int) returns int language sql as 'select 1';
-- which of several
create function of_over(x int) returns text language sql as $$ select 'int' $$;
create function of_over(x text) returns text language sql as $$ select 'text' $$;
create function of_over(x numeric) returns text language sql as $$ select 'numeric' $$;
select of_over(1), of_over('1'), of_over(1.5), of_over(1::bigint), of_over('x'::varchar) from oft where a = 1;
select of_over(true) from oft;
-- what they do
create function of_log(i int) returns int language plpgsql as $$ begin insert into olog values (i, 'log'); return i; end
  $$;
select of_log(a) from oft order by a;
select i, t from olog order by i;
-- may refuse
select of_log(i) from olog;
select of_log(10), (select count(*) from oft);
select count(*) from olog where i = 10;
create function of_stable() returns int language plpgsql stable as $$ begin insert into olog values (1, 's'); return 1;
  end $$;
select of_stable();
select a, of_stable() from oft;
create function of_count() returns bigint language sql stable as 'select count(*) from olog';
-- may refuse
insert into olog select of_count(), 'n' from oft;
insert into olog values (of_count(), 'count');
select t, i > 3 from olog where t = 'count';
update oft set b = of_strict(a, 'u') where of_bool(a);
delete from olog where of_bool(i);
-- may refuse
update olog set i = of_count();
select a, b from oft order by a;
create function of_fail(i int) returns int language plpgsql as $$ begin if i = 3 then raise exception 'three' using
  errcode = 'P0077'; end if; return i; end $$;
select of_fail(a) from oft order by a;
select of_fail(a) from oft where a < 3 order by a;
create function of_caught(i int) returns text language plpgsql as $$ begin return of_fail(i)::text; exception when
  others then return sqlerrm; end $$;
select a, of_caught(a) from oft order by a;
begin;
select a, of_caught(a) from oft order by a;
insert into olog values (77, of_caught(3));
rollback;
create function of_div(i int) returns int language plpgsql as $$ begin begin insert into olog values (i, 'div'); return
  10 / (i - 2); exception when division_by_zero then return -1; end; end $$;
begin;
select a, of_div(a) from oft order by a;
select i from olog where t = 'div' order by i;
rollback;
create function of_fact(n int) returns numeric language plpgsql as $$ begin if n <= 1 then return 1; end if; return n *
  of_fact(n - 1); end $$;
select a, of_fact(a * 10) from oft order by a;
create sequence of_seq;
create function of_next() returns bigint language sql as $$ select nextval('of_seq') $$;
select of_next() from oft;
select currval('of_seq');
-- views, and what depends on a function
create view of_view as select a, of_inc(a) as i from oft;
create view of_view2 as select z.x, z.y from of_pairs(3) z;
select * from of_view order by a;
select * from of_view2 order by x;
drop function of_inc(int);
drop function of_pairs(int);
create or replace function of_inc(i int) returns int language sql immutable as 'select i + 100';
select * from of_view order by a;
create or replace function of_inc(j int) returns int language sql as 'select j';
create or replace function of_inc(i int) returns bigint language sql as 'select 1::bigint';
create or replace function of_df(a int, b int, c text) returns text language sql as $$ select 'x' $$;
create or replace function of_two(i int, out p int, out r text) language sql as 'select 1, 2::text';
drop table oft;
drop function of_inc(int) cascade;
select * from of_view;
-- what a function in SQL returns
create function of_ret1() returns bigint language sql as 'select a from oft where a = 1';
create function of_ret2() returns int language sql as $$ select '1' $$;
create function of_ret3() returns int language sql as 'select b from oft';
create function of_ret4() returns text language sql as 'select b::varchar(10) from oft where a = 1';
create function of_ret5() returns numeric language sql as 'select a from oft where a = 2';
create function of_ret6() returns int language sql as 'select a, b from oft';
create function of_ret7() returns int language sql as 'insert into olog values (1)';
create function of_ret8() returns int language sql as 'insert into olog values (5, null) returning i';
create function of_ret9() returns table (x bigint, y text) language sql as 'select a, b from oft order by a desc';
select of_ret1(), of_ret4(), of_ret5() from oft where a = 1;
select of_ret8();
select * from of_ret9();
select pg_typeof(x) from of_ret9() limit 1;
create function of_cost() returns int language sql cost 0 as 'select 1';
create function of_rows0() returns setof int language sql rows 0 as 'select 1';
create function of_par() returns int language sql parallel sometimes as 'select 1';
create function of_par() returns int language sql cost 5 parallel safe as 'select 1';
select of_par() + 1;
drop function of_twice, of_strict, of_num, of_float, of_date, of_bool, of_upto, of_pairs, of_two, of_one, of_strict_set,
  of_rec, of_recs, of_any, of_first, of_same, of_pick, of_df, of_sum, of_over (int), of_over (text), of_over (numeric),
  of_log, of_stable, of_count, of_fail, of_caught, of_div, of_fact, of_next, of_ret1, of_ret4, of_ret5, of_ret8,
  of_ret9, of_par, of_pl_rows, of_pl_rec,
  of_pl_sum, of_pl_paren cascade;
drop table oft, olog cascade;
drop sequence of_seq;
select proname from pg_proc where pronamespace = 2200;
