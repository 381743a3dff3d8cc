-- PostgreSQL's texts of definitions that name what the file defines: types, their labels and fields, and functions
create type color as enum ('red', 'green', 'o''k', 'a b');
create domain pos as int check (value > 0);
create domain tx as text;
create domain vc as varchar(10);
create domain dc as color default 'red' check (value <> 'green');
create domain again as pos check (value < 100 and value <> 7);
create type pair as (a int, b text);
create function f(i int) returns int language sql immutable as 'select $1 + 1';
create function g(i int, t text default 'x') returns text language sql stable as 'select $1 || $2';
create function h(c color default 'red') returns color language sql immutable as 'select $1';
create function mk(i int) returns pair language sql immutable as $$select row($1, 'x')::pair$$;
create function st(i int) returns setof int language sql as 'select generate_series(1, $1)';
create function rt(i int) returns table(x int, y text) language sql as $$select 1, 'a'$$;
create function tf() returns trigger language plpgsql as 'begin return new; end';
create table t (id int primary key, c color default 'red' check (c <> 'green'), p pos default 3 check (p > 1),
    q pair default '(1,x)', cs color[] default '{red,green}', x tx check (x like 'a%'), v vc check (v <> 'b'),
    d int default f(3), e text default g(1),
    check (c in ('red', 'green', 'o''k')), check ((q).a > 0), check (f(id) > 2), check (coalesce(p, 5) > 3),
    check (p is not null), check (c = any (array['red', 'a b']::color[])));
create index on t (id) where c = 'red';
create index on t (f(id));
create index on t (h(c));
create view v1 as select * from t where c = 'red' and p = 5::pos;
create view v2 as select 'red'::color as c, p::int, c::text as ct, array['red'::color, c] as arr, row(1, 2)::pair as pr,
    (q).a as qa, case c when 'red' then 1 end as k from t where c > 'red' order by c;
create view v3 as select p, p + 1 as p1, x || 'x' as tx, v from t where v = 'x' and p in (1, 2) order by p;
create view v4 as select p::int as i, x::text, v::varchar, p::bigint b from t group by p, x, v;
create view v5 as select max(p) as m, nullif(p, 3), array[p, 5] from t group by p;
create view v6 as select p from t union select 3;
create view v7 as select t1.p from t t1 join t t2 using (p);
create view v8 as select 5::pos as x, '5'::pos as y, 'a'::tx as z, 'abc'::vc, 7::bigint::pos as w;
create view v9 as select f(id) as a, g(id) as b, g(id, 'z') as c, h(c) as d, h('green') as e
    from t where f(id) = 3 order by f(id);
create function h(c int) returns int language sql immutable as 'select $1';
create view v10 as select st from st(3);
create view v11 as select * from rt(3);
create view v12 as select r.y, r.n from rt(3) with ordinality as r(x, y, n);
create view v13 as select (mk(id)).a, mk(id) from t;
create view v14 as select (t.q).a, (q).b, t.q from t;
create table gen (a int, b int generated always as (f(a)) stored);
create table tt (c color, k int);
create trigger trg before update on tt for each row when (old.c <> 'red' and f(new.k) > 3) execute function tf();

select conname, pg_get_constraintdef(oid), pg_get_constraintdef(oid, true) from pg_constraint
where conrelid = 't'::regclass or conname in ('pos_check', 'dc_check', 'again_check') order by conname;
select a.attname, pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d join pg_attribute a
on a.attrelid = d.adrelid and a.attnum = d.adnum where adrelid in ('t'::regclass, 'gen'::regclass) order by 1;
select pg_get_indexdef(indexrelid), pg_get_expr(indpred, indrelid) from pg_index where indrelid = 't'::regclass
order by indexrelid::regclass::text;
select viewname, definition from pg_views where schemaname = 'public' order by length(viewname), viewname;
select relname, pg_get_viewdef(oid, true) from pg_class where relname ~ '^v[0-9]' order by length(relname), relname;
select pg_get_triggerdef(oid), pg_get_triggerdef(oid, true) from pg_trigger where tgname = 'trg';
select pg_get_function_arguments(oid) from pg_proc where proname = 'h' order by 1;
select pg_get_expr(typdefaultbin, 0) from pg_type where typname = 'dc';

-- What they are called now
alter type color rename value 'red' to 'rot';
alter type color rename to colour;
alter domain pos rename to poz;
alter type pair rename attribute a to aa;
alter type pair rename to pear;
alter function f(int) rename to ff;
alter function st(int) rename to "St";
select conname, pg_get_constraintdef(oid), pg_get_constraintdef(oid, true) from pg_constraint
where conrelid = 't'::regclass or conname in ('pos_check', 'dc_check', 'again_check') order by conname;
select a.attname, pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d join pg_attribute a
on a.attrelid = d.adrelid and a.attnum = d.adnum where adrelid in ('t'::regclass, 'gen'::regclass) order by 1;
select pg_get_indexdef(indexrelid), pg_get_expr(indpred, indrelid) from pg_index where indrelid = 't'::regclass
order by indexrelid::regclass::text;
select viewname, definition from pg_views where schemaname = 'public' and viewname <> 'v10'
order by length(viewname), viewname;
select pg_get_triggerdef(oid), pg_get_triggerdef(oid, true) from pg_trigger where tgname = 'trg';
select pg_get_function_arguments(oid) from pg_proc where proname = 'h' order by 1;

-- With their schema, where it is not found
set search_path to pg_catalog;
select relname, pg_get_viewdef(oid) from pg_class where relname ~ '^v[0-9]' and relname <> 'v10'
order by length(relname), relname;
select a.attname, pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d join pg_attribute a
on a.attrelid = d.adrelid and a.attnum = d.adnum where adrelid in ('public.t'::regclass, 'public.gen'::regclass)
order by 1;
reset search_path;

-- Names that need quotes
create table "Odd" ("time" int, "user" text, "interval" int, "a$b" int, "end" int, key int, "order" int, value int,
    action int, primary key ("time", "user", "a$b", key, value, action, "interval"), check ("interval" > 0),
    unique("order", "end"));
create index on "Odd" ("time", "user", "interval", key, "order");
select pg_get_indexdef(indexrelid) from pg_index where indrelid = '"Odd"'::regclass order by indexrelid::regclass::text;
select pg_get_constraintdef(oid) from pg_constraint where conrelid = '"Odd"'::regclass order by conname;
create type "order" as enum ('x');
create table o (o "order" default 'x');
select format_type(atttypid, -1), pg_get_expr(adbin, adrelid) from pg_attribute join pg_attrdef on attrelid = adrelid
where attrelid = 'o'::regclass and attnum = 1;

-- What IN becomes, made again from its text
create type tone as enum ('red', 'green');
create table x1 (c tone, check (c = any (array['red'::tone, 'green'::tone])));
create table x2 (c int, check (c = any (array[1, 2])), check (c <> all (array[7, null])));
create table x3 (c text, check (c = any (array['a'::text, 'b'::text])));
create table x4 (c varchar(4), check (((c)::text = any ((array['a'::varchar, 'b'::varchar])::text[]))));
create table x5 (c int, check (c = any ('{1,2}'::int[])));
create table x6 (c tone, check (c = any (array['red']::tone[])), check (c = any ('{red}'::tone[])));
create table x7 (c tone, check (c <> all (array['red'::tone])));
create table x8 (c date, check (c = any (array['2001-01-01'::date])));
create table x9 (c numeric, check (c = any (array[1.0, 2])));
create table x10 (c varchar(4), check (c in ('a', 'b')));
create table x11 (c tone, check (c = any (array['red', 'green'])));
create table x12 (c text, check (c = any (array['a', 'b'])));
create index on x1 (c) where c = any (array['red'::tone, 'green'::tone]);
create index on x6 (c) where c = any ('{red}'::tone[]);
select conname, pg_get_constraintdef(oid), pg_get_constraintdef(oid, true) from pg_constraint where conname ~ '^x[0-9]'
order by length(conname), conname;
select pg_get_indexdef('x1_c_idx'::regclass), pg_get_indexdef('x6_c_idx'::regclass);
insert into x1 values ('red'), (null);
insert into x2 values (3);
insert into x2 values (2);
insert into x2 values (null);
insert into x4 values ('a'), ('b');
insert into x4 values ('c');
insert into x5 values (1), (null);
insert into x5 values (3);
insert into x6 values ('green');
insert into x7 values ('green'), (null);
insert into x7 values ('red');
insert into x8 values ('2001-01-02');
insert into x9 values (1), (2.0), (1.00);
insert into x9 values (3);
insert into x12 values ('c');

drop table x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x12, o, "Odd", tt, gen;
drop table t cascade;
drop view v8, v10, v11, v12;
drop function mk(int), rt(int), tf(), g(int, text), h(colour), ff(int), h(int), "St"(int);
drop type tone, "order", pear, tx, vc, dc;
drop domain again;
drop domain poz;
drop type colour;
