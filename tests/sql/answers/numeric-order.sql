-- Numerics are compared, sorted, grouped and made distinct as numbers, wherever they come from
create table t(p numeric(10,2), k int, x int, b bigint, f float8, n numeric);
insert into t values (9.50,1,1,9223372036854775807,9.5,9.5), (100,2,10,9223372036854775806,100,1e2),
    (20,3,9,3,20,20.00),
    (10,1,2,4,10,10.000), (-3,2,null,5,null,-3);
select k, sum(p) from t group by k order by sum(p) desc;
select k, sum(p) from t group by k order by 2;
select k, sum(p) s from t group by k order by s;
select k from t group by k having sum(p) > 50 order by k;
select k from t group by k having avg(x) > 5 order by k;
select k, avg(x) from t group by k order by avg(x);
select k from t group by k having sum(b) > 9223372036854775807 order by k;
select k from t group by k having sum(b) = 9223372036854775811 order by k;
select k from t group by k having sum(x) > (select avg(x) from t) order by k;
-- with 19
select k from t group by k having sum(p) > $1 order by k;
-- with 5
select k from t group by k having avg(x) > $1::int order by k;
-- with 9.5
select k from t where p = $1 and n >= $1 and p * 2 > $1;
-- with 9.5 | 20.0
select k from t where p in ($1, $2) order by k;
-- with 9.5 | 20
select k from t where p * 1 between $1 and $2 order by k;
select sum(p) > 100, sum(p) > 1000, sum(x) > 9, sum(x) > 100, avg(x) > 10, avg(x) > 5 from t;
select case when sum(p) > 100 then 'more' else 'less' end, case when avg(x) > 10 then 1 end from t;
select case p when 9.5 then 'a' when 100 then 'b' when 20.00 then 'c' end from t order by n;
select case x when 1.0 then 'one' when 9.0 then 'nine' end, case p * 2 when 19 then 1 when 40.0 then 2 end from t
    order by n;
select max(v) from (values ('10'::numeric), ('9')) q(v);
select min(v), max(v) from (values (10.0), (9), (100)) q(v);
select min(p * 1), max(p * 1), min(n), max(sum(p)) over () from t group by p, n order by 1;
select max(y), min(y) from (select x * 1.0 as y from t) q;
select v from (values (10.5), (9), (100)) q(v) where v > 9.5 order by v;
with v(x) as (values (10.0), (9), (100)) select x from v where x > 9.5 order by x desc;
with v as materialized (select p * 2 as d from t) select d from v where d > 18 order by d;
select count(distinct v), sum(distinct v), avg(distinct v) from (values (1.0), (1.00), (2)) q(v);
select count(distinct p * 1), count(distinct n / 1) from t;
select distinct v from (values (1.0), (1.0), (2)) q(v) order by v;
select count(*) from (select distinct v from (values (1.0), (1.00), (2)) q(v)) d;
select v, count(*) from (values (1.0), (1.0), (20), (3)) q(v) group by v order by v;
select count(*) from (select v from (values (1.0), (1.00), (20), (3)) q(v) group by v) d;
select 1.1 union select 2 order by 1;
select 2 union select 1.1 union select 10 order by 1;
select 2 union all select 1.1 union all select 10 order by 1 desc;
select count(*) from (select 1 union select 1.0 union select 1.5) q;
select round(x, 2) from (select x from t union select p from t) q order by 1;
select round(p, 2) from (select p from t union select x from t) q order by 1;
select f from t union select p from t order by 1;
select p from t intersect select x from t order by 1;
select x from t intersect select p from t order by 1;
select p from t except select x from t order by 1;
select a, b from (select 1 as a, 2 as b union all select 1.5, 3) q order by a;
select a, a from (select x as a from t union select p * 2 from t) q where a > 15 order by a;
select '5' union select 1.5 order by 1;
create view w as select k, p, p * 2 as d, sum(b) over () as s, 1.50 as c from t;
select d from w where d > 18 order by d;
select p from w where p > 9.75 order by p desc;
select k, sum(d) from w group by k order by 2;
select distinct s > 9223372036854775808, c = 1.5 from w;
create view v2 as select k, sum(b) as s, avg(x) as a from t group by k;
select k from v2 where s > 10 order by s, k;
select k from v2 order by s desc, k;
select k from v2 where a > 5 order by a;
select max(a), min(s) from v2;
select x from unnest(array[10::numeric, 9, 2.5]) x order by x;
select x from unnest(array[10::numeric, 9, 2.5]) x where x > 2.5 order by x;
select unnest(array[10::numeric, 9, 2.5]) order by 1;
select (array[10.5, 9])[1] > 9, (array[10.5, 9])[1] > (array[10.5, 9])[2];
select 10.0 = any(array[9, 10]), 10 = any(array[9.5, 10.0]), 10.0 = any(array[9.5, 10.00]),
    10 = all(array[10.0, 10.00]);
select 10.0 > any(array[9, 100]), 9 > all(array[8.5, 10.0]), p > any(array[9.0, 50]) from t order by p;
select k from t where p = any(array[9.5, 20]) order by k;
select k from t where x = any(array[9.0, 1.0]) order by k;
select k from t where p in (select x from t) order by k;
select k from t where x in (select p from t) order by k;
select k from t where p not in (select x from t where x is not null) order by k;
select k from t where f in (select p from t) order by k;
select k from t where p > all (select x from t where x < 5) order by k, p;
select k from t where p >= any (select avg(x) from t) order by k, p;
select k from t where (p, k) = (9.5, 1) order by k;
select k from t where (p, k) in ((9.500, 1), (20, 3)) order by k;
select k from t where (x, k) in ((1.0, 1), (9.0, 3)) order by k;
select k from t where (p, k) in (select n, k from t) order by k, p;
select k from t where (p, k) in (select x, k from t) order by k, p;
select k from t where (p * 1, k) < (20, 4) order by k, p;
select k from t where x in (1.0, 2.5, 9) order by k;
select k from t where x in (p, n, 9.0) order by k;
select k from t where p in (1, 20, 9.5) order by k;
select k from t where x between 1.5 and 9.5 order by k;
select k from t where p * 1 between 9.75 and 20 order by k;
select k from t where p * 1 between symmetric 20 and 9.75 order by k;
select k from t where x * 1.0 not between 1 and 5 order by k;
select nullif(p, 9.5), nullif(x, 1.0), nullif(p * 1, 20), nullif(1.0, 1) from t order by n;
select p is distinct from 9.5, p * 1 is not distinct from 9.50, x is distinct from 1.0 from t order by n;
select greatest(p, x, 9.75), least(p, x, 9.75), coalesce(x, p), coalesce(p, x) from t order by n;
select row_number() over (order by p * 1), rank() over (order by n / 1 desc), p from t order by p;
select k, sum(p) over (partition by n * 0) from t order by k, p;
select min(p) over (), max(p * 1) over (), min(n) over (order by n rows 1 preceding) from t order by n;
select first_value(p) over (order by p * 1 desc) > 20, lag(p, 1, 0) over (order by p), lead(p, 1, 0.5) over (order by p)
    from t order by p;
select round(p), ceil(p), floor(p), abs(p), sign(p), mod(p, 7), trunc(p, 1) from t order by p;
select k from t where round(p) > 9 and ceil(p) > 9 and abs(p) > 9 and mod(p, 7) > 2 order by k, p;
select k from t order by round(p), k;
select k from t order by abs(p) desc, k;
select sign(p) from t group by sign(p) order by 1;
select mod(x, 2), mod(b, 10), mod(p, 2), mod(x, 2.5) from t order by n;
select (select sum(p) from t) > 50, (select max(x) from t) > 9.5, (select avg(x) from t) = 5.5;
select array(select p * 2 from t order by p * 2);
select a.k, b.k from t a join t b on a.p * 1 = b.n order by 1, 2;
select a.k from t a left join (select n as m from t) b on b.m = a.p order by 1, a.p;
select round(p, 2), k from (select p, k from t) a natural join (select n as p, k from t) b order by p;
select f > p, f = n, p < f, x < p, b > n from t order by n;
select k from t where f in (9.5, 20) order by k;
select k from t where p = 9.5::float8 or n = 20::float8 order by k;
select sum(p) over (order by p range between 1 preceding and 1 following) from t;
create index on t((p * 2));
create unique index u on t((n * 1.5));
insert into t(n) values (9.50000);
select k from t where p * 2 = 19.0;
update t set p = x * 1.5 where x * 1.5 > 10;
delete from t where p > (select avg(p) * 2 from t) returning p;
create table c(a numeric check (a * 1.5 > 10), g numeric generated always as (a * 2) stored);
insert into c values (100);
insert into c values (6);
insert into c values (7);
select a, g from c where g > 15 order by g;
create table d(d numeric);
insert into d select p * 2 from t;
select d from d where d > 15 order by d;
with recursive r(n) as (select 1.5 union all select n + 1 from r where n < 11) select n from r order by n desc;
with recursive r(n) as (select 1 union all select n + 0.5 from r where n < 3) select n from r;
-- mod() is what % is
select mod(10.5, 3), mod(-10.5, 3), 10.5 % 3, mod(12345678901234567890.5, 7), mod(7.50, 2.5), mod(7, 2), mod(-7, 2);
select mod(a, b) from (values (1.5::numeric, 1::numeric), (100::numeric, 7.25), (null, 1)) t(a, b);
select mod(1.5, 0);
-- One arithmetic: operators, rounding and averages
select round(x, 0), round(x, 2), round(x, -1), round(x, -2), round(x, 5), trunc(x), trunc(x, 1), trunc(x, -1),
    trunc(x, 4), ceil(x), floor(x) from (values (0.5), (-0.5), (1.5), (2.5), (-2.5), (49.995), (50), (99.999),
    (-99.999), (0.05), (-0.001), (0), (123456789012345678901234567890.5), (999), (5)) t(x);
select round('NaN'::numeric), round('Infinity'::numeric, 2), ceil('-Infinity'::numeric), trunc(1234567.891, -9),
    round(5.0, -1), round(4.0, -1), round(55.0, -2), round(99.5, -2);
select avg(x), sum(x), avg(x) * 3 = sum(x) from (values (0.1), (0.2), (-0.4)) t(x);
select avg(x) from (values (1), (2), (4)) t(x);
select avg(x), sum(x), max(x) / 7, min(x) % 3 from (values (123456789012345678901234567890.123), (-5.5), (0)) t(x);
select avg(x), sum(x) from (values (0.0001), (0.0002)) t(x);
select 1 / 3.0, 2 / 3.0, -7.5 % 2, 10.0 / 4, 0.000001 / 3, 1e20 / 7, 1e-20 * 3, 0.1 + 0.2 - 0.3, -0.0 * 5;
