-- Functions of row types, enums and domains
create type oty_c as (a int, b text, n numeric);
create type oty_e as enum ('red', 'green', 'blue');
create domain oty_d as int check (value > 0);
create domain oty_t as text;
create table oty (id int primary key, c oty_c, e oty_e, d oty_d);
insert into oty values (1, row(1, 'x', 1.50), 'green', 5), (2, null, null, null), (3, row(null, null, null), 'red',
  7);
create function oty_e1(e oty_e) returns oty_e language sql as 'select e';
create function oty_e2(e oty_e) returns text language plpgsql as $$ begin raise notice '%', e; return e::text || '!';
  end $$;
create function oty_e3(i int) returns oty_e language plpgsql as $$ declare v oty_e := 'blue'; begin if i = 1 then
  return 'red'; end if; return v; end $$;
create function oty_e4(e oty_e) returns boolean language plpgsql as $$ begin return e > 'red'; end $$;
create function oty_d1(d oty_d) returns oty_d language sql as 'select d - 1';
create function oty_d1(d oty_d) returns oty_d language sql as 'select (d - 1)::oty_d';
create function oty_d2(d oty_d) returns oty_d language plpgsql as $$ begin return d - 1; end $$;
create function oty_d3(i int) returns oty_d language plpgsql as $$ begin return i; end $$;
create function oty_c1(c oty_c) returns int language sql as 'select (c).a';
create function oty_c2(c oty_c) returns text language sql as 'select c.b';
create function oty_c3(c oty_c) returns numeric language plpgsql as $$ begin return c.n * 2; end $$;
create function oty_c4(i int) returns oty_c language sql as $$ select i, 'c4'::text, 2.50 $$;
create function oty_c5(i int) returns oty_c language sql as $$ select row(i, 'c5', 2.5)::oty_c $$;
create function oty_c6(i int) returns oty_c language plpgsql as $$ declare r oty_c; begin r.a := i; r.b := 'c6';
  return r; end $$;
create function oty_c7(i int) returns oty_c language plpgsql as $$ begin return row(i, 'c7', 7.0)::oty_c; end $$;
create function oty_c8(i int) returns setof oty_c language plpgsql as $$ declare r oty_c; begin for r in select i +
  g, 'g' || g, g::numeric from generate_series(1, 2) g loop return next r; end loop; end $$;
create function oty_c9(c oty_c) returns oty_c language plpgsql as $$ begin c.a := c.a + 1; return c; end $$;
create function oty_c10(i int) returns setof oty_c language sql as $$ select c from oty where id >= i order by id $$;
create function oty_arr(a oty_e[]) returns int language sql as 'select cardinality(a)';
create function oty_arr2(c oty_c[]) returns oty_c[] language sql as 'select array_append(c, row(9, ''z'', 1)::oty_c)';
select oty_e1('green'), oty_e2('red'), oty_e3(1), oty_e3(2), oty_e4('green'), oty_e4('red') from oty where id = 1;
select id, oty_e1(e), oty_e2(e), oty_e4(e), oty_e1(e) = e from oty order by id;
select oty_e1('purple');
select oty_e1(e) from oty order by oty_e1(e) nulls first;
select oty_d2(5), oty_d3(3);
select oty_d2(1);
select oty_d3(0) from oty;
select oty_d3(-1);
select oty_d2(0);
select id, oty_d2(d) from oty where id <> 2 order by id;
select oty_d1(3), oty_d1(1);
select id, oty_c1(c), oty_c2(c), oty_c3(c) from oty order by id;
select oty_c4(1), oty_c5(2), oty_c6(3), oty_c7(4) from oty where id = 1;
select oty_c4(1);
select (oty_c4(1)).a, (oty_c5(2)).*;
select * from oty_c6(3);
select * from oty_c7(4), oty_c8(1);
select oty_c8(10);
select (oty_c8(10)).b;
select oty_c9(c) from oty order by id;
select oty_c9(row(1, 'q', 2));
select oty_c1(row(1, 'q', 2)::oty_c);
select oty_c3(null);
-- may refuse
select * from oty_c10(1);
-- may refuse
select oty_c10(1);
select oty_arr('{red,blue}'), oty_arr(array['red']::oty_e[]) from oty where id = 1;
select oty_arr2(array[row(1, 'a', 2)::oty_c]);
select oty_arr2('{}');
select id from oty where oty_c4(id) = row(1, 'c4', 2.5)::oty_c;
drop type oty_e;
drop type oty_c;
drop domain oty_d;
drop table oty;
drop function oty_e1, oty_e2, oty_e3, oty_e4, oty_arr;
drop type oty_e;
drop function oty_d1, oty_d2, oty_d3;
drop domain oty_d;
drop function oty_c1, oty_c2, oty_c3, oty_c4, oty_c5, oty_c6, oty_c7, oty_c8, oty_c9, oty_c10, oty_arr2;
drop type oty_c;
select oty_c1(null);
create type oty_avg as (total bigint, n bigint);
create function oty_acc(s oty_avg, i int) returns oty_avg language sql as 'select case when i is null then s else
  row((s).total + i, (s).n + 1)::oty_avg end';
select oty_acc(row(1, 2), 5), oty_acc(row(1, 2)::oty_avg, null) from (values (1)) v;
create function oty_do() returns text language plpgsql as $$ declare s oty_avg; begin s := oty_acc(row(1,
  2)::oty_avg, 7); s := oty_acc(s, 8); return s.total || '/' || s.n; end $$;
select oty_do();
drop function oty_do, oty_acc;
drop type oty_avg;
drop domain oty_t;
