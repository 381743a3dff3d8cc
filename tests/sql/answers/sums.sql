-- sum() and avg() keep their sign and scale, over rows, groups and windows, for every type of number
create table t(k int, n numeric, i int, b bigint, f float8);
insert into t values (1, '-2.5', -1, -9223372036854775807, -0.5), (1, '1', 2, -9223372036854775807, 0.25),
    (2, '-0.75', -3, 9223372036854775807, 1e10), (2, '0.50', null, 9223372036854775807, null);
select sum(n), sum(i), sum(b), sum(f) from t;
select avg(n), avg(i), avg(b), avg(f) from t;
select k, sum(n), sum(i), sum(b), avg(n), avg(i) from t group by k order by k;
select sum(n) over (order by n), sum(b) over (order by n rows 1 preceding), avg(n) over (order by n) from t order by n;
select sum(-n), sum(n - 1), sum(n * -1.5) from t;
select sum(n) filter (where n < 0), sum(n) filter (where n > 100) from t;
select sum(x) from (values ('-0.1'::numeric), ('0.1')) v(x);
select sum(x) from (values ('-1e20'::numeric), ('1')) v(x);
select sum(x), avg(x) from (values ('NaN'::numeric), ('1')) v(x);
select sum(x), avg(x) from (values ('Infinity'::numeric), ('1')) v(x);
select sum(x), avg(x) from (values ('-Infinity'::numeric), ('1')) v(x);
select sum(x), avg(x) from (values ('-Infinity'::numeric), ('Infinity')) v(x);
select sum(x), avg(x) from (values ('Infinity'::float8), ('1')) v(x);
select sum(x), avg(x) from (values ('NaN'::float8), ('1')) v(x);
