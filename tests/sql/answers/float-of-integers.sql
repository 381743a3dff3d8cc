-- an integer that a context makes double precision is one in what is kept, computed and shown
create table float_of_int (id int generated always as identity primary key, c float8, r float4,
    i int default 2, b bigint default 9007199254740993, f float8 default 1.5, s real default 0.5);
insert into float_of_int (c, r) values (3, 4);
insert into float_of_int (c) select case when i = 2 then 1 else f end from float_of_int limit 1;
insert into float_of_int (c) select case when i = 2 then i else f end from float_of_int limit 1;
insert into float_of_int (c) select case i when 3 then f else b end from float_of_int limit 1;
insert into float_of_int (c) select coalesce(null::float8, 1);
insert into float_of_int (c) select coalesce(null::float8, i) from float_of_int limit 1;
insert into float_of_int (c) select coalesce(null::float8, b) from float_of_int limit 1;
insert into float_of_int (c) select greatest(f, i) from float_of_int limit 1;
insert into float_of_int (c) select least(f, 1) from float_of_int limit 1;
insert into float_of_int (c) select nullif(i, f) from float_of_int limit 1;
insert into float_of_int (r) select case when i = 2 then 1 else s end from float_of_int limit 1;
insert into float_of_int (r) select coalesce(null::real, i) from float_of_int limit 1;
insert into float_of_int (r) select case when i = 2 then 16777217 else s end from float_of_int limit 1;
insert into float_of_int (c) select x from (values (1), (2.5::float8)) v (x);
insert into float_of_int (c) values ((select 1)), (case when true then 1 else 2.5::float8 end);
insert into float_of_int (c) (select 1 union select f from float_of_int) order by 1 limit 2;
insert into float_of_int (c) (select i from float_of_int union all select f from float_of_int) order by 1 limit 2;
insert into float_of_int (c) (select i from float_of_int except select f from float_of_int) order by 1 limit 2;
insert into float_of_int (c) select lag(f, 1, i) over (order by id) from float_of_int order by id limit 1; -- may refuse
insert into float_of_int (c) select lag(f, 1, 7) over (order by id) from float_of_int order by id limit 1;
insert into float_of_int (c) select (array[1, 2.5::float8])[1];
insert into float_of_int (c) select unnest(array[i, 2.5::float8]) from float_of_int limit 1;
insert into float_of_int (c) select max(case when i = 2 then 1 else f end) from float_of_int;
insert into float_of_int (c) select sum(coalesce(null::float8, i)) from float_of_int;
insert into float_of_int (c) with recursive w (n) as (select 1::float8 union all select n + 1 from w where n < 2)
    select n from w;
update float_of_int set c = case when id = 1 then 1 else f end where id < 3;
update float_of_int set c = coalesce(null::float8, i), r = greatest(s, i) where id = 3;
update float_of_int set (c, r) = (select coalesce(null::float8, i), case when true then i else s end) where id = 4;
update float_of_int set c = v.x from (values (5, 1), (6, 2.5::float8)) v (id, x) where v.id = float_of_int.id;
insert into float_of_int (id, c) overriding system value values (1, 2)
    on conflict (id) do update set c = coalesce(null::float8, excluded.i);
select * from float_of_int order by id;
-- computed with, as double precision
select case when i = 2 then 1 else f end / 2, coalesce(null::float8, i) / 4, greatest(f, i) / 4, least(f, 1) / 2,
    coalesce(null::float8, b), coalesce(null::real, 16777217),
    pg_typeof(coalesce(null::float8, i)) from float_of_int limit 1;
select x / 2 from (values (1), (2.5::float8)) v (x);
select x / 2 from (select 1 union all select 2.5::float8) v (x) order by 1;
select x / 2 from (select i from float_of_int union select f from float_of_int) v (x) order by 1;
select (array[1, 2.5::float8])[1] / 2, array[b, 2.5::float8] from float_of_int limit 1;
select lag(f, 1, 7) over (order by id) / 2 from float_of_int order by id limit 2;
select case when i = 2 then b else f end, case when i = 2 then b else f end = b, coalesce(null::float8, b)::text
    from float_of_int limit 1;
select coalesce(null::float8, b) = 9007199254740992, greatest(null::float8, b) from float_of_int limit 1;
select distinct coalesce(null::float8, x) from (values (9007199254740992), (9007199254740993)) v (x);
select coalesce(null::float8, x), count(*) from (values (9007199254740992), (9007199254740993)) v (x) group by 1;
select count(*) from (values (9007199254740993)) v (x) join (values (9007199254740992::float8)) w (y) on x = y;
select 9007199254740993 = 9007199254740992::float8, 9007199254740993::bigint in (9007199254740992::float8),
    9007199254740993 > 9007199254740992::float8;
select b = 9007199254740992::float8, b > 9007199254740992::float8, b in (f, 9007199254740992::float8),
    b between 9007199254740992::float8 and f, nullif(b, 9007199254740992::float8), case b when 9007199254740992::float8
    then 'same' else 'other' end from float_of_int limit 1;
select b + 0::float8, b * 1::float8, b - 1::float8, b / 1::float8, b ^ 1::float8 from float_of_int limit 1;
-- kept by a default, a generated column, a change of type, a function and a view
create table float_of_int_made (id int primary key, c float8 default case when true then 1 else 2.5::float8 end,
    g float8 generated always as (case when id = 1 then id else 2.5::float8 end) stored, t int);
insert into float_of_int_made (id, t) values (1, 3), (2, 4);
alter table float_of_int_made alter t type float8 using case when id = 1 then t else 2.5::float8 end;
alter table float_of_int_made add d float8 default coalesce(null::float8, 1);
create function float_of_int_given(n int) returns float8 language sql as $$ select n $$;
create function float_of_int_chosen(n int) returns float8 language sql as
    $$ select case when n = 1 then n else 2.5::float8 end $$;
insert into float_of_int_made (id, c) select 3, float_of_int_given(1); -- may refuse
insert into float_of_int_made (id, c) select 4, float_of_int_chosen(1); -- may refuse
create view float_of_int_seen as select case when id = 1 then id else 2.5::float8 end as x from float_of_int_made;
insert into float_of_int_made (id, c) select 5, x from float_of_int_seen order by x limit 1;
create table float_of_int_copied as select case when id = 1 then id else 2.5::float8 end as x,
    coalesce(null::float8, id) as y from float_of_int_made;
create materialized view float_of_int_kept as select case when id = 1 then id else 2.5::float8 end as x
    from float_of_int_made;
select *, c / 2, g / 2, t / 2, d / 2 from float_of_int_made order by id;
select x / 2, y / 2 from float_of_int_copied order by 1, 2;
select x / 2 from float_of_int_kept order by 1;
create index on float_of_int_made ((case when id = 1 then id else 2.5::float8 end));
select id from float_of_int_made where case when id = 1 then id else 2.5::float8 end = 1;
drop materialized view float_of_int_kept;
drop table float_of_int_copied;
drop view float_of_int_seen;
drop function float_of_int_given, float_of_int_chosen;
drop table float_of_int_made, float_of_int;
