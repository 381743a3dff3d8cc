-- What is divided, searched, trimmed and translated is answered alike however long it is.
select i, a, b, a / b, mod(a, b), div(a, b) from (select i, (substr(d, 1, 1 + i % 29) || '.' || substr(d, 5, i % 7)
    || '0')::numeric a, ('0' || substr(e, 1, i % 13) || '.' || repeat('0', i % 5) || substr(e, 3, 1 + i %
    11))::numeric b from (select i, translate(md5(i::text), 'abcdef', '123456') d, translate(md5((i + 1000)::text),
    'abcdef', '987654') e from generate_series(1, 500) i) x) y where b <> 0 order by i;
select i, -a / b, mod(-a, b), a / -b, mod(a, -b) from (select i, translate(substr(md5(i::text), 1, 3 + i % 9),
    'abcdef', '123456')::numeric a, ('0.' || repeat('0', i % 9) || translate(substr(md5((i + 7)::text), 1, 4),
    'abcdef0', '1234567'))::numeric b from generate_series(1, 200) i) y order by i;
select i, gcd(a, b), lcm(a, b) from (select i, translate(substr(md5(i::text), 1, 3 + i % 15), 'abcdef',
    '123456')::numeric * 210 a, ('1' || translate(substr(md5((i + 7)::text), 1, 5), 'abcdef0', '1234567'))::numeric
    * 30 b from generate_series(1, 200) i) y order by i;
select gcd(4.5, 3), gcd(0.006, 0.04), gcd(0, 0.5), gcd(-12.5, 7.5), lcm(0.5, 0.3), lcm(0, 2.5), gcd('NaN'::numeric, 1);
select md5(div((repeat('9', 3000) || '7')::numeric, (repeat('7', 1500) || '3')::numeric)::text),
    md5(mod((repeat('9', 3000) || '7')::numeric, (repeat('7', 1500) || '3')::numeric)::text);
select length(gcd((repeat('9', 600))::numeric, (repeat('3', 450))::numeric)::text), gcd((repeat('9', 600))::numeric,
    (repeat('7', 599))::numeric);
select 0.000001 / 3, 1 / 0.0000000003, 0 / 7.5, 0.00 / 0.03, 10 / 0.10, 100.00 / 100, 99.99 / 100;
select '{"a": 1, "bb": {"c": [1, 2, {"d": 3}], "e": null}, "aa": null, "ab": "x"}'::jsonb @> '{"bb": {"c": [{"d":
    3}, 1]}, "aa": null}';
select d @> '{}', d @> '{"a": 1}', d @> '{"z": 1}', d @> '{"a": 2}', d @> '{"b": {}}', d @> '{"b": []}', d @> '{"b":
    {"x": 1}}' from (values ('{"a": 1, "b": {"x": 1, "y": 2}}'::jsonb), ('{"b": [], "a": 1}'), ('{"zz": 1, "z":
    1}'), ('{}')) v(d);
select '[1, [2, 3], {"k": 1}]'::jsonb @> '[[3], {"k": 1}]', '[1, 2]'::jsonb @> '1', '[1, 2]'::jsonb @> '[1, 1, 1]',
    '[[1, 2]]'::jsonb @> '[1]', '{"a": [1]}'::jsonb @> '{"a": 1}';
select '{"\u00e4": 1, "\"": 2, "\\": 3, "": 4}'::jsonb @> '{"\"": 2, "": 4}', '{"\u00e4": 1, "\"": 2, "\\":
    3}'::jsonb @> '{"ä": 1, "\\": 3}';
select count(*) filter (where a @> b), count(*) filter (where a <@ b), count(*) from (select jsonb_build_object('k'
    || i % 3, i % 2, 'long' || i % 5, i % 3, 'm', jsonb_build_array(i % 2, i % 3)) a from generate_series(1, 60) i)
    x, (select jsonb_build_object('long' || i % 5, i % 3, 'm', jsonb_build_array(i % 3)) b from generate_series(1,
    60) i) y;
select (select jsonb_object_agg('k' || g, g) from generate_series(1, 3000) g) @> (select jsonb_object_agg('k' || g,
    g) from generate_series(1, 3000, 7) g), (select jsonb_object_agg('k' || g, g) from generate_series(1, 3000) g)
    @> (select jsonb_object_agg('k' || g, g + g / 2900) from generate_series(1, 3000, 7) g);
select array[1, 2] && array[]::int[], array[]::int[] <@ array[1], array[1, null] && array[null]::int[], array[1, 2,
    2] @> array[2, 2, 1], array[1, null] @> array[null]::int[], array['a', 'b'] && array['c', 'b'];
select (select array_agg(g) from generate_series(1, 700) g) @> (select array_agg(g) from generate_series(700, 1, -3)
    g), (select array_agg(g) from generate_series(1, 700) g) && (select array_agg(-g) from generate_series(1, 700)
    g);
select btrim('xxäxabcäx', 'äx'), ltrim('zzabc', 'yz'), rtrim('abcyy', 'y'), btrim('abc', ''), btrim('', 'a'),
    btrim('aaa', 'a'), btrim('  a ');
select btrim('\x00000100'::bytea, '\x00'), ltrim('\xffeeff'::bytea, '\xee'), rtrim('\x010203'::bytea, '\x0302'),
    btrim('\x01'::bytea, ''::bytea), btrim('\x0101'::bytea, '\x01');
select length(btrim(repeat('a', 30000) || 'z', repeat('b', 300) || 'a')), length(translate(repeat('az', 3000),
    repeat('b', 300) || 'a', 'x')), translate('12345', '143', 'ax'), translate('äöü', 'öä', 'o');
select count(*) from (select 1 union all select 2 union all select 3) a, (select 4 union all select 5) b;
-- may refuse
select * from (select 1 x union all (select a.x from (values (1)) a(x) right join (values (2)) b(x) on a.x = b.x)) q
    where x > 0;
-- may refuse
select * from ((select 1 x union all select 2) union all (select 3 union all select b.x from (values (1)) a(x) full
    join (values (2)) b(x) on a.x = b.x)) q where x > 0;
