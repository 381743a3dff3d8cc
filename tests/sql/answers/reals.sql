-- A real is rounded to itself before it is compared: beside a number of another type both are double precision
create table f (id int primary key, r real, d float8, n numeric);
insert into f select i, (i * 0.1)::real, i * 0.1, i * 0.1 from generate_series(1, 11) i;
select id, r = 0.1, r > 0.1, r <> 0.2, 0.3 = r, r < 0.3, r is distinct from 0.1 from f order by id;
select id from f where r = 0.1;
select id from f where r >= 0.3 order by id;
select id from f where r between 0.1 and 0.3 order by id;
select id from f where r = '0.1';
select id from f where r = n order by id;
select id from f where r = d order by id;
select id, r < n, n < r, r = 1, r = n::float8 from f order by id;
-- IN with several constants looks for a real, with one it compares
select id, r in (0.1, 0.2), r in (0.1), r not in (0.1, 0.3), r not in (0.1, 1, 2), r in (16777217, 0.5) from f
  order by id;
select id, r = any(array[0.1, 0.2]), r = any('{0.1,0.2}'), r = all(array[0.1]), r < any(array[0.2, 0.1])
  from f order by id;
select id from f where r in (n, 0.5) order by id;
select id from f where r in (n, d) order by id;
-- refused
select id from f where r in (0.1, 0.2, n);
select id from f where 0.1 in (r, d) order by id;
select id from f where r in (0.1::real, 0.3::real) order by id;
select id from f where r in (select n from f) order by id;
select id from f where (r, id) in ((0.1, 1), (0.5, 5));
select id from f where (r, id) > (0.3, 1) order by id;
select case r when 0.1 then 1 when 0.2::real then 2 else 3 end, case r when n then 1 else 0 end, nullif(r, 0.1)
  from f order by id;
select a.id, b.id from f a join f b on a.r = b.n order by 1;
select a.id, b.id from f a join f b on a.r = b.d order by 1;
select 0.1::real::float8, (0.1::real)::float8, '0.1'::real::float8, cast(0.1 as real)::float8,
  cast(cast('0.1' as float4) as float8), 0.1::float4 = 0.1::float8, 0.1::float4 = 0.1, 0.1::real::numeric;
-- with 0.1
select id from f where r = $1;
update f set d = 7 where r = 0.2;
update f set d = 7 where r = 0.2::real;
create index on f (r);
select id from f where r = 0.1;
select id from f where r = 0.1::float4;
select id from f where r > 0.2 and r < 0.7 order by id;
delete from f where r = 0.3;
delete from f where r = 0.3::real returning id;
create view v as select id, 0.1::real::float8 as e from f where r = 0.5 or r = 0.6;
select * from v;
-- and added up as one
create table s (id int primary key, r real, d float8);
insert into s select i, (i * 0.1)::real, i * 0.1 from generate_series(1, 100) i;
select sum(r), sum(d), avg(r), avg(d), sum(distinct r), sum(r::float8), sum(r) filter (where id > 3) from s;
select sum(r), min(r), max(r) from s where id % 3 = 1;
select id > 0, sum(r) from s group by 1;
select id, sum(r) over (order by id), sum(r) over (order by id rows 3 preceding) from s order by id limit 20;
insert into s values (101, 3e38, 1e308), (102, 3e38, 1e308);
select sum(r) from s;
select sum(d) from s;
select avg(r) from s;
select avg(d) from s where id > 100;
insert into s values (103, 'infinity', '-infinity');
select sum(r), sum(d), avg(r) from s where id <> 102 and id <> 101;
insert into s values (104, 'NaN', 'infinity');
select sum(r), sum(d), avg(d) from s where id <> 102 and id <> 101;
-- refused
select id, sum(r) over (order by n range between 0.2 preceding and current row) from f;
