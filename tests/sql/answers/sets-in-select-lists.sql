-- A set-returning function in a select list multiplies rows after they are grouped, or is refused
create table t(k int, x int);
insert into t values (1, 5), (1, 6), (2, 7);
select k, count(*), generate_series(1, 3) from t group by k order by 1;
select max(x), generate_series(1, 3) from t;
-- refused
select k, generate_series(1, 2), row_number() over (order by k) from t;
select generate_series(1, 2) from t group by k order by 1;
select generate_series(1, 2) from t order by max(x);
select * from (select sum(x) as s, unnest(array[1, 2]) from t) q;
select k, generate_series(1, 2) as g from t order by k, x, g;
select distinct generate_series(1, 2) as g from t order by g;
select generate_series(1, 3), (select max(x) from t);
select count(*) from (select generate_series(1, 3) from t) q;
select k, sum(g) from (select k, generate_series(1, 3) as g from t) q group by k order by k;
