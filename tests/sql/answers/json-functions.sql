-- Functions, casts, subscripts and rows of json and jsonb
select json_object('{a,1,b,2,3,NULL,"d e f","a b c"}'),
    json_object('{{a,1},{b,2},{3,NULL},{"d e f","a b c"}}'), json_object('{}');
select jsonb_object('{a,1,b,2,3,NULL,"d e f","a b c"}'), jsonb_object('{{b,1},{a,2}}'), jsonb_object('{}');
select json_object('{a,b,c,"d e f"}','{1,2,3,"a b c"}'), jsonb_object('{b,a}', '{1,2}'), json_object('{}', '{}');
select json_object('{a,b,c}');
select json_object('{{a},{b}}');
select json_object('{{a,b,c},{b,c,d}}');
select json_object('{{{a,b},{c,d}},{{b,c},{d,e}}}');
select json_object('{{a,1},{b,2},{3,NULL},{"d e f","a b c"}}','{a,b,c}');
select json_object('{a,b,c,"d e f",g}','{1,2,3,"a b c"}');
select json_object('{a,b,NULL,"d e f"}','{1,2,3,"a b c"}');
select json_object('{a,1,NULL,3}');
select json_extract_path('{"f2":{"f3":1},"f4":{"f5":99,"f6":"stringy"}}','f4','f6'),
    json_extract_path('{"f2":["f3",1]}','f2',1::text);
select json_extract_path_text('{"f2":{"f3":1},"f4":{"f5":null,"f6":"stringy"}}','f4','f6'),
    json_extract_path('{"f4":[0,1,2,null]}','f4','3');
select jsonb_extract_path('{"f2":{"f3":1},"f4":{"f5":99,"f6":"stringy"}}','f4'),
    jsonb_extract_path_text('{"f4":[0,1,2,null]}','f4','3') is null;
select jsonb_extract_path('{"a": {"b": 1}}', variadic array['a', 'b']), json_extract_path_text('{"a": "x"}',
    variadic '{a}');
select json_extract_path('{"a": 1}');
select jsonb_set_lax('{"a":1,"b":2}','{b}','5'), jsonb_set_lax('{"a":1,"b":2}','{d}','6',true),
    jsonb_set_lax('{"a":1,"b":2}','{b}',null);
select jsonb_set_lax('{"a":1,"b":2}','{d}',null,true), jsonb_set_lax('{"a":1,"b":2}', '{b}', null, true,
    'delete_key');
select jsonb_set_lax('{"a":1,"b":2}', '{b}', null, null_value_treatment => 'return_target'),
    jsonb_set_lax('{"a":1,"b":2}', '{b}', null, null_value_treatment => 'use_json_null');
select jsonb_set_lax('{"a":1,"b":2}', '{b}', null, null_value_treatment => 'raise_exception');
select jsonb_set_lax('{"a":1,"b":2}', '{b}', null, true, null);
select jsonb_set_lax('{"a":1,"b":2}', '{b}', null, true, 'no_such_treatment');
select jsonb_set(path => '{b}', jsonb_in => '{"b": 1}', replacement => '2'), jsonb_set('{"b": 1}', '{c}',
    replacement => '2', create_if_missing => false);
select jsonb_insert('{"a": [0,1,2]}', '{a, 1}', '"new_value"', insert_after => true), make_date(year => 2024,
    month => 2, day => 3);
select jsonb_set('{}', '{a}', nosuch => '1');
select array_to_json(array[1, 2, null]), array_to_json('{{1,5},{99,100}}'::int[]),
    array_to_json('{{{1,2},{3,4}},{{5,6},{7,8}}}'::int[]);
select array_to_json('{{1,5},{99,100}}'::int[], true), array_to_json(array[1, 2, 3], true),
    array_to_json(array['a', 'b"c', null], false);
select array_to_json('{}'::int[]), array_to_json(array[jsonb '{"a":1}', jsonb '{"b":[2,3]}']),
    to_json('{{t,f},{f,t}}'::bool[]), array_to_json(null::int[]);
select to_json(array['2024-01-01'::timestamp]), to_json('{1.5,2.50}'::numeric[]), to_jsonb('{1.5,2.50}'::numeric[]);
select json_agg(x) from (values (array[1, 2]), (null), (array[3])) v(x);
select jsonb_agg(x), json_agg(x order by x[1] desc) from (values (array[1, 2]), (array[3])) v(x);
select json_object_agg(k, v), jsonb_object_agg(k, v), jsonb_object_agg(k, k) from (values ('b', 1), ('a',
    null), ('c', 3)) t(k, v);
select json_object_agg(1, 2), json_object_agg(true, array[1, 2]), jsonb_object_agg('x', null::jsonb);
select json_object_agg(k, v) from (select 1 as k, 2 as v where false) t;
select json_object_agg(k, v) from (values (null, 1)) t(k, v);
select json_object_agg(v, 1) from (values (array[1])) t(v);
select k, json_object_agg(v, k) filter (where v > 1) from (values (1, 1), (1, 2), (2, 3)) t(k,
    v) group by k order by k;
select json_build_array(variadic '{a,b,c}'::text[]), json_build_array(variadic array['a', null]::text[]),
    json_build_array(variadic '{1,2,3,4}'::int[]);
select json_build_array(variadic null::text[]), json_build_array(variadic '{}'::text[]),
    json_build_array(variadic '{{1,4},{2,5},{3,6}}'::int[][]);
select jsonb_build_object(variadic '{a,b,c,d}'::text[]), json_build_object(variadic '{1,2,3,4}'::int[]),
    json_build_object(variadic '{}'::text[]);
select json_build_object(variadic '{a,b,c}'::text[]);
select json_build_object(variadic array['a', null, null, 'b']::text[]);
select json_build_array(variadic 1);
select concat(variadic array[1, 2, null, 3]), jsonb_delete('{"a": 1, "b": 2, "c": 3}', variadic array['a',
    'c']), jsonb_delete('{"a": 1, "b": 2}', 'a', 'b');
select 'true'::jsonb::bool, '1.0'::jsonb::float, '12345'::jsonb::int4, '12345.05'::jsonb::numeric,
    '12345.05'::jsonb::float4, '12345.55'::jsonb::int8;
select '12345.0000000000000000000000000000000000000000000005'::jsonb::numeric, '1.25'::jsonb::numeric(3, 1),
    '-3'::jsonb::int2, ('{"a": 7}'::jsonb -> 'a')::int + 1;
select '[]'::jsonb::bool;
select '[1.0]'::jsonb::float;
select '"hello"'::jsonb::int4;
select '{}'::jsonb::numeric;
select 'null'::jsonb::int;
select '70000'::jsonb::int2;
select '1'::jsonb::text::int, '1'::json::int;
select jsonb '{}' || ''::text, jsonb '{"a": 1}' || '{"b": 2}', jsonb '[1]' || '2';
select ('123'::jsonb)['a'], ('123'::jsonb)[0], ('[1, "2", null]'::jsonb)['a'], ('[1, "2", null]'::jsonb)[1],
    ('[1, "2", null]'::jsonb)['1'], ('[1, "2", null]'::jsonb)[-1];
select ('{"a": 1}'::jsonb)['a'], ('{"a": 1, "c": null}'::jsonb)['c'],
    ('{"a": {"b": [1, {"c": 2}]}}'::jsonb)['a']['b'][1]['c'], ('{"1": 5}'::jsonb)[1], ('{"a": 1}'::jsonb)[null];
select ('{"a": 1}'::jsonb)['a':'b'];
select ('[1, "2", null]'::jsonb)[1.0];
select ('[1, "2", null]'::jsonb)[1::bigint];
select ('[1]'::json)[0];
create table s(id int primary key, j jsonb);
insert into s values (1, '{}'), (2, '{"key": "value"}'), (3, null), (4, '[0]'), (5, '{"a": [1, {"b": 1}]}');
update s set j['a'] = '1' where id = 1;
update s set j['a'] = '"test"' where id = 2;
update s set j['x'] = '{"b": 1}'::jsonb where id = 3;
update s set j[3] = '1' where id = 4;
update s set j['a'][1]['c'] = 'null' where id = 5;
update s set j['a'][0]['c'] = '1' where id = 5;
update s set j['another_key'] = null where id = 1;
update s set j['d']['e'][2]['f'] = '[1]' where id = 1;
select id, j from s order by id;
update s set j[null] = '1';
update s set j[-8] = '1' where id = 4;
update s set j['x'] = '1' where id = 4;
update s set j[1:2] = '1' where id = 4;
update s set j[-1] = '5' where id = 4 returning j;
update s as u set j['a'] = to_jsonb(x.v) from (values (2, 7)) x(k, v) where u.id = x.k returning u.j;
select id, j['a'] from s where j['a'] is not null order by id;
select j['a'], count(*) from s group by j['a'] order by 1;
create table r(id int primary key, t text, n numeric(5, 2), b bool, d timestamp);
insert into r values (1, 'x"y', 1.5, true, '2024-01-02 03:04:05'), (2, null, null, null, null);
select row_to_json(r) from r order by id;
select row_to_json(q) from (select id as "A b", t from r) q order by 1::text;
select to_json(r), to_jsonb(r) from r order by id;
select json_agg(r order by id desc), jsonb_agg(q) from r, (select 1 as one) q;
select json_agg(q) from (select id, n from r order by id) q;
select row_to_json(row(1, 'foo')), to_json(row(1, null, true)), row_to_json(row()), jsonb_agg(row(id,
    t)) from r where id = 1;
select row_to_json(row(r.*, 5)), json_build_object('r', r), json_build_array(row(1, row(2, 3))) from r where id = 1;
select json_object_agg(id, r) from r;
select id, row_to_json(r) from r group by id order by id;
select t, row_to_json(r) from r group by t;
-- refused
select row_to_json(x) from r left join (values (1)) x(y) on x.y = r.id;
select row_to_json(1);
select array_to_json(array_agg(row_to_json(q))) from (select id from r order by id) q;
select r.id, (select json_agg(e) from (select id, t from r r2 where r2.id <= r.id order by id) e) from r order by id;
select few.id from (values (1), (2)) few(id) order by id, generate_series(1, 3) desc;
select few.id, generate_series(1, 3) g from (values (1), (2)) few(id) order by id, generate_series(1, 3) desc;
select generate_series(1, 3) + 1 order by generate_series(1, 3);
-- refused
select distinct on (a) a, b, generate_series(1, 3) g from (values (3, 2), (3, 1), (1, 1), (1, 4)) t(a,
    b) order by a, b desc;
select distinct on (a) a, b, generate_series(1, 3) g from (values (3, 2), (3, 1), (1, 1), (1, 4)) t(a,
    b) order by a, b desc, g desc;
select distinct on (g) b, generate_series(1, 3) g from (values (3, 2)) t(a, b) order by g, b;
select a, count(*), unnest('{1,1,3}'::int[]) from (values ('x'), ('y'), ('x')) t(a) group by a order by 1, 3;
select a, generate_series(1, 2), count(*) from (values ('x'), ('y'),
    ('x')) t(a) group by a having count(*) > 1 order by 2;
update s set j['m'] = '1', j['n']['o'] = '2' where id = 1 returning j;
insert into s(id, j['a']['b']) values (9, '5') returning j;
select jsonb_delete('{"a": 1, "b": 2}'::jsonb, 'a'), jsonb_delete('[1, 2]'::jsonb, 0),
    jsonb_delete('["a"]'::jsonb, null);
