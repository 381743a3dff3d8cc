-- Row types: values, texts, fields, comparisons, columns, parts, JSON
create type mood_of_row as enum ('sad', 'ok', 'happy');
create domain even as int check (value % 2 = 0);
create type pair as (x int, y text);
create type mixed as (n numeric, f float8, t text, b bytea, w timestamptz, d interval, m mood_of_row, l int[],
    ok bool);
create type nest as (p pair, ps pair[], e even);
create type none as ();
create type vary as (v varchar(3), c char(4), n numeric(5, 2));
select row(1, 'a')::pair, '(2,b)'::pair, ' ( 3,"c d") '::pair, '(,)'::pair, '(4,"")'::pair;
select '(1)'::pair;
select '(1,2,3)'::pair;
select '1,2)'::pair;
select '(1,2'::pair;
select '(1,2) x'::pair;
select '(x,2)'::pair;
select E'(5,a\\"b\\\\c)'::pair, '(6,"a""b,(c)")'::pair, '(7, lead)'::pair;
select ('(6,"a""b,(c)")'::pair).y, (row(1, null)::pair).y is null;
select row(1.50, 2.5, 'x y', '\x01ff', '2024-01-01 10:00+02', '1 day 02:00', 'ok', '{1,2}', true)::mixed;
select (row(1.50, 2.5, 'x y', '\x01ff', '2024-01-01 10:00+02', '1 day 02:00', 'ok', '{1,2}', true)::mixed).*;
set timezone = 'America/New_York';
select row(1.50, 2.5, 'x y', '\x01ff', '2024-01-01 10:00+02', '1 day 02:00', 'ok', '{1,2}', true)::mixed;
select row(1.50, 2.5, 'x y', '\x01ff', '2024-01-01 10:00+02', '1 day 02:00', 'ok', '{1,2}', true)::mixed::text;
set intervalstyle = iso_8601;
set bytea_output = escape;
select row(1.50, 2.5, 'x y', '\x01ff', '2024-01-01 10:00+02', '1 day 02:00', 'ok', '{1,2}', true)::mixed;
select array[row(1.50, 2.5, 'x y', '\x01ff', '2024-01-01 10:00+02', '1 day 02:00', 'ok', '{1,2}', true)::mixed];
reset all;
select row(row(1, 'a'), array[row(2, 'b')::pair, null, row(3, 'c,"')::pair], 4)::nest;
select row(row(1, 'a'), '{"(2,b)",NULL,"(3,\"c,\"\"\")"}', 4)::nest;
select (row(row(1, 'a'), array[row(2, 'b')::pair], 4)::nest).ps[1].y;
select row(null, null, 5)::nest;
select '(,,5)'::nest;
select row()::none, '()'::none;
select row('abcd', 'x', 1.005)::vary;
select row('abc', 'x', 1.005)::vary, '(ab,x,1.005)'::vary;
select '(abcd,x,1)'::vary;
select row(1, 2, 3)::pair;
select row(1)::pair;
select row('a', 2)::pair;
select row(true, 'a')::pair;
select 5::pair;
select (row(1, 'a')::pair)::text, row(1, 'a b', null, '')::text;
select row(1, 2.5, null, 'x', true, '2024-01-01'::date);
select row(), row(null), row('');
-- compared
select row(1, 'a')::pair = row(1, 'a')::pair, row(1, 'a')::pair < row(1, 'b')::pair, row(2, 'a')::pair <= row(1,
    'b')::pair;
select row(1, null)::pair = row(1, null)::pair, row(1, null)::pair > row(1, 'z')::pair, row(null,
    null)::pair <> row(1, 'a')::pair;
select row(1, null) = row(1, null), row(1, 2) < row(1, null), row(2, null) > row(1, null), row(1, 2) <> row(3, null);
select row(1, 2) = row(1, 2.0), row(1, '2') = row(1, '2'), row(1) = row(1), row(1) <> row(null);
select row() = row();
select row(1, 2) = row(1);
select row(1, 2) ~~ row(1, 2);
select row(1, 2)::pair = row(1, 2)::vary;
select r = row(1, 2::int8) from (select row(1, 2) as r) s;
select r = row(1) from (select row(1, 2) as r) s;
select row(1, 'a')::pair *= row(1, 'a')::pair, row(1, 'a')::pair *<> row(1, 'b')::pair;
select row(1, 2) is distinct from row(1, 2), row(1, null) is distinct from row(1, null), row(1,
    2) is not distinct from row(1, null);
select row(1, 2) is distinct from row(1, 2::int8);
select row(null, null) is null, row(null, 1) is null, row(null, 1) is not null, row(1, 1) is not null,
    row() is null, row() is not null;
select null::pair is null, row(null, null)::pair is null, row(null, 1)::pair is not null, row(row(null, null),
    null) is null;
select row(1, 2) in (row(3, 4), row(1, 2)), row(1, 2) not in (row(3, 4)), row(1, null) in (row(1, 2));
select x from (values (row(1, 'a')::pair), (row(2, 'b')::pair)) v(x) where x in (row(2, 'b')::pair, '(3,c)');
-- columns
create table rows_kept (id int primary key, p pair, n nest, ps pair[], m mixed);
insert into rows_kept values (1, (1, 'one'), row((1, 'a'), array[row(2, 'b')::pair], 2), array[row(1, 'x')::pair,
    '(2,y)'], null);
insert into rows_kept values (2, '(2,two)', null, '{"(3,z)"}', row(1.5, 1, 'a', '\x', '2024-01-01 00:00+00',
    '1 mon', 'sad', '{}', false));
insert into rows_kept (id, p) values (3, row(null, null)), (4, null), (5, row(10, 'ten')), (6, row(1, 'one'));
insert into rows_kept (id, p) values (7, row(1, 2, 3));
insert into rows_kept (id, p) values (7, 5);
insert into rows_kept (id, p) values (7, row('x', 'y'));
insert into rows_kept (id, n) values (7, row(null, null, 3));
insert into rows_kept (id, p) select 8, '(8,eight)'::pair;
insert into rows_kept (id, p) select 9, row(9, 'nine');
select * from rows_kept order by id;
select id, (p).x, (p).y, (r.n).p.y, (n).ps[1].x, ps[2], (ps[1]).y, (m).m from rows_kept r order by id;
select (p).* from rows_kept order by id;
select (p).z from rows_kept;
select (id).z from rows_kept;
select p.x from rows_kept;
select id, p from rows_kept order by p, id;
select id, p from rows_kept order by p desc nulls last, id;
select p, count(*) from rows_kept group by p order by p;
select distinct p from rows_kept order by 1;
select max((p).x), count(p), count(distinct p) from rows_kept;
select id from rows_kept where p = row(1, 'one')::pair order by id;
select id from rows_kept where p = '(1,one)';
select id from rows_kept where p > row(2, 'a')::pair order by id;
select id from rows_kept where p is null order by id;
select id from rows_kept where p is not null order by id;
select a.id, b.id from rows_kept a join rows_kept b on a.p = b.p and a.id < b.id order by 1, 2;
select p from rows_kept where id = 1 union select p from rows_kept where id in (5, 6) order by 1;
create table keyed (p pair primary key, n numeric);
insert into keyed values (row(1, 'a'), 1), ('(1,b)', 2);
insert into keyed values ('(1,a)', 3);
insert into keyed values ('(1,a)', 3) on conflict (p) do update set n = keyed.n + excluded.n returning *;
create type priced as (n numeric);
create table prices (p priced unique);
insert into prices values (row(1.5)), (row(2));
insert into prices values (row(1.50));
select * from prices order by p;
-- parts
update rows_kept set p.x = 100 where id = 1 returning p;
update rows_kept set p.x = (p).x + 1, p.y = 'new' where id = 2 returning p;
update rows_kept set p.y = 'made' where id = 4 returning p;
update rows_kept set n.p.x = 7, n.ps[2] = row(8, 'i'), n.e = 10 where id = 1 returning n;
update rows_kept set n.e = 11 where id = 1;
update rows_kept set ps[1].y = 'changed' where id = 1 returning ps;
update rows_kept set ps[3].x = 5 where id = 2 returning ps;
update rows_kept set p.z = 1;
update rows_kept set id.z = 1;
update rows_kept set p.x = 'x';
update rows_kept set p.x = true;
insert into rows_kept (id, p.y, p.x, n.p.x) values (20, 'parts', 3, 4) returning p, n;
insert into rows_kept (id, p.x) select 21, 5 returning p;
insert into rows_kept (id, p.x, p) values (22, 1, null);
-- whole rows
create table plain_rows (a int, b text);
insert into plain_rows values (1, 'x'), (2, null), (null, null);
select r from plain_rows r order by r;
select r, r is null as n, r is not null as nn from plain_rows r order by a;
select count(r), count(r.*) from plain_rows r;
select (r).a, (r).* from (select r from plain_rows r) s order by 1;
select row(r.*, 5), row(r, 5) from plain_rows r order by a;
select r = row(1, 'x')::plain_rows, r = '(1,x)' from plain_rows r where a = 1;
select r from plain_rows r where r = row(1, 'x')::plain_rows;
select p.a, q from plain_rows p left join plain_rows q on q.a = p.a and q.b is not null order by 1;
select s from (select 1 as one, 'z' as two) s;
select (s).two from (select 1 as one, 'z' as two) s;
select null::plain_rows, '(3,q)'::plain_rows, (row(4, 'w')::plain_rows).b;
select plain_rows from plain_rows order by plain_rows;
update plain_rows r set b = 'y' where a = 2 returning r;
select row(r.*) = row(r.a, r.b) from plain_rows r order by a;
-- arrays
select array[row(1, 2), row(3, 4)], array[row(1, 'a')::pair] || row(2, 'b')::pair;
select row(1, 1.1) = any (array[row(7, 7.7), row(1, 1.1)]), row(2, 'b')::pair = any (array[row(1, 'a')::pair]);
select array_agg(p order by id) from rows_kept where id in (2, 5);
select unnest(array[row(1, 'a')::pair, row(2, 'b')::pair]);
select * from unnest(array[row(1, 'a')::pair, null, row(2, 'b')::pair]) with ordinality;
select * from unnest(array[row(1, 'a'::text), row(2, 'b'::text)]) as u(x int, y text);
select * from unnest(array[row(1, 'a'::text)]) as u(x int, y int);
select * from unnest(array[row(1, 'a'::text)]);
select array[row(1, 'a')::pair] = array[row(1, 'a')::pair], array[row(1, 'a')::pair] < array[row(1, 'b')::pair];
select array(select p from rows_kept where id in (5, 8) order by id);
-- JSON
select row_to_json(p), to_json(p), to_jsonb(n) from rows_kept where id = 1;
select row_to_json(r) from (select p, ps, m from rows_kept where id = 2) r;
select row_to_json(r) from plain_rows r order by a;
select row_to_json(row(1, 'a', null)), to_json(array[row(1, 2)]),
    json_agg(p order by id) from rows_kept where id in (5, 8) group by 1, 2;
select json_build_object('k', row(1, 'a')::pair), jsonb_build_array(row(1, 'a')::pair, 2);
select json_build_object(row(1, 'a')::pair, 1);
select json_populate_record(null::pair, '{"x": "7", "y": [1, 2], "z": 1}'), jsonb_populate_record(row(1,
    'kept')::pair, '{"x": 3}');
select * from json_populate_record(null::nest, '{"p": {"x": 1, "y": "a"}, "ps": [{"x": 2}, "(3,c)", null], "e": 4}');
select * from json_populate_record(null::nest, '{"e": 5}');
select * from json_populate_record(null::nest, '{"p": 5}');
select * from json_populate_record(null::nest, '{"ps": {"x": 1}}');
select * from json_populate_record(null::mixed, '{"n": 1.50, "f": 1e3, "t": {"a": 1}, "w": "2024-01-01 00:00+00",
    "m": "ok", "l": [1, 2], "ok": true}');
select * from json_populate_record(null::mixed, '{"m": "none"}');
select * from json_populate_recordset(null::pair, '[{"x": 1}, {"y": "b"}, {"x": 3, "y": null}]');
select json_populate_recordset(row(0, 'd')::pair, '[{"x": 1}, {"y": "b"}]');
select * from json_populate_recordset(null::pair, '{"x": 1}');
select * from json_populate_recordset(null::pair, '[1]');
select * from jsonb_populate_recordset(null::pair, '[{"x": 1}]') as t(one, two);
select (jsonb_populate_record(null::pair, '{"x": 1}')).x;
select json_populate_record(row(1, 2), '{"f1": 7}');
select json_populate_record(null::record, '{"x": 0}');
select * from json_populate_record(null::record, '{"x": 5}') as (x int, y text);
select json_populate_record(1, '{}');
select * from json_to_record('{"p": {"x": 1}, "e": 4, "ps": [{"x": 2}]}') as (p pair, e even, ps pair[]);
select * from json_to_record('{"e": 3}') as (e even);
-- domains over rows, arrays of domains
create domain ordered as pair check ((value).x > 0);
create table doms (o ordered, es even[]);
insert into doms values (row(1, 'a'), '{2,4}');
insert into doms values (row(0, 'a'), '{2,4}');
insert into doms values (row(1, 'a'), '{2,3}');
insert into doms values (null, array[2, null, 6]);
insert into doms (o.x, es[1]) values (5, 8) returning o, es::text;
update doms set o.x = -1 where (o).x = 5;
update doms set es[2] = 7 where (o).x = 5;
update doms set es[2] = 10, o.y = 'z' where (o).x = 5 returning o, es::text;
select (o).x, es[1], pg_typeof(es), pg_typeof(o) from doms order by 1;
select '(0,a)'::ordered;
select array[1, 2]::even[];
select '{2,x}'::even[];
-- definitions
create type pair as (a int);
create type twice as (a int, a text);
create type self as (a int, b self);
create type rec as (a record);
create type of_nothing as (a no_such_type);
create table plain_rows_of as select row(1, 2) as r;
create view v_of as select row(1, 2) as r;
create view v_pairs as select id, p, (p).x as px from rows_kept where (p).x > 5;
select * from v_pairs order by id;
drop type pair;
drop type none, vary;
drop type if exists none;
-- with 1 | (5,five)
select $1::int, $2::pair, ($2::pair).y;
-- with (10,ten)
select id from rows_kept where p = $1::pair;
select typname, typtype, typcategory from pg_type where typname in ('pair', '_pair', 'mixed') order by 1;
