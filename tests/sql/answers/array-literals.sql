-- An array's text is read as PostgreSQL reads it, and shown in its own form
select '{1,null,3}'::int[], '{ 1 , 2 }'::int[], '{}'::int[], ' {  } '::int[], '{"1","2"}'::int[];
select '{foo,null,NULL,"null",NuLl}'::text[], '{"a b",c d, e ,"x,y","q\"r\\"}'::text[], '{""}'::text[];
select '{a}}'::text[];
select '{a'::text[];
select 'a'::text[];
select ''::text[];
select '{a}b'::text[];
select '{a,}'::text[];
select '{,a}'::text[];
select '{"a"b}'::text[];
select '{a"b"}'::text[];
select '{1,x}'::int[];
select '{1,99999999999}'::int[];
select '{{1,2},{3,4}}'::int[], '{{ a ,null},{"b","c d"}}'::text[];
select '{{1,2},{3}}'::int[];
select '{{1,2},3}'::int[];
select '{1,{2}}'::int[];
select '[1:2]={1,2}'::int[], '[0:1]={1,2}'::int[], '[2]={1,2}'::int[];
select '[1:3]={1,2}'::int[];
select '[1:2]{1,2}'::int[];
select '{t,f,true,no,null}'::bool[], '{1.50,2e2,NaN}'::numeric[], '{1.5,1e10}'::float8[], '{2024-1-2,null}'::date[];
select '{"2024-01-02 03:04:05.10",2024-01-02}'::timestamp[], '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}'::uuid[],
    '{"{\"b\":1,\"a\":2}"}'::jsonb[];
select array['a','b'] = '{"a","b"}', '{null}'::text[] = array[null]::text[], array[1,2] = '{ 1, 2 }',
    array['a b'] = '{a b}';
select '{ 1 , 2 }'::text::int[], '{01, 2}'::text[]::int[], '{1,2}'::int[]::text[], '{x}'::text::int[];
select '{1,x}'::text[]::int[];
-- with { 1 , null }
select $1::int[], 1 = any($1::int[]);
-- with {x}
select $1::int[];
select unnest('{ b , null , "c d" }'::text[]), array_length('{ 1, 2 }'::int[], 1), ('{ 7, 8 }'::int[])[2];
select 2 = any('{ 1 , 2 }'), 3 = all('{3, 3 }'::int[]), 1 = any('{null}'::int[]);
select array_to_string('{a, null ,b}'::text[], ',', '*'), '{a,b}'::text[] || '{ c }', '{1}'::int[] || 2;
select json_build_array('{1,null,2}'::int[], '{"a b",c}'::text[]);
select array_lower(a, 1), array_upper(a, 1), array_length(a, 1), array_length(a, 2), cardinality(a)
    from (values ('{7,8,9}'::int[]), ('{}'), ('[2:4]={7,8,9}'), ('{{1,2,3},{4,5,6}}'),
    ('[0:1][5:6]={{1,2},{3,4}}')) t(a);
select array_lower('[0:1][5:6]={{1,2},{3,4}}'::int[], 2), array_upper('[0:1][5:6]={{1,2},{3,4}}'::int[], 2),
    array_upper('{1}'::int[], 3), array_length('{1}'::int[], 0);
select cardinality('{"a,b","{}",c}'::text[]), array_length('{"",NULL}'::text[], 1),
    array_upper('{"\"",x\,y}'::text[], 1);
select array_lower('1 2 3'::int2vector, 1), array_upper('1 2 3'::int2vector, 1), array_length('1 2 3'::int2vector, 1);
select array_position('{a,b,NULL,c}'::text[], 'c'), array_position('{a,b,NULL,c}'::text[], null),
    array_position('[2:4]={x,y,z}'::text[], 'y'), array_position('{a}'::text[], 'z');
select array_position('{{a,b},{c,d}}'::text[], 'c');
select array_to_string('{{1,2},{3,4}}'::int[], '-'), array_to_string('[3:4]={a,NULL}'::text[], ',', '*'),
    array_to_string('{"a b",NULL,"q\"r"}'::text[], ',');
select string_to_array('a,b,,null', ',', 'b'), string_to_array('', ','), string_to_array('abc', ''),
    string_to_array('aéb', null), string_to_array('a,', ','), string_to_array('a b{}"', ' ');
