-- A decimal literal keeps its sign, wherever it stands and however long it is
select -2.5, - 2.5, -(2.5), 1 - 2.5, -2.50::numeric(10,1), +2.5;
select round(-2.5), abs(-2.5), -0.0, -.5, -5., -1e3, -1.5e-3;
select -9223372036854775809, - 9223372036854775809, -9223372036854775808, -123456789012345678901234567890;
select 9223372036854775808, 9223372036854775807, 2147483648, -2147483649;
create table t(k int, p numeric, q numeric(10,2), i int, f float8, b bigint);
insert into t values (1, -2.5, -2.5, -2.5, -2.5, -2.5), (2, -9223372036854775809, -1e3, -3.4, -1e30, -2147483649);
insert into t(k, p) select 3, -7.25;
select * from t order by k;
update t set p = -1.25, i = -7.5 where p < -1.5 and k = 1;
select k, p, i from t where p <= -1.25 order by p, k;
select k from t where p between -3.5 and -1.0 order by 1;
select k from t where p in (-1.25, -7.25) order by 1;
select case when p = -1.25 then -0.5 else -1.5 end from t order by k;
select * from (values (-1.5), (-2.25)) v(x) order by x;
delete from t where p = -7.25;
select count(*) from t;
-- with -2.5 | -1.25
select $1::numeric, -$2::numeric, $1::numeric < -2.4;
-- a minus sign may narrow the type of what follows, and a plan made for one sign serves no other
select pg_typeof(-2147483648), pg_typeof(2147483648), pg_typeof(- 2147483648);
select pg_typeof(2147483648), pg_typeof(-2147483648);
select pg_typeof(-9223372036854775808), pg_typeof(9223372036854775808), pg_typeof(-9223372036854775809);
select -2147483648 - 1, -9223372036854775808;
select -9223372036854775808 - 1;
