-- Errors are PostgreSQL's, in its words, or refusals by name
create table p(id int primary key, u text unique, v int, w int);
create table c(id int primary key, p int references p(id) on delete restrict, q int constraint c_q references p(id));
insert into p values (1, 'a', 1, 1), (2, 'b', 2, 2), (3, 'c', 3, 3);
insert into c values (1, 1, null), (2, null, 2);
insert into p values (1, 'x', 1, 1) on conflict (v) do nothing;
insert into p values (1, 'x', 1, 1) on conflict (v) do update set v = 2;
insert into p values (1, 'x', 1, 1) on conflict (id, u) do nothing;
insert into p values (1, 'x', 1, 1) on conflict (lower(u)) do nothing;
insert into p values (1, 'x', 1, 1) on conflict (u) where v > 0 do nothing;
create unique index on p (v) where v > 0;
insert into p values (9, 'x', 1, 1) on conflict (v) where v > 0 do nothing;
insert into p values (9, 'x', 1, 1) on conflict (v) do nothing;
create unique index on p (lower(u), w);
insert into p values (9, 'x', 4, 1) on conflict (w, lower(u)) do update set v = 9;
insert into p values (9, 'x', 4, 1) on conflict (nosuch) do nothing;
insert into p values (9, 'x', 4, 1) on conflict on constraint nosuch do nothing;
delete from p where id = 1;
delete from p where id = 2;
update p set id = 10 where id = 1;
update p set id = 10 where id = 2;
insert into c values (5, 77);
update c set q = 77;
delete from p where id = 3;
select count(*) from p having count(*) > 1;
select 1 from p having true;
select 1 having false;
select sum(v) from p having sum(v) > 100;
select max(v) from p having min(v) < 5;
values (1), (2) order by 1;
values (2), (1) order by 1 desc limit 1;
values (2, 'a'), (1, 'b') order by column1;
select * from (values (2), (1) order by 1) x(a);
values (1), (2), (3) limit 2 offset 1;
values (1), (2) union all values (0) order by 1;
-- refused
explain create table if not exists zz as select 1;
-- refused
explain create table zz as select 1 as x;
select * from zz;
create table j (d jsonb, check (d->>'x' is not null));
create index on j ((d->>'x'));
create index on j ((d->'x'));
create view vj as select d->>'x' as x, d->'y'->1 as y from j;
insert into j values ('{"x": "1"}');
insert into j values ('{"y": "1"}');
select d->>'x' from j;
select * from vj;
select '[1,2]'::jsonb -> -1, '[1,2]'::jsonb -> '0', '{"1":2}'::jsonb -> '1', '{"c.d": 3}'::jsonb -> 'c.d',
    '{"a":1}'::jsonb -> '', '{"": 5}'::jsonb -> '';
select '{"a\"b": "x\u0041y", "n": null, "t": true, "f": 1.50}'::json ->> 'a"b', '{"n": null}'::json -> 'n',
    '{"n": null}'::json ->> 'n', '{"t": true}'::json ->> 't', '{"f": 1.50}'::json ->> 'f';
select '[1,[2,3],{"k":[4]}]'::json -> 1 -> 0, '[1,[2,3],{"k":[4]}]'::json -> 2 -> 'k' ->> 0, '[1]'::json -> 1,
    '[]'::json -> 0, '[]'::json -> -1, '5'::json -> 0, '"s"'::json -> 's';
select null::json -> 'a', '{"a": 1}'::json -> null::text, '{"a": 1}'::json ->> null::int,
    '{"a" : {"b":[1, 2 ]} , "c": "}"}'::json -> 'a', '{"d": "\\\"}", "c": "}"}'::json -> 'c';
with recursive a as (select 1 as x union all select x + 1 from a where x < 3) select * from a;
-- refused
with recursive a as (select 1 as x union all select *
    from (with recursive b as (select x from a union all select x + 1 from b where x < 3) select x + 1 from b
    where x < 3) q) select count(*) from a;
-- refused
with recursive a(x) as (select 1 union all (with b as (select x + 1 as y from a where x < 3) select y from b)) select *
    from a;
with recursive a(x) as (select 1 union all select a.x + 1 from a, a as b where a.x < 3) select * from a;
with recursive a(x) as (select 1 union all select count(*)::int from a) select * from a;
select sum(v) over (order by id range between interval '1 day' preceding and current row) from p;
select sum(v) over (order by date '2024-01-01' + id range between '1 day' preceding and current row) from p;
select lower(u) over () from p;
select count(*) over (order by v range 1 preceding) from p order by 1;
select count(*) over (range 1 preceding) from p;
select count(*) over (rows -1 preceding) from p;
select ntile(0) over () from p;
select nth_value(v, 0) over () from p;
select id from p where sum(v) > 1;
select sum(sum(v)) from p;
select sum(count(*)) over () from p;
select id from p group by id order by nosuch;
select u from p where row_number() over () = 1;
update p set v = sum(v);
select * from p limit -1;
select * from p offset -1;
select 1 in (select 1, 2);
select (select 1, 2);
select id, u from p union select id from p;
insert into p(id) select id, u from p;
select 9223372036854775807 + 1;
select 1 / 0;
select abs(-9223372036854775808);
create table k1(a int, a int);
select * from p, p;
select * from p natural join c cross join nosuch;
select x.* from p;
delete from p using c where p.id = c.nosuch;
create view v1 as select 1 as a, 2 as a;
alter table p add column id int;
alter table p drop column id;
create table dd(a int default nosuch());
create table de(a int check (a > (select 1)));
create table df(a int default (select 1));
create table dg(a int generated always as (b + 1) stored, b int generated always as (a + 1) stored);
create table dh(a int generated always as (random()::int) stored);
-- refused
create table dh(a int generated always as (1) stored);
create index on p ((random()));
create index on p (v) where (select true);
select string_agg(u, ',') filter (where nosuch) from p;
select u from p order by 5;
select u from p group by 5;
select id as x from p where x = 1;
select cast('abc' as int);
select coalesce(1, 'a');
select * from generate_series(1, 3, 0);
select 1 from p for update;
prepare x as select nosuch;
execute nosuch;
declare cc cursor for select 1;
fetch 1 from nosuch;
