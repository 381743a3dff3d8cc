-- Floats: NaN and the infinities in arithmetic and functions, overflow and underflow, reals, and texts in GREATEST
select 'NaN'::float8 + 1, 'NaN'::float8 * 0, 1 - 'NaN'::float8, 'NaN'::float8 / 2, - 'NaN'::float8,
    'inf'::float8 - 'inf'::float8, 'inf'::float8 / 'inf'::float8, 'inf'::float8 * 0;
select 1e200::float8 * 1e200::float8;
select 1e308::float8 + 1e308::float8;
select -1e308::float8 - 1e308::float8;
select 1e-200::float8 * 1e-200::float8;
select 1e-200::float8 / 1e200::float8;
select 1e200::float8 / 1e-200::float8;
select 1::float8 / 0;
select 'NaN'::float8 / 0;
select 'inf'::float8 / 0;
select 'inf'::float8 + 1, - 'inf'::float8, 1 / 'inf'::float8, 'inf'::float8 * -2, -('inf'::float8) + 1;
select power('NaN'::float8, 0), power(1, 'NaN'::float8), power('NaN'::float8, 2), power('inf'::float8, 2),
    power('inf'::float8, -1), power(2, '-inf'::float8), power(0::float8, 2);
select power(1e200::float8, 2);
select power(1e-200::float8, 2);
select power(0::float8, -1);
select power(-1::float8, 0.5::float8);
select 'NaN'::float8 ^ 2, 2::float8 ^ 3, 'inf'::float8 ^ 0, (-2)::float8 ^ 3;
select 0::float8 ^ -1;
select 1e300::float8 ^ 2;
select sqrt('NaN'::float8), sqrt('inf'::float8), exp('NaN'::float8), exp('-inf'::float8), exp('inf'::float8),
    ln('NaN'::float8), ln('inf'::float8), log('inf'::float8);
select exp(1000::float8);
select exp(-1000::float8);
select sqrt('-inf'::float8);
select ln(0::float8);
select sin('NaN'::float8), cos(0::float8), atan2('NaN'::float8, 1);
select sin('inf'::float8);
select abs('NaN'::float8), abs('-inf'::float8), round('NaN'::float8), floor('inf'::float8), ceil('-inf'::float8),
    trunc('NaN'::float8), sign('-inf'::float8);
select 'NaN'::float8 = 'NaN'::float8, 'NaN'::float8 > 'inf'::float8, 'NaN'::float8 < 1, 'inf'::float8 > 1e308::float8,
    '-inf'::float8 < -1e308::float8;
create table f(a float8, b float8, r real);
insert into f values (1, 2, 0.1), ('NaN', 1, 0.2), ('inf', '-inf', 3e38), (null, 1, null), (-0.5, 0.25, 1e-38);
select a + b, a - b, a * b, -a, abs(a) from f order by a, b;
select r + r from f where r < 1;
select r * r from f where r = 0.1::real;
select r * r from f where r > 1;
select r + 1.5, r * 2, r / 3, r + 0.1::float8, -r from f where r < 1 and r > 0.05;
select max(a), min(a), count(distinct a) from f;
select sum(a), avg(a) from f where a < 'inf';
select sum(a), avg(a), sum(b) from f;
select sum(a) from f where a = 'NaN' or a = 1;
select a, rank() over (order by a) from f order by a;
-- with NaN | 2
select $1::float8 + $2::float8, $1::float8 = 'NaN', -$1::float8;
select greatest('10'::text, '9'), least('10'::text, '9'), greatest('a', 'B'), greatest(1.5::float8, 'NaN'),
    least('NaN'::float8, 1), greatest(2, null, 10);
select 5.5::float8 % 2;
select 5.386379163185535e+213::float8, 2.4637190779303482e+17::float8, 1.2621775e-29::float4;
