-- Arrays as columns
create table arr (id int primary key, a int[], t text[] default '{}', n numeric(6,2)[], f float8[], c char(3)[],
    v varchar(4)[], d date[], ts timestamp[], tz timestamptz[], b bool[], u uuid[], j jsonb[], by bytea[], i2
    int2[], i8 bigint[] not null default '{1,2}');
insert into arr (id, a) values (1, '{1,2,3}');
insert into arr (id, a, t, n) values (2, array[3,null,1], array['x','y z',null,''], '{1.5,2.345,-0.001}');
insert into arr values (3, '{}', '{}', '{}', '{1.5,NaN,-Infinity,1e100}', '{a,abcd  }', '{ab}', '{2024-01-02}',
    '{2024-01-02 03:04}', '{2024-01-02 03:04+02}', '{t,f,null}', '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}',
    array['{"b":1,"a":2}'::jsonb], array['\x01'::bytea], '{1}', '{9223372036854775807}');
insert into arr (id, v) values (4, '{abcde}');
insert into arr (id, n) values (4, '{12345.6}');
insert into arr (id, a) values (4, '{{1,2},{3,4}}'), (5, '[0:2]={7,8,9}'), (6, '{1,10,2}');
select * from arr order by id;
select id, a from arr order by a, id;
select id, a from arr where a = '{1,2,3}';
select id from arr where a = array[1,2,3];
select id from arr where a < array[2] order by id;
select id from arr where 1 = any (a) order by id;
select id from arr where a @> array[1] order by id;
select id from arr where a @> '{1,2}' order by id;
select id from arr where a && array[9,10] order by id;
select id from arr where a <@ array[1,2,3,4] order by id;
select id from arr where 'y z' = any(t);
select id, a[1], a[2][1], a[1:2], a[2:], t[2], a[1:1][2:2] from arr order by id;
select id, array_length(a,1), array_lower(a,1), array_upper(a,1), array_ndims(a), array_dims(a), cardinality(a)
    from arr order by id;
update arr set a[2] = 99 where id in (1, 5);
update arr set a[1:2] = '{5,6}' where id = 6 returning a;
update arr set a[5] = 1 where id = 6 returning a;
update arr set a[-1] = 1 where id = 5 returning a;
update arr set a[1] = 1, a[2] = 2, t[3] = 'q' where id = 3 returning a, t;
update arr set a = a || 4 where id = 1 returning a;
update arr set a = 0 || a where id = 1 returning a;
update arr set a = array_append(a, 7) where id = 1 returning a;
update arr set a = array_remove(a, 99) where id = 1 returning a;
update arr set t = t || 'new' where id = 1 returning t;
update arr set t = t || '{a,b}' where id = 1 returning t;
update arr set t = array_cat(t, array['z']) where id = 1 returning t;
update arr set n = n || 3.14159 where id = 2 returning n;
select n, sum(x) from arr, unnest(n) as x group by n order by n;
select id, x from arr, unnest(a) with ordinality as u(x, o) order by id, o;
select array_agg(a) from arr where id = 1;
select array_agg(id order by id desc) from arr;
select array_agg(id order by a), string_agg(id::text, ',' order by a desc nulls last) from arr;
select count(distinct a), min(a), max(a) from arr;
select a, count(*) from arr group by a order by a;
select distinct t from arr order by t;
select ARRAY[[1,2],[3,4]], array[array['a','b'],array['c','d']], array[[1.5,2],[3,4]];
select array[[1,2],[3]];
select array[1,2] || array[[3,4]], array[[1,2]] || array[3,4], array[[1,2]] || array[[3,4]];
select array[1,2,3]::text[], array['1','2']::int[], array[1.5,2.5]::int[], array[1,2]::numeric[],
    '{1,2}'::int[]::bigint[], array[1,0]::bool[];
select '{{1,2},{3,4}}'::int[][1][2];
select ('{{1,2},{3,4}}'::int[])[2][1], ('{{1,2},{3,4}}'::int[])[1:2][1], ('{{1,2},{3,4}}'::int[])[2];
select ('{1,2,3}'::int[])[2:1], ('{1,2,3}'::int[])[0:1], ('{1,2,3}'::int[])[null:1], ('{1,2,3}'::int[])[:];
select 'abc' like any (array['x%','a%']), 'abc' like all (array['x%','a%']), 'abc' not like all
    (array['x%','y%']), 'abc' ~ any('{^b,c$}'), 'abc' like any (array['x%', null]), 'abc' like any(null::text[]);
select 5 < any('{1,10}'), 5 < all('{1,10}'), 5 > any (array[1.5]), date '2024-01-01' < any('{2024-01-02}'), 5 =
    all('{}'), 5 < any (null::int[]);
select array(select a from arr where id = 1), array(select x from generate_series(1,3) x);
select array_agg(x) from (values (array[1,2]), (array[3,4])) v(x);
select array_agg(x) from (values (array[1,2]), (array[3])) v(x);
select pg_typeof(a), pg_typeof(t[1]), pg_typeof(a[1:2]), pg_typeof(array[[1]]) from arr limit 1;
select a::text, t::text, n::text from arr order by id;
set timezone = 'America/New_York';
select tz, tz::text, tz[1] from arr where id = 3;
select array[timestamptz '2024-01-01 00:00+00'], array_agg(x) from (values (timestamptz '2024-07-01 00:00+00')) v(x);
insert into arr (id, tz) values (10, '{2024-01-01 00:00}'), (11, array['2024-07-01 00:00'::timestamptz]);
reset timezone;
select tz from arr where tz is not null order by id;
set bytea_output = escape;
select "by", array['\x41'::bytea] from arr where id = 3;
reset bytea_output;
set extra_float_digits = 0;
select f, array[0.1::float8 + 0.2::float8] from arr where id = 3;
reset extra_float_digits;
create index on arr (a);
create unique index arr_t on arr (t) where id < 3;
select a from arr where a = '{5,6,2,NULL,1}';
alter table arr add column z text[] default '{q}';
alter table arr add column zz int[][] default '{{1}}';
select id, z, zz from arr order by id limit 2;
alter table arr alter column a type bigint[];
select a, pg_typeof(a) from arr order by id limit 2;
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'arr'::regclass order by adnum;
create view arrv as select a, t, a[1] as first from arr;
select * from arrv order by 1 limit 3;
create table arr2 as select id, a, t, array[id, 2] as made from arr;
select pg_typeof(made), pg_typeof(a), made from arr2 order by id limit 1;
insert into arr2 select id, a, t, array[1] from arr where id = 1;
select attname, format_type(atttypid, atttypmod) , attndims from pg_attribute where attrelid = 'arr'::regclass
    and attnum > 0 order by attnum;
select column_name, data_type::text, udt_name from information_schema.columns where table_name = 'arr' order by
    ordinal_position;
create temp table ta (x int[] unique, y text[] primary key);
insert into ta values ('{1}', '{a}');
insert into ta values ('{1}', '{b}');
insert into ta values ('{2}', '{a}');
insert into ta values ('{2}', '{b}') on conflict (y) do update set x = ta.x || excluded.x;
insert into ta values ('{3}', '{b}') on conflict (y) do update set x[2] = 5 returning *;
insert into ta (x[2], y[1:2]) values (4, '{p,q}') returning *;
insert into ta (y, x[1]) values ('{zz}', now());
update ta set x[null] = 1;
update ta set x[1:2] = '{9}' where y = '{a}';
update ta set x[:] = '{9}' where y = '{a}' returning x;
select * from ta order by x, y;
prepare p(int[]) as select $1, $1[1], 2 = any($1);
execute p('{1,2}');
prepare q as select id from arr where a = $1 or t = $2 order by id;
execute q('{5,6,2,NULL,1}', '{}');
select string_to_array('a,b', ',') || 'c';
select 1 || null::int[], null::int[] || 1, null::int[] || null::int[], array[1] || null;
select array_position(array['a','b'], 'b'), array_positions(array[1,2,1], 1), array_replace(array[1,2], 2, 3),
    trim_array(array[1,2,3], 1), array_fill(1, array[2,2]);
select array_to_string(array[1,null,3], ',', '*');
select array[1] = array[1], array[1,2] < array[1,3], array[1] <> '{2}', array[1] is distinct from null,
    array['a'] = array['a'::varchar];
select array[1] = array[1::bigint];
select '{1,2}'::int[] in (array[1,2], array[3]), case when array[1] = array[1] then array[2] end,
    coalesce(null::int[], array[1]), nullif(array[1], array[1]);
drop table arr cascade;
drop table arr2;
