-- Paths of jsonb: how they are read, shown, and what they find
select '$'::jsonpath, 'strict $'::jsonpath, 'lax $'::jsonpath, '$.a'::jsonpath, '$.a.v'::jsonpath, '$.a.*'::jsonpath;
select '$.*[*]'::jsonpath, '$.a[*]'::jsonpath, '$.a[*][*]'::jsonpath, '$[*]'::jsonpath, '$[0]'::jsonpath;
select '$[*][0]'::jsonpath, '$[*].a'::jsonpath, '$[*][0].a.b'::jsonpath, '$.a.**.b'::jsonpath,
    '$.a.**{2}.b'::jsonpath;
select '$.a.**{2 to 2}.b'::jsonpath, '$.a.**{2 to 5}.b'::jsonpath, '$.a.**{0 to 5}.b'::jsonpath;
select '$.a.**{5 to last}.b'::jsonpath, '$.a.**{last}.b'::jsonpath, '$.a.**{last to 5}.b'::jsonpath;
select '$+1'::jsonpath, '$-1'::jsonpath, '$--+1'::jsonpath, '$.a/+-1'::jsonpath, '1 * 2 + 4 % -3 != false'::jsonpath;
select '"\b\f\r\n\t\v\"\''\\"'::jsonpath, '"\x50\u0067\u{53}\u{051}\u{00004C}"'::jsonpath,
    '$.foo\x50\u0067\u{53}'::jsonpath;
select '$.g ? ($.a == 1)'::jsonpath, '$.g ? (@ == 1)'::jsonpath, '$.g ? (@.a == 1)'::jsonpath;
select '$.g ? (@.a == 1 || @.a == 4)'::jsonpath, '$.g ? (@.a == 1 && @.a == 4)'::jsonpath;
select '$.g ? (@.a == 1 || @.a == 4 && @.b == 7)'::jsonpath, '$.g ? (@.a == 1 || !(@.a == 4) && @.b == 7)'::jsonpath;
select '$.g ? (@.a == 1 || !(@.x >= 123 || @.a == 4) && @.b == 7)'::jsonpath;
select '$.g ? (@.x >= @[*]?(@.a > "abc"))'::jsonpath, '$.g ? ((@.x >= 123 || @.a == 4) is unknown)'::jsonpath;
select '$.g ? (exists (@.x))'::jsonpath, '$.g ? (exists (@.x ? (@ == 14)))'::jsonpath;
select '$.g ? ((@.x >= 123 || @.a == 4) && exists (@.x ? (@ == 14)))'::jsonpath;
select '$.g ? (+@.x >= +-(+@.a + 2))'::jsonpath, '$a'::jsonpath, '$a.b'::jsonpath, '$a[*]'::jsonpath;
select '$.g ? (@.zip == $zip)'::jsonpath, '$.a[1,2, 3 to 16]'::jsonpath,
    '$.a[$a + 1, ($b[*]) to -($[0] * 2)]'::jsonpath;
select '$.a[$.a.size() - 3]'::jsonpath, '"last"'::jsonpath, '$.last'::jsonpath, '$[last]'::jsonpath,
    '$[$[0] ? (last > 0)]'::jsonpath;
select 'null.type()'::jsonpath, '"aaa".type()'::jsonpath, 'true.type()'::jsonpath,
    '$.double().floor().ceiling().abs()'::jsonpath;
select '$.keyvalue().key'::jsonpath, '$.datetime()'::jsonpath, '$.datetime("datetime template")'::jsonpath;
select '$ ? (@ starts with "abc")'::jsonpath, '$ ? (@ starts with $var)'::jsonpath,
    '$ ? (@ like_regex "pattern")'::jsonpath;
select '$ ? (@ like_regex "pattern" flag "")'::jsonpath, '$ ? (@ like_regex "pattern" flag "i")'::jsonpath;
select '$ ? (@ like_regex "pattern" flag "isim")'::jsonpath, '$ ? (@ like_regex "pattern" flag "q")'::jsonpath;
select '$ < 1'::jsonpath, '($ < 1) || $.a.b <= $x'::jsonpath, '($).a.b'::jsonpath, '($.a.b).c.d'::jsonpath;
select '($.a.b + -$.x.y).c.d'::jsonpath, '(-+$.a.b).c.d'::jsonpath, '1 + ($.a.b + 2).c.d'::jsonpath,
    '1 + ($.a.b > 2).c.d'::jsonpath;
select '($)'::jsonpath, '(($))'::jsonpath, '((($ + 1)).a + ((2)).b ? ((((@ > 1)) || (exists(@.c)))))'::jsonpath;
select '$ ? (@.a < 1)'::jsonpath, '$ ? (@.a < -1)'::jsonpath, '$ ? (@.a < .1)'::jsonpath,
    '$ ? (@.a < 10.1e1)'::jsonpath;
select '0'::jsonpath, '0.0'::jsonpath, '0.0010'::jsonpath, '0.0010e-1'::jsonpath, '0.0010e+2'::jsonpath,
    '1e3'::jsonpath, '1.'::jsonpath;
select '(1.2).type()'::jsonpath, '(1.2).a'::jsonpath, '1.2 + 3'::jsonpath, '$ /* c */ . a'::jsonpath;
select ''::jsonpath;
select '$.'::jsonpath;
select '@ + 1'::jsonpath;
select 'last'::jsonpath;
select '$ ? (last > 0)'::jsonpath;
select '$ ? (@ like_regex "pattern" flag "xsms")'::jsonpath;
select '$ ? (@ like_regex "pattern" flag "a")'::jsonpath;
select '00'::jsonpath;
select '1a'::jsonpath;
select '1e'::jsonpath;
select '$ < 1 < 2'::jsonpath;
select '$ ? (@)'::jsonpath;
select '$ ? @ > 1'::jsonpath;
select '"abc'::jsonpath;
select '$.a b'::jsonpath;
select '$ + ($ > 1)'::jsonpath;
select '!$.a'::jsonpath;
select jsonb '{"a": 12}' @? '$', jsonb '{"a": 12}' @? '1', jsonb '{"a": 12}' @? '$.a.b', jsonb '{"a": 12}' @? '$.b';
select jsonb '{"a": {"a": 12}}' @? '$.a.a', jsonb '{"a": {"a": 12}}' @? '$.*.a', jsonb '{"b": {"a": 12}}' @? '$.*.b';
select jsonb '{"b": {"a": 12}}' @? 'strict $.*.b', jsonb '{}' @? '$.*', jsonb '{"a": 1}' @? '$.*',
    jsonb '[]' @? '$[*]';
select jsonb '{"a": {"b": 1}}' @? 'lax $.**{1}', jsonb '{"a": {"b": 1}}' @? 'lax $.**{3}', jsonb '[1]' @? '$[1]';
select jsonb '[1]' @? 'strict $[1]', jsonb '[1]' @? 'lax $[10000000000000000]', jsonb '[1]' @? 'strict $[1.2]',
    jsonb '[1]' @? '$[0.3]';
select jsonb_path_query('[1]', 'strict $[1]');
select jsonb_path_query('[1]', 'strict $[1]', silent => true);
select jsonb_path_query('[1]', 'lax $[10000000000000000]');
select jsonb '{"a": [1,2,3], "b": [3,4,5]}' @? '$ ? (@.a[*] >  @.b[*])',
    jsonb '{"a": [1,2,3], "b": [3,4,5]}' @? '$ ? (@.a[*] >= @.b[*])';
select jsonb '{"a": [1,2,3], "b": [3,4,"5"]}' @? 'strict $ ? (@.a[*] >= @.b[*])',
    jsonb '1' @? '$ ? ((@ == "1") is unknown)';
select jsonb_path_exists('[{"a": 1}, {"a": 2}, 3]', 'lax $[*].a', silent => false),
    jsonb_path_exists('[{"a": 1}, {"a": 2}, 3]', 'strict $[*].a', silent => true);
select jsonb_path_exists('[{"a": 1}, {"a": 2}, 3]', 'strict $[*].a', silent => false);
select jsonb_path_query('1', 'lax $.a'), 1;
select jsonb_path_query('1', 'strict $.a');
select jsonb_path_query('1', 'strict $.*');
select jsonb_path_query('[]', 'strict $.a');
select jsonb_path_query('{}', 'strict $.a');
select jsonb_path_query('1', 'strict $[1]');
select jsonb_path_query('1', 'strict $[*]');
select jsonb_path_query('[]', 'strict $["a"]');
select * from jsonb_path_query('{"a": 12, "b": {"a": 13}}', '$.*.a');
select * from jsonb_path_query('{"a": 12, "b": {"a": 13}}', '$.**.a') with ordinality as t(v, n);
select * from jsonb_path_query('[12, {"a": 13}, {"b": 14}, "ccc", true]', '$[0 to 10 ? (@ > 1)]') x;
select * from jsonb_path_query('[12, {"a": 13}, {"b": 14}, "ccc", true]', '$[0,1,last]');
select * from jsonb_path_query('[12, {"a": 13}, {"b": 14}, "ccc", true]', '$[2 to 0]');
select * from jsonb_path_query('[1,2,3]', '$[last - 1]');
select * from jsonb_path_query('[1,2,3]', '$[last ? (@.type() == "number")]');
select * from jsonb_path_query('[1,2,3]', '$[last ? (@.type() == "string")]');
select * from jsonb_path_query('{"a": 10}', '$ ? (@.a < $value)', '{"value" : 13}');
select * from jsonb_path_query('{"a": 10}', '$ ? (@.a < $value)', '[]');
select * from jsonb_path_query('{"a": 10}', '$ ? (@.a < $value)');
select * from jsonb_path_query('[10,11,12,13,14,15]', '$[*] ? (@ < $value)', '{"value" : 13}');
select * from jsonb_path_query('[1,"1",2,"2",null]', '$[*] ? (@ == "1")');
select * from jsonb_path_query('[1,"1",2,"2",null]', '$[*] ? (@ == null)'), jsonb_path_query('[1, "2", null]',
    '$[*] ? (@ != null)');
select * from jsonb_path_query('{"a": {"b": 1}, "c": [2, {"b": 3}]}', '$.**{0 to last}');
select * from jsonb_path_query('{"a": {"b": 1}, "c": [2, {"b": 3}]}', '$.**{1}');
select * from jsonb_path_query('{"a": {"b": 1}, "c": [2, {"b": 3}]}', '$.**{2 to last}.b');
select * from jsonb_path_query('{"a": {"b": 1}, "c": [2, {"b": 3}]}', '$.**{last}');
select * from jsonb_path_query('{"a": {"b": 1}, "c": [2, {"b": 3}]}', 'strict $.**.b');
select * from jsonb_path_query('{"g": {"x": 2}}', '$.g ? (exists (@.x ? (@ >= 2) ))'),
    jsonb_path_query('{"g": [{"x": 2}, {"y": 3}]}', 'strict $.g[*] ? (exists (@.y))');
select jsonb_path_query('[1, 2.50, "3", "x", null]', '$[*] ? (@.type() == "number").abs()');
select jsonb_path_query('[-0.5, 1.50, 2]', '$[*].floor()'), jsonb_path_query('[-0.5, 1.50, 2]',
    '$[*].ceiling()'), jsonb_path_query('[-0.5, 1.50, 2]', '$[*].abs()');
select jsonb_path_query('["1.23", "1e3", 2.50]', '$[*].double()');
select jsonb_path_query('"1.23aaa"', '$.double()');
select jsonb_path_query('"inf"', '$.double()');
select jsonb_path_query('{}', '$.double()');
select jsonb_path_query('true', '$.abs()');
select jsonb_path_query('[1, [2, 3], {}, "x", null, true]', '$[*].type()'),
    jsonb_path_query('[1, [2, 3], {}, "x", null, true]', 'lax $[*].size()');
select jsonb_path_query('[1]', 'strict $[*].size()');
select jsonb_path_query('{"b": 1, "a": [1, 2]}', '$.keyvalue()');
select jsonb_path_query('{"b": 1, "a": [1, 2]}', '$.keyvalue().key'), jsonb_path_query('{}', '$.keyvalue()');
select jsonb_path_query('1', '$.keyvalue()');
select jsonb_path_query('{"a": 5}', '$.a + 3 * 2'), jsonb_path_query('[7, 2]', '$[0] / $[1]'),
    jsonb_path_query('[7, 2]', '$[0] % $[1]');
select jsonb_path_query('[2, 3]', '-$[*]'), jsonb_path_query('[2, 3]', '+$[0] - -1.5');
select jsonb_path_query('1', '$ / 0');
select jsonb_path_query('[1, 2]', '$ + 1');
select jsonb_path_query('"x"', '1 + $');
select jsonb_path_query('["x"]', '-$[*]');
select jsonb_path_query('1', '$ > 0'), jsonb_path_query('1', '$ > "a"'), jsonb_path_query('1', '($ > 0).type()');
select jsonb_path_query('[null, 1, "abc", "abd", "aBdC", "abdacb", "babc"]', 'lax $[*] ? (@ starts with "abc")');
select jsonb_path_query('[null, 1, "abc", "abd", "aBdC", "abdacb", "babc"]', 'strict $ ? (@[*] starts with "abc")');
select jsonb_path_query('[null, 1, "abc", "abd", "aBdC", "abdacb", "babc"]', 'lax $[*] ? (@ like_regex "^ab.*c")');
select jsonb_path_query('[null, 1, "abc", "abd", "aBdC", "abdacb", "babc"]',
    'lax $[*] ? (@ like_regex "^ab.*c" flag "i")');
select jsonb_path_query('["a.c", "abc", "a\nc"]', '$[*] ? (@ like_regex "a.c" flag "q")'),
    jsonb_path_query('["a.c", "abc"]', '$[*] ? (@ like_regex "A.C" flag "iq")');
select jsonb_path_query('["a.c", "abc", "a\nc"]', '$[*] ? (@ like_regex "a.c")'), jsonb_path_query('["a\nc"]',
    '$[*] ? (@ like_regex "a.c" flag "s")');
select jsonb_path_query('["x\nabc\ny"]', '$[*] ? (@ like_regex "^abc$")'), jsonb_path_query('["x\nabc\ny"]',
    '$[*] ? (@ like_regex "^abc$" flag "m")');
select jsonb_path_match('true', '$', silent => false), jsonb_path_match('null', '$', silent => false),
    jsonb_path_match('1', '$ > 0');
select jsonb_path_match('1', '$', silent => true), jsonb '[true, true]' @@ '$[*]', jsonb '1' @@ '$ > 0',
    jsonb '"x"' @@ '$';
select jsonb_path_match('1', '$', silent => false);
select jsonb_path_match('[true, true]', '$[*]', silent => false);
select jsonb_path_query_array('[{"a": 1}, {"a": 2}, {}]', '$[*].a'), jsonb_path_query_array('[1]', '$[*] ? (@ > 5)');
select jsonb_path_query_array('[{"a": 1}, {"a": 2}, {}]', 'strict $[*].a');
select jsonb_path_query_array('[{"a": 1}, {"a": 2}, {}]', 'strict $[*].a', silent => true);
select jsonb_path_query_first('[{"a": 1}, {"a": 2}, {}]', '$[*].a'), jsonb_path_query_first('[1]', '$[*] ? (@ > 5)');
select jsonb_path_query_array('[1, 2, 3, 4]', '$[*] ? (@ > $min && @ < $max)', vars => '{"min": 1, "max": 4}');
select jsonb_path_exists(null, '$'), jsonb_path_exists('1', null), jsonb_path_query_first('1', '$', null);
create table p(id int primary key, j jsonb, w jsonpath);
insert into p values (1, '{"a": [1, 2, {"b": "x"}]}', '$.a[*] ? (@ > 1)'), (2, '{"a": {"b": "y"}}', '$.a.b'),
    (3, null, null);
select id, j @? '$.a.b', j @@ '$.a.b == "y"', jsonb_path_query_array(j, '$.**.b'), jsonb_path_query_array(j,
    w), w from p order by id;
select id from p where j @? '$.a[*] ? (@.b == "x")' order by id;
select id, x from p, jsonb_path_query(p.j, p.w) x order by id;
