-- reals, doubles, decimals and padded texts beside each other: kept, compared, added and made one type
select (1e30::real)::float8, round(1e30::real), 1e30::real, round(1e30::real)::float8, coalesce(1e30::real,
    1::float8), (16777217::real)::float8, 0.1::real::float8, coalesce(0.1::real, 1::float8), 0.1::real + 0::float8,
    round(0.1::real), abs(0.1::real)::float8, sqrt(0.1::real), floor(0.1::real), sum(0.1::real), avg(0.1::real);
create table alike_a (r real, f float8, c char(3), t text, v varchar(5), n numeric);
insert into alike_a values (0.1, 0.2, 'b', null, 'c ', 'NaN'), (1e30, 1e30, 'a', 'x ', null, 'Infinity');
select r::float8, coalesce(r, f), greatest(r, f), case when r < f then r else f end, r = 0.1, r = 0.1::float8, r
    = f, -r::float8, r * 1::float8, round(r), abs(r)::float8 from alike_a order by r;
select r from alike_a union select f from alike_a order by 1;
select length(coalesce(t, c)), coalesce(t, c) || '|', coalesce(c, t) || '|', coalesce(v, c) || '|', coalesce(c,
    v) || '|', case when t is null then c else t end || '|', greatest(c, t) || '|', nullif(c, t) || '|', nullif(t,
    c) || '|' from alike_a order by r;
select x || '|' from (values ('a'::text), ('b'::char(3))) v(x);
select x || '|' from (select t as x from alike_a union all select c from alike_a) v order by 1;
-- may refuse
select length(x) from (select c as x from alike_a union select t from alike_a) v order by 1;
select (array[t, c])[2] || '|' from alike_a order by r;
select c || c, c || t, c = 'b', c::text || '|', length(c), upper(c) || '|', c::varchar(2) || '|', concat(c,
    '|'), array[c]::text, row(c)::text from alike_a order by r;
select n::int from alike_a where n = 'NaN';
select n::bigint from alike_a where n = 'Infinity';
select n::smallint from alike_a where n = 'Infinity';
select 'infinity'::date - '2024-01-01'::date;
select d - '2024-01-01' from (values ('infinity'::date)) v(d);
select d - d from (values ('-infinity'::date)) v(d);
select d - 1, d + 1, d + interval '1 day', d - interval '1 day' from (values ('infinity'::date)) v(d);
-- may refuse
select age(d), d - timestamp '2024-01-01' from (values ('infinity'::timestamp)) v(d);
select d - '2024-01-01' from (values ('infinity'::timestamp)) v(d);
select d - d from (values ('infinity'::timestamptz)) v(d);
select pg_typeof(nullif(n, r)), pg_typeof(nullif(r, n)), pg_typeof(nullif(f, n)), pg_typeof(nullif(n, f)),
    pg_typeof(nullif(r, f)), pg_typeof(nullif(1, n)), pg_typeof(nullif(n, 1)), pg_typeof(nullif(1::smallint,
    1::bigint)), pg_typeof(nullif(r, 1)) from alike_a;
select nullif(n, r), nullif(r, n), nullif(f, n), nullif(n, f), nullif(r, f), nullif(1, n), nullif(n, 1),
    nullif(1::smallint, 1::bigint), nullif(r, 1) from alike_a order by 3;
drop table alike_a;
create table alike_a (r real, f float8, n numeric, i int, b bigint);
insert into alike_a values (0.1, 0.1, 0.1, 1, 2), (16777216, 16777217, 16777217, 16777217, 16777217);
select r = 0.1, r < 0.1, r > 0.1, r in (0.1), r in (0.1, 0.2), r in (0.1, i), r between 0.1 and 1, r between 0
    and 0.1, case r when 0.1 then 1 else 2 end, nullif(r, 0.1), r = n, r < n, n = r, r = i, r in (16777217, 2), r in
    (16777217), r = b, r <> 16777217, r is distinct from 0.1, r = any(array[0.1, 0.2]), (r, 1) = (0.1, 1), (r, 1) in
    ((0.1, 1)), r = '0.1', r in ('0.1', '2'), r between '0.1' and 1, f = 0.1, n = 0.1::real, 0.1 = r, r not in
    (0.1), r not in (0.1, 0.3) from alike_a order by f;
select a.f from alike_a a join alike_a b on a.r = b.n order by 1;
select r from alike_a where r = 0.1;
select r from alike_a where r = 0.1::real;
select f from alike_a where f in (select r from alike_a);
select f from alike_a where r in (select n from alike_a);
select f from alike_a where r = (select 0.1);
drop table alike_a;
select (9007199254740992::float8)::numeric, 1e300 + 1, (s + (1e300)) + (9007199254740992::float8)::numeric from
    (values (0::smallint)) v(s);
select distinct (9007199254740992::float8)::numeric;
create table alike_c (id int, r real, i int, n numeric);
insert into alike_c select g, 0.1, g, 0.1 from generate_series(1, 12) g;
select sum(r), sum(-r), sum(-0.1::real), avg(r), stddev(r) from alike_c;
select sum((array[i::real, -(0.1)])[2]), sum((array[r, -n])[2]), sum(coalesce(null::real, -(0.1))), sum(case
    when i > 0 then -(0.1) else r end), sum(greatest(null::real, -n)) from alike_c;
select (array[r, -(0.1)])[2]::float8, (array[r, -n])[2]::float8, coalesce(null::real, -(0.1))::float8, case when
    i > 0 then 0.1 else r end::float8, greatest(null::real, n)::float8, coalesce(null::real, 0.1)::float8, (array[r,
    0.1])[2]::float8, nullif(r, 1)::float8, (array[0.1, r])[1]::float8, lag(r, 1, 0.1) over (order by id)::float8
    from alike_c limit 1;
select x::float8 from (values (0.1), (0.5::real)) v(x);
select x::float8 from (select 0.1 as x union all select r from alike_c where id = 1) v;
select x::float8 from (select n as x from alike_c union all select r from alike_c where id = 1) v;
drop table alike_c;
create table alike_d (id int, f float8, r real, n numeric);
insert into alike_d values (1, 1e20, 1e20, 1e20), (2, 1, 1, 1), (3, 1, 1, 1), (4, 'Infinity', 'Infinity',
    'Infinity'), (5, 2, 2, 2), (6, 3, 3, 3), (7, 'NaN', 'NaN', 'NaN'), (8, 4, 4, 4), (9, null, null, null), (10,
    0.1, 0.1, 0.1);
select id, sum(f) over w, sum(r) over w, avg(f) over w, avg(r) over w, sum(n) over w, avg(n) over w from alike_d
    window w as (order by id rows between 1 preceding and current row) order by id;
-- may refuse
select id, stddev(f) over w, var_pop(f) over w, stddev(r) over w, variance(n) over w from alike_d where id not
    in (4, 7) window w as (order by id rows between 1 preceding and current row) order by id;
select id, sum(f) over w, count(f) over w from alike_d window w as (order by id rows between current row and 1
    following) order by id;
select id, sum(f) over w from alike_d window w as (order by id rows between 1 preceding and 1 following exclude
    current row) order by id;
select id, sum(f) over w from alike_d window w as (order by id range between 1 preceding and 1 following) order
    by id;
-- may refuse
select id, corr(f, r) over w, regr_slope(f, r) over w, covar_samp(f, r) over w from alike_d where id not in
    (4,7) window w as (order by id rows between 2 preceding and current row) order by id;
select sum(x) from (values (1e308::float8), (1e308)) v(x);
select avg(x) from (values (1e308::float8), (1e308)) v(x);
select sum(x) from (values (3e38::real), (3e38)) v(x);
select avg(x) from (values (1e300::float8), (1e300)) v(x);
select sum(x), avg(x) from (values ('Infinity'::float8), ('-Infinity')) v(x);
select sum(x), avg(x) from (values ('Infinity'::float8), (1)) v(x);
select sum(x), avg(x) from (values ('-0'::float8), ('-0')) v(x);
select sum(x), avg(x), sum(x::real), stddev(x) from (values (0.1::float8), (0.2), (0.3), (0.4), (0.7)) v(x);
drop table alike_d;

create table in_z (i int, b bigint, r real, f float8, n numeric);
insert into in_z values (1, 9007199254740993, 1, 9007199254740992, 9007199254740993);
-- may refuse
select 9007199254740992 in (nullif(f, r), b), n in (f, n), b in (f, i), i in (f, r), i in (f, i) from in_z;
select b in (f), n in (f, r), i in (1, 2.5), i in (1, 2.5::float8), b in (9007199254740993,
    9007199254740992::float8), f in (b, n, i), n in (b, i) from in_z;
drop table in_z;
