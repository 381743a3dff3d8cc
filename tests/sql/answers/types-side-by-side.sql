-- Values of two types side by side in COALESCE, CASE, NULLIF and arrays: which type they meet in, and what is lost
create extension if not exists citext;
create table t (id int primary key, x text, v varchar(4), c char(4), c2 char(6), ct citext, dt date, ts timestamp,
  tz timestamptz, n numeric, r real, d float8, tm time, iv interval, cd cidr);
insert into t values (1, 'a', 'a', 'a', 'a', 'A', '2024-01-01', '2024-01-01', '2024-01-01', 0.1, 0.1, 0.1, '10:00',
  '1 day', '10.0.0.0/8'), (2, 'ab ', 'ab ', 'ab', 'ab', 'ab ', '2024-02-29', '2024-03-01', '2024-02-29 00:00', 2.50,
  2.5, 2.5, '11:00', '11:00', '192.168.0.0/16'), (3), (4, null, 'b', 'b', null, 'B', '2024-12-31', null, null, 1, null,
  1, null, null, null);
select id, coalesce(x, c) || '.', coalesce(c, x) || '.', coalesce(v, c) || '.', coalesce(c, v) || '.',
  coalesce(c2, x) || '.' from t order by id;
select id, coalesce(x, c), coalesce(v, c), greatest(x, c), least(v, c2), case when id > 1 then x else c end,
  case when id < 3 then c else v end from t order by id;
select id, octet_length(coalesce(x, c)), octet_length(case when id > 1 then x else c end) from t order by id;
select id, nullif(dt, ts), nullif(ts, dt), nullif(dt, tz), nullif(tz, dt), nullif(cd, '10.0.0.0/8'::cidr)
  from t order by id;
-- refused
select nullif(ts, tz) from t;
select id, n = any(array[r]), n <> all(array[r, r]), d = any(array[r]), d = any(array[n]), r = any(array[d]),
  r = any(array[r, 0.5]) from t order by id;
-- refused
select d < any(array[r]) from t;
-- refused
select n in (0.1::real, 1) from t;
-- refused
select ct = c from t;
-- refused
select coalesce(ct, c) from t;
-- refused
select case ct when x then 1 end from t;
select id, ct = x, x = ct, case ct when 'a' then 1 else 0 end, case ct when 'B'::citext then 1 end, ct in ('a', 'b')
  from t order by id;
select coalesce(tm, iv) from t;
select id from t where iv = tm order by id;
select ts from t where coalesce(dt, ts) > '2024-02-01' order by id;
create type rainbow as enum ('red', 'green', 'blue');
create domain small as int check (value < 10);
select 'red' = any ('{red,green}'::rainbow[]), 'blue' = any ('{red,green}'::rainbow[]), '2' = any ('{1,2}'::small[]),
  '1' = any (array[1, 2]), '2024-01-01' = any (array[date '2024-01-01']), null = any (array[1]), 'a' <> all ('{a}');
select (select 'a') = any (array['a', 'b']), '1.0' = any (array[1.00, 2]), '1 day' = any (array[interval '24:00']);
create view any_of as select id, 'b' = any (array[x, 'b']) as t, '2024-12-31' = any (array[dt]) as d,
  'red' = any (array['red'::rainbow]) as e, '1' = any (array[n]) as n from t;
select * from any_of order by id;
alter table t add check ('zz' <> all (array[x, 'y'])), add check (id::text = any ('{1,2,3,4,5}'));
insert into t (id) values (6);
insert into t (id) values (5);
