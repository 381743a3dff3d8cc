-- What random statements found to be answered wrongly
select '1'::jsonb -> 0, '"x"'::jsonb ->> 0, '1'::jsonb -> 1, '1'::jsonb -> -1, 'null'::jsonb ->> 0,
    'null'::jsonb -> 0, '1'::json -> 0, '1'::jsonb ->> -1, '1'::jsonb -> -2, '{"a": 1}'::jsonb -> 0,
    '[1, 2]'::jsonb -> -1;

-- ANY and ALL of a subquery have three values
create table tn (id int primary key, a int, b text, c numeric, d date);
insert into tn values (0, null, 'x', 1, null), (1, 1, null, null, '2020-01-01'), (2, 5, 'y', 2.5,
    '2021-01-01'), (3, -3, 'x', 1.0, null);
create table te (x int);
select id from tn where a < all (select a from tn) order by id;
select id from tn where a < all (select x from te) order by id;
select id from tn where a <= all (select a from tn where a is not null) order by id;
select id from tn where a >= all (select a from tn where a is not null) order by id;
select id from tn where not (a > any (select a from tn)) order by id;
select id, a < all (select a from tn), a < any (select a from tn), a = all (select a from tn where id = 0), a
    <> all (select a from tn where id = 1), a = any (select a from tn), a > all (select id from tn t where t.id
    < tn.id) from tn order by id;
select id, null::int < all (select a from tn), null::int < all (select x from te), null::int = any (select x
    from te), c > any (select c from tn), c <= all (select 2.50) from tn order by id;
-- may refuse
select b, count(*) from tn group by b having count(*) > all (select a from tn where a = 1) order by b;
-- may refuse
select b, count(*) from tn group by b having count(*) = any (select a from tn) order by b;

-- a condition of an inner join that names no column, left of RIGHT and FULL JOIN
create table a (id int primary key, x int);
create table b (id int primary key, x int);
create table c (id int primary key, x int);
insert into a values (1, 1), (2, 2), (3, null);
insert into b values (1, 10), (2, 1), (4, 2);
insert into c values (1, 1), (5, 2), (6, null);
-- any order
select a.id, b.id, c.id from a, b right join c on b.x = c.x;
-- any order
select a.id, b.id, c.id from a join b on false right join c on (-100 is not null or a.id is null);
-- any order
select a.id, b.id, c.id from (a join b on a.x = b.x and 1 = 0) right join c on a.id = c.id;
-- any order
select a.id, b.id, c.id from (a join b on a.x = b.x and true) right join c on a.id = c.id;
-- any order
select a.id, b.id, c.id from (a join b on 1 = 0) full join c on true;
select c.id, (select count(*) from a join b on c.id = 5 right join c d on d.id = a.id) from c order by 1;
select c.id, (select count(a.id) from a join b on c.id = 5 right join c d on true) from c order by 1;
-- any order
select a.id, b.id, c.id from a right join b on false right join c on false;
-- with 0
select count(a.id), count(c.id) from a join b on $1 = 1 right join c on a.id = c.id;

-- rows side by side whose parts have no type of their own
select case when ((7, 'a') = (-100, 'a')) then 1 else 2 end, ('a', 'b') = ('a', 'b'), ('a', 1) < ('a', 2), (1,
    null) = (2, null), (1, null) <> (2, null), (1, null) = (1, null), ('a', null) < ('b', null);
select id, (a, 'a') = (1, 'a'), (1, b) = (id, 'x'), (a, b) < (2, 'z'), (a, 'q') <= (1, 'q'), (a, b) <> (5, 'y')
    from tn order by id;

-- GREATEST and LEAST in the order of their type
select greatest('{"a": 1}'::jsonb, '[1]'), least(interval '1 mon', interval '31 days', interval '29 days'),
    greatest(1.10, 1.9, 1.09), least('x'::bytea, '\x00'), greatest(7::float8, 12, 'NaN'), least(7::float8,
    8.5), greatest(date '2020-01-01', null), greatest(null::int, null), greatest(true, false), least('b', 'a');
select greatest(array[1, 2], array[1, 10]), least('{}'::text[], array['B']), least(array[1.5, 2], array[1.50]);
select greatest(timetz '11:45:30+00', timetz '13:45:30+02'), least(timetz '00:00-05', timetz '04:00+00');
create table ti (a float8 default 'Infinity', b float8 default '-Infinity', c float8 check (c < 'Infinity'));
insert into ti values (default, default, 1);
create view vi as select a, 'Infinity'::float8 as i from ti where a = 'Infinity'::float8 and b < '-1'::float8;
select * from vi;

-- NULLIF, COALESCE, CASE: whose type it is
select pg_typeof(nullif('a'::char(4), 'b'::char(4))), pg_typeof(nullif('a'::varchar(4), 'b'::varchar)),
    pg_typeof(nullif('a'::name, 'b')), pg_typeof(coalesce('a'::varchar, 'b'::text)),
    pg_typeof(coalesce('a'::text, 'b'::varchar)), pg_typeof(case when true then 'a'::text else 'b'::varchar
    end), pg_typeof(case when true then 'a'::varchar else 'b'::text end), pg_typeof(greatest('a'::char(2),
    'b'::varchar));
select nullif('a'::char(4), 'b'::char(4)) || '|', nullif('ab'::varchar(3), 'x'), nullif('a'::char(4),
    'a'::char(2)) is null;
create table v (a varchar(3), b char(4), n numeric(5, 2), t text);
insert into v values ('ab ', 'ab', 1.5, 'ab '), ('ab', 'ab', 2, 'ab'), (null, 'c', null, null);
select a = b, b = a, b = t, t = b, a = t, coalesce(a, a), coalesce(b, b), case when t = 'x' then n else n end,
    greatest(n, n), nullif(b, 'x') from v order by t;
select a from v where b = a order by 1;
select a as x from v union select t from v order by 1;
select t as x from v union select a from v order by 1;
values ('a'::varchar), ('b'::text);

-- zero has no sign where it is written
select (-0)::float8, -0::float8, (-0.0)::float8, -(0::float8), '-0'::float8, (-0)::numeric;

-- character is a name of bpchar, which a column of no length is called
select 'bpchar'::regtype, format_type(1042, null), format_type(1042, -1), format_type(1042, 8),
    'char'::regtype, 'bpchar[]'::regtype, pg_get_function_arguments('rtrim(text)'::regprocedure);
select 'a'::char(4) + 1;

-- a comparison within an expression says nothing about how the expression's own texts compare
create table cv (n numeric, i interval, t text);
insert into cv values (1, '1 day', '7'), (2, '24 hours', '7.0'), (1.0, '2 days', 'a'), (3, '1 mon', ''), (3,
    '30 days', null);
select case when n = 1 then t else t end as x from cv union select t from cv order by 1;
select distinct case when i = '1 day' then t else t || '' end as x from cv order by 1;
select case when n > 2.5 then '7' else '7.0' end as x, count(*) from cv group by 1 order by 1;
select t from cv where t = case when n > 2.5 then '7' else '7.0' end order by 1;
select t from cv where case when n < 2.5 then '7' else '7.0' end = t order by 1;
select t from cv where t in ('x', case when n < 2.5 then '7' else '7.0' end) order by 1;
select t, max(case when i > '1 day' then t else t end) over (order by t) from cv order by 1;
select count(distinct case when n = 1 then t else t end), max(case when n > 0 then t end) from cv;
select t, nullif(case when n = 1.0 then t else '7.0' end, '7') from cv order by t;

-- decimals keep their digits where a text is kept, and run for each row
create table tq (id int primary key, t text default (0.0)::text, n numeric default 1.50, u text default 1.50 ||
    'x', c text check (c <> (2.10)::text));
insert into tq (id) values (1);
select * from tq;
create view vq as select (0.0)::text as a, 1.50 as b, 1.50 || 'x' as c, concat(1.50, 'y') as d, to_char(1.50,
    '0.00') as e, (1.50)::varchar as f, '' || 1.0 as g, round(2.50, 1) as h, 1.50 + 1.50 as i,
    10000000000000000000.10 as j, array[1.50] as k, coalesce(null, 1.50) as l, (1.50)::float8 as m,
    format('%s', 1.50) as n, scale(1.50), length(1.50::text), greatest(1.50, 1.5), case when true then 1.50 end as o;
select * from vq;
insert into tq values (2, 'a', 1, 'b', '2.1');
insert into tq values (3, 'a', 1, 'b', '2.10');
select tq.id, q.* from tq, lateral (select (0.0)::text as a, 1.50 as b, 1.50 || 'x' as c, concat(1.50, 'y') as
    d, array[1.50] as k, tq.id + 1.50 as i) q order by 1;
select tq.id, q.* from tq, lateral (select 1.50 as b) q order by 1;
select tq.id, q.* from tq, lateral (select 1.50 as b, tq.id as d) q order by 1;
select q.b from tq, lateral (select 1.50 as b, tq.id as d) q;
select q.b || 'x' from tq, lateral (select 1.50 as b, tq.id as d) q;
select q.b from tq, (select 1.50 as b) q;
select q.b, q.c from tq, lateral (select 1.50 as b, tq.id + 2.50 as c, tq.id as d) q;

-- what PostgreSQL refuses
comment on table nosuch is 'x';
comment on view nosuch is 'x';
comment on sequence nosuch is 'x';
comment on column tq.nosuch is 'x';
comment on column tq.n is 'x';
comment on table public.tq is 'x';
alter table tq add column xmin int;
create table xk (ctid int);
-- refused
select nextval('tq'), id from tq order by id;
select row_to_json(i) from tq i(x, y);
select row_to_json(i) from (select id as a, n from tq) i(x, y);

-- not within a transaction block
begin;
create index concurrently on tq (n);
rollback;
begin;
reindex table concurrently tq;
rollback;
begin;
vacuum;
rollback;
create index concurrently tq_n on tq (n);
reindex (verbose) table concurrently tq;
begin;
drop index concurrently tq_n;
rollback;
drop index concurrently tq_n;
