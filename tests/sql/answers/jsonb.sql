-- jsonb documents are compared, sorted, grouped and told apart by value, and shown as PostgreSQL shows them
select '{"b":1,"a":2}'::jsonb = '{"a": 2, "b": 1}'::jsonb, '{"a":1}'::jsonb = '{"a":1.0}'::jsonb,
    '{"a":1}'::jsonb <> '{"a":2}'::jsonb;
select '{"bb":1,"a":[1,2,{"y":null,"x":true}],"c":"d"}'::jsonb, '  [ 1 , 2 ]  '::jsonb, '{}'::jsonb, '[]'::jsonb,
    '{"a":{},"b":[]}'::jsonb;
select '{"a":1,"a":2}'::jsonb, '{"a":2,"a":1}'::jsonb ->> 'a', '{"":1}'::jsonb, '{"a":{"b":1,"b":{"c":2}}}'::jsonb;
select '1e2'::jsonb, '1.50'::jsonb, '-0'::jsonb, '-0.00'::jsonb, '1E-3'::jsonb, '12345678901234567890.5'::jsonb,
    '1.5e1'::jsonb;
select '"a\u00e9\ud83d\ude00\n\t\u0001\/\\\""'::jsonb, '"\u0041"'::jsonb = '"A"'::jsonb, '{"\u0061":1}'::jsonb -> 'a';
select 'true'::jsonb, 'false'::jsonb, 'null'::jsonb, '"x"'::jsonb;
select '"\u0000"'::jsonb;
select '"\ud800"'::jsonb;
select '"\ud800\ud801"'::jsonb;
select '"\udc00"'::jsonb;
select '{"a":"\u0000"}'::json ->> 'a';
select '{a:1}'::jsonb;
select '{"a":1'::jsonb;
select ''::jsonb;
select '{"a":2,"b":1}'::json, '{"b": 1,  "a":2}'::json::jsonb, '{"b":1,"a":2}'::jsonb::json,
    '{"b":1,"a":2}'::text::jsonb, '{"b":1,"a":2}'::jsonb::text;
select '{"a":1}'::jsonb = '{"a": 1}', '{"a": 1}' = '{"a":1}'::jsonb, '{"a":1}'::jsonb in ('{"a": 1.00}', '2'),
    '3'::jsonb between '2' and '10';
select '{"a":1}'::jsonb is not distinct from '{"a": 1}'::jsonb, nullif('[1]'::jsonb, '[1.0]'), case '[1, 2]'::jsonb
    when '[1,2]' then 'same' end;
select '{"a":1}'::json = '{"a":1}'::json;
select '{"a":1}'::jsonb = '{"a":1}'::json;
select '{"a":1}'::json = '{"a":1}';
select j from (select '{}'::json as j) q group by j;
select j from (select '{}'::json as j) q order by j;
create table d(k int primary key, j jsonb);
insert into d values (1, '{"a":1,"b":2}'), (2, '{"b":2,"a":1}'), (3, '{"a":1.0,"b":2}'), (4, '[]'), (5, '[1]'),
    (6, '1'), (7, '"a"'), (8, 'null'),
    (9, 'true'), (10, 'false'), (11, '{}'), (12, '{"a":1}'), (13, '[1,2]'), (14, '10'), (15, '9'), (16, '"B"'),
    (17, '[[1]]'), (18, '[{}]'), (19, '{"aa":1}'),
    (20, '{"b":0}'), (21, null), (22, '["a"]'), (23, '[null]'), (24, '""'), (25, '[[]]'), (26, '{"a":null,"c":1}'),
    (27, '{"a":[1,2]}'), (28, '{"a":[3]}');
select k, j from d order by j, k;
select k from d order by j desc, k;
select count(*), min(k) from d group by j order by 2;
select distinct j from d where k in (1, 2, 3, 5) order by j;
select count(distinct j) from d;
select a.k, b.k from d a join d b on a.j = b.j and a.k < b.k order by 1, 2;
select count(*) from d a join d b using (j);
select k from d where j = '{"b":2,"a":1}' order by k;
-- with {"b" : 2, "a" : 1.00}
select k from d where j = $1 order by k;
-- with {"b" : 2, "a" : [1,  {"z":1,"y":2}]}
select $1::jsonb, $1::text::jsonb, pg_typeof($1::jsonb);
select k from d where j > '5' and j < '[1, 2]' order by k;
select k, rank() over (order by j), dense_rank() over (order by j) from d order by k;
select k, count(*) over (partition by j) from d order by k;
select j from d where k = 1 union select j from d where k = 2;
select j from d where k = 1 union all select '{"b": 2,"a":1}';
select j from d where k = 1 intersect select j from d where k = 3;
select j from d where k in (1, 4) except select j from d where k = 3;
select k from d where j in (select j from d where k = 2) order by k;
select k from d where j = (select j from d where k = 2) order by k;
select k from d where j = any(array['{"b": 2, "a":1}', '10']::jsonb[]) order by k;
with q as (select k, j from d where k < 4) select count(*), count(distinct j) from q;
create view v as select k, j -> 'a' as a from d;
select count(*) from v where a = '1';
select a, count(*) from v group by a order by a;
select j -> 'a', j ->> 'a' from d where k < 4 order by k;
select k from d where j -> 'a' = '1.00' order by k;
create table u(k int, j jsonb unique);
insert into u values (1, '{"x":1,"y":[1,2]}');
insert into u values (2, '{"y": [1, 2.0], "x": 1.00}');
insert into u values (2, '{"y": [1, 2.0], "x": 1.00}') on conflict (j) do update set k = 7 returning k, j;
insert into u values (3, '{"y": [1, 2.1], "x": 1.00}') returning j;
select k from u where j = '{"y":[1,2],"x":1}';
create table p(j jsonb primary key, d jsonb default '{"z":1,"a":2}', check (j <> '{"no": 1}'));
insert into p(j) values ('{"no":1.0}');
insert into p(j) values ('{"b":1,  "a":1}') returning *;
insert into p(j) values ('{"a":1,"b":1}');
update p set d = '{"d":1,"c":2}' returning d;
create unique index on d ((j -> 'b'));
create index on d ((j -> 'a'));
select k from d where j -> 'a' = '1' order by k;
insert into d select 100, '{"q":2,"p":1}'::jsonb;
insert into d select 101, '{"q":2,"p":1}'::json::jsonb;
select count(*), count(distinct j) from d where k >= 100;
select jsonb_build_object('bb', 1, 'a', 2), to_jsonb('x'::text), jsonb_build_object('a', 1, 'a', 2) = '{"a":2}',
    jsonb_build_array(1, 'a', null) = '[1,"a",null]';
select jsonb_agg(k) from (select k from d where k < 4 order by k) q;
select '[1,2,3]'::jsonb -> -1, '[1,2]'::jsonb -> 5, '{"1":2}'::jsonb -> '1', '[1,2]'::jsonb -> '0',
    '{"c.d":1}'::jsonb -> 'c.d', '{"a":1}'::jsonb -> '';
