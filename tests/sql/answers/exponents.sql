-- decimals with an exponent, and with more digits than a double holds, keep their exact value
select 1e0, 1e+0, 1e-0, 1.50e0, -2.5E0, 0e0, 00012e0, 0.00e0,
    '1e0'::numeric, ' -3.25e+00 '::numeric, '.5e0'::numeric;
select 1e0 + 0, 1.5e0 * 2, -1e0, abs(-1e0), 1e0 / 3, round(2.5e0), 1e0::int, 1e0::text, '1.25e+00'::numeric(5, 1);
select 1e0 = 1, 1e0 < 2, 2e0 > 10, 1e0 in (1, 2), 1e0 between 0 and 1, greatest(1e0, 10),
    array[1e0, 10] = array[1, 1e1];
create table exponents (id int primary key, n numeric, i int, b bigint, f float8);
insert into exponents values (1, 1e0, 1e0, 1e0, 1e0), (2, '2.50e+00', '2', 2e0, '2.5e+00'), (3, 1e1, 1e1, 1e1, 1e1),
    (4, 10e0, 1e2, 9007199254740993, 9007199254740992), (5, 1e-3, 5, 5, 1e-3), (6, 1.5e0, 1.5e0, 2.5e0, 1.5e0);
select * from exponents order by n, id;
select n, count(*), sum(n), min(n), max(n) from exponents group by n having sum(n) > 1e0 order by n desc;
select a.id, b.id from exponents a join exponents b on a.n = b.n order by 1, 2;
select id from exponents where n = 10 or n = 1 order by id;
select id from exponents order by id limit 1e0 offset 1e0;
select id from exponents order by id limit 2.5 offset 1;
-- a bigint beside decimals that no double holds
select b = 9007199254740992.5, b = 9007199254740993.0, b < 9007199254740992.5, b in (9007199254740992.5, 1),
    b between 9007199254740992.5 and 9007199254740993.5, f = 9007199254740993, f = 9007199254740993.0
    from exponents where id = 4;
select b = 1e1, b < 1e400, b > -1e400, f < 1.5e300, n = 1e1, n < 1e400, f * 1e3, b + 0.1234567890123456789
    from exponents order by id;
select round(1.23456789012345678, 17), 1.23456789012345678::float8, 1.23456789012345678::text,
    sqrt(1.23456789012345678);
create table exponents_checked (b bigint check (b < 9007199254740993.5 and b in (9007199254740993.0, 1, 1e1)),
    d float8 default 1.23456789012345678, e numeric default 1.23456789012345678, g int default 1e3);
insert into exponents_checked values (9007199254740993), (10), (1);
insert into exponents_checked values (9007199254740992);
select * from exponents_checked order by b;
-- rows of a bigint and a float meet as double precision
select row(b, 1) = row(f, 1), (b, 1) = (f, 1), (b, 1) < (f, 2), (b, 1) in ((f, 1)), b = any(array[f]),
    row(b) is distinct from row(f), b in (select f from exponents), (b, 1) in (select f, 1 from exponents)
    from exponents where id = 4;
-- a text has no fraction that is rounded away
select '1.5'::text::int;
select ('{"a": "1.5", "b": 1.5}'::jsonb ->> 'a')::int;
select ('{"a": "1.5", "b": 1.5}'::jsonb -> 'b')::int;
select x::int, x::bigint, x::smallint from (values (' 12 '), ('-3')) v (x);
select x::int from (values ('12'), ('1e3')) v (x);
select x::smallint from (values ('40000'::varchar)) v (x);
select x::int from (values ('7'::char(4)), ('8')) v (x);
select x::int from (values ('7.0'::char(4)), ('8')) v (x);
select '{1.5}'::text[]::int[];
select x::oid, x::oid = 12 from (values ('12'), (' 13')) v (x);
select x::oid from (values ('12.0'), ('13')) v (x);
select cast('1.5' as text)::numeric::int, '1.5'::numeric::text::numeric;
drop table exponents_checked, exponents;
select to_hex(-3::bigint), to_hex(-3), to_hex(x), to_hex(x::bigint), to_hex(9223372036854775807)
    from (values (-5), (255)) v(x);
