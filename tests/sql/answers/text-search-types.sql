-- tsvector and tsquery: what is read and shown, their order, operators, columns and arrays
select 'the cat:3A sat:1,2b'::tsvector, $$'a b':1 'it''s' 'back\\slash'$$::tsvector, ''::tsvector,
    'a:3 a:1A,3C a'::tsvector;
select 'a:0'::tsvector;
select 'a:'::tsvector;
select 'a:1x'::tsvector;
select $$'a$$::tsvector;
select 'a:99999999999,20000'::tsvector, ':1'::tsvector, 'a:1D2'::tsvector;
select 'a & b | !c'::tsquery, 'a <-> b <3> c'::tsquery, '(a | b) & c'::tsquery, 'a:*AB & b:d'::tsquery, ''::tsquery;
select 'a & (b & c)'::tsquery, '(a <-> b) <-> c'::tsquery, 'a <-> (b <-> c)'::tsquery, '!(a | b)'::tsquery;
select 'a & '::tsquery;
select 'a b'::tsquery;
select 'a <16385> b'::tsquery;
select '(a'::tsquery;
select 'a & (b & c)'::tsquery = '(a & b) & c'::tsquery, 'a:A'::tsquery = 'a'::tsquery,
    'a & b'::tsquery < 'a | b'::tsquery;
select numnode('a & (b & c)'::tsquery), querytree('a & !b | !c'::tsquery), querytree('!a'), querytree('');
select 'a'::tsquery && 'b', 'a'::tsquery || 'b & c', !!'a & b'::tsquery, 'a'::tsquery <-> 'b', tsquery_phrase('a',
    'b', 7);
select 'a'::tsquery && '', tsquery_phrase('', 'b'), tsquery_phrase('a', 'b', -1);
select 'a & b'::tsquery @> 'a', 'a'::tsquery <@ 'a | b', 'a'::tsquery @> 'b';
select 'a:1 b:2'::tsvector || 'b:1A c:2', 'a'::tsvector || 'b:3', ''::tsvector || 'x:1';
select setweight('a:1,2 b:3', 'a'), setweight('a:1,2 b:3', 'B', '{b,null,c}'), strip('a:1 b:2'),
    length('a b c'::tsvector);
-- What no weight is, and a lexeme of 2047 bytes, is answered differently by releases of PostgreSQL 15
do $$ declare refused bool := false;
begin
    begin
        perform setweight('a:1'::tsvector, 'x');
    exception when others then
        refused := true;
    end;
    if not refused then raise exception 'a weight called x'; end if;
end $$;
select ts_delete('a:1 b:2 c', 'b'), ts_delete('a:1 b:2 c', '{a,c,null}'::text[]), ts_filter('a:1A,2B b:3', '{a,d}');
select ts_filter('a:1', '{x}');
select ts_filter('a:1', '{null}');
select tsvector_to_array('b:1 a'), array_to_tsvector('{b,a,b}'), array_to_tsvector('{}');
select array_to_tsvector('{a,null}');
select array_to_tsvector(array['a', '']);
select 'a b'::tsvector @@ 'a & !c', 'a:1A'::tsvector @@ 'a:B', 'a'::tsvector @@ 'a:B',
    'a:1 b:3'::tsvector @@ 'a <2> b';
select 'a b'::tsvector @@ 'a <-> b', 'a b'::tsvector @@ '!(a <-> b)', 'abc:1 b:2'::tsvector @@ 'a:* <-> b',
    'a'::tsquery @@ 'a';
select 'a:1 c:2 b:3'::tsvector @@ 'a <-> !b <-> b', 'a:1 b:2'::tsvector @@ '(a | c) <-> b',
    'a'::tsvector @@ ''::tsquery;
select 'a:1'::tsvector @@@ 'a'::tsquery, 'a'::tsquery @@@ 'a:1'::tsvector;
select tsvector_cmp('a', 'b'), tsvector_cmp('a:1', 'a'), tsquery_cmp('a', 'a & b'), tsquery_cmp('a', 'a');
create table words (n int, v tsvector, q tsquery);
insert into words values (1, 'b:2 a:1', 'a & (b & c)'), (2, 'a', '!x'), (3, null, null), (4, 'a:1 b:2',
    '(a & b) & c');
select n, v, q from words order by n;
select n from words order by v, n;
select n from words order by q desc, n;
select v, count(*) from words group by v order by v;
select distinct v from words order by v;
select min(n), q from words group by q order by 1;
select n from words where v = 'a:1 b:2' order by n;
select n from words where q in ('(a & b) & c', '!x') order by n;
select v::text, q::text, v::text::tsvector = v from words order by n;
select array_agg(v order by n), array_agg(q order by n) from words where n < 3;
select to_json(v), to_jsonb(q), concat(v, q), format('%s|%s', v, q) from words order by n;
select row(v, q) from words order by n;
select a.n, b.n from words a join words b on a.v = b.v order by 1, 2;
-- with a b:1 | a & !b
select $1::tsvector @@ $2::tsquery, $1::tsvector, $2::tsquery;
create index words_v on words using gin (v);
create index words_g on words using gist (v);
select n from words where v @@ 'b' order by n;
update words set v = v || 'new:1' where n = 1;
select v from words where n = 1;
drop table words;
select length(repeat('x', 2046)::tsvector), numnode(repeat('x', 2046)::tsquery), length(to_tsvector('simple',
    repeat('x', 2046)));
select length(repeat('x', 2048)::tsvector);
select numnode(repeat('x', 2048)::tsquery);
select length(array_to_tsvector(array[repeat('x', 2046)])), length(to_tsvector('simple', repeat('x', 2048)));
select length(string_agg('w' || lpad(i::text, 6, '0') || ':1', ' ')::tsvector) from generate_series(1, 87381) i;
select length(to_tsvector('simple', string_agg('w' || lpad(i::text, 6, '0'), ' '))) from generate_series(1, 87382) i;
select 'a:16380'::tsvector || 'a:2,9 b:100A', to_tsvector('simple', repeat('x ', 300)), repeat('!', 32)::text || 'a';
select (repeat('!', 33) || 'a')::tsquery;
