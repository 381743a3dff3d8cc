-- What PostgreSQL refuses, and SQLite would answer somehow or without an end
create table t (a int primary key, b int, c text);
insert into t values (1, 10, 'x'), (2, 20, 'y');
update t set (c, b) = ('car', a + b), b = a + 1 where a = 1;
update t set b = 1, b = 2;
select array[];
select array[]::int[], array[]::text[] || 'a'::text;
select json_build_object('{a,b}'::text[], 1);
select jsonb_build_object(json '{"a": 1}', 3);
select jsonb_build_object('{1,2}'::int[], 3);
select null from t group by b for update;
select distinct b from t for update;
select b from t union select a from t for update;
with recursive x(n) as (select 1 union all select n + 1 from x where n < 3 order by 1) select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x limit 3) select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x offset 3) select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x where n < 3 for update) select * from x;
with recursive x(n) as (select a from t where a = 1 union all select x.n + 1
    from x right join t on x.n = t.a where n < 5)
    select * from x;
with recursive x(n) as (select a from t where a = 1 union all select x.n + 1
    from t left join x on x.n = t.a where n < 5)
    select * from x;
with recursive x(n) as (select a from t where a = 1 union all select x.n + 1
    from x left join t on x.n = t.a where n < 5)
    select * from x;
with recursive x(n) as (select 1 union all select n + 1 from x where n < 4) select * from x order by 1;
select a, case when a > 1 then generate_series(1, 3) else 0 end from t;
select coalesce(generate_series(1, 3), 0) from t;
select sum(x), avg(x) from (values ('-infinity'::float8), ('infinity')) v(x);
create table f (r real);
insert into f values (324.78), (7.8), (99.097), (0.09561), ('NaN'), (1e20), (123456789);
select r, r::numeric, r::numeric(10, 2) from f where r < 1000 order by r;
select r::numeric from f where r > 1000 order by r;
create table n (v numeric);
insert into n select r from f where r < 1000;
select v from n order by v;
select array(select array[1]);
drop table n;
drop table f;
drop table t;
