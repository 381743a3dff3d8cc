-- Text search: documents, queries of texts, ranks, headlines, and JSON
select to_tsvector('english', 'The quick brown foxes jumped over 2 lazy dogs'), to_tsvector('simple', 'The Foxes'),
    to_tsvector('a fat cat');
select to_tsvector('english',
    'Mail joe@example.org or see http://www.example.org:80/a/b.html?q=1, version 1.2.3, -12.5e3 and ~/x'),
    to_tsvector('english', '');
select to_tsvector('english',
    'a well-known non-ASCII wörd, foo-bar-2b 3rd-party <a href="x">tag</a> &amp; /usr/lib/x.so'),
    to_tsvector('english', null);
select to_tsvector('german', 'Die Häuser und die Katzen'), to_tsvector('french', 'les chevaux mangeaient'),
    to_tsvector('russian', 'красивые foxes'), to_tsvector('spanish', 'los gatos corriendo'), to_tsvector('finnish',
    'talossa'), to_tsvector('greek', 'x');
select to_tsvector('nope', 'x');
select to_tsvector('x.english', 'x');
select to_tsvector('pg_catalog.english', 'running'), 'english'::regconfig, 'pg_catalog.simple'::regconfig::oid,
    'german_stem'::regdictionary;
select 'nope'::regdictionary;
select to_tsquery('english', 'The & Cats:*AB | !running <-> dogs'), to_tsquery('english', 'a <-> the <-> cat'),
    to_tsquery('english', 'cat <-> the <2> dog'), to_tsquery('english', 'the');
select to_tsquery('english', 'cat dog');
select to_tsquery('english', 'foo-bar & x@y.org');
select plainto_tsquery('english', 'The Fat & Rats:C'), phraseto_tsquery('english', 'the cat in the hats'),
    phraseto_tsquery('english', ''), plainto_tsquery('');
select websearch_to_tsquery('english', '"big cats" or dogs -mouse'), websearch_to_tsquery('english',
    'a "quoted the phrase'), websearch_to_tsquery('simple', '-(x) or or y &'), websearch_to_tsquery('english', ' ');
select to_tsvector('english', 'fat cats ate rats') @@ to_tsquery('english', 'cat & rat'), 'fat cats' @@ 'cat',
    'fat cats'::text @@ to_tsquery('cat');
select ts_rank('a:1 b:3A', 'a & b'), ts_rank('a:1,5,7 b:3A', 'a | b', 32), ts_rank('{0.1,0.2,0.4,1}', 'a:1B b:2',
    'a & b', 1), ts_rank('a b', 'a & b'), ts_rank('a', 'b');
select ts_rank_cd('a:1 b:3A c:9', 'a & b'), ts_rank_cd('a:1,5 b:3A c:4', 'a & c', 4), ts_rank_cd('{1,1,1,1}',
    'a:1 b:4', 'a <3> b', 16), ts_rank_cd('a b', 'a & b');
select ts_rank('{0.1}', 'a', 'a');
select ts_rank('{0.1,0.2,null,1}', 'a', 'a');
select ts_rank('{0.1,0.2,2,1}', 'a', 'a');
select ts_headline('english',
    'A text that is long enough: to find all documents with these terms, in order'
    ' of their similarity to the query.', to_tsquery('english', 'query & similarity'));
select ts_headline('english',
    'A text that is long enough: to find all documents with these terms, in order'
    ' of their similarity to the query.', to_tsquery('english', 'query & similarity'),
    'MaxFragments=10, MaxWords=7, MinWords=3, StartSel=<<, StopSel=>>');
select ts_headline('simple', 'a <b>bold</b> word & http://x.com/y and so on', 'bold | so'::tsquery,
    'HighlightAll=true, StartSel = "[ ", StopSel='' ]''');
select ts_headline('english', 'x', 'x'::tsquery, 'MaxWords=1');
select ts_headline('english', 'x', 'x'::tsquery, 'Foo=1');
select ts_headline('english', 'x', 'x'::tsquery, 'MaxWords=a');
select ts_headline('english', 'x', 'x'::tsquery, 'MaxWords');
select ts_headline('english', 'one two', '');
select ts_headline('english', 'one', 'one', 'x');
select ts_lexize('english_stem', 'stars'), ts_lexize('english_stem', 'a'), ts_lexize('simple', 'A'),
    ts_lexize('english_stem', '');
select get_current_ts_config();
set default_text_search_config = simple;
select get_current_ts_config(), to_tsvector('The cats'), to_tsquery('The & Cats');
reset default_text_search_config;
select to_tsvector('english', '{"a": "the cats", "b": ["dogs run", 12, true, null, {"c": "x"}]}'::jsonb),
    to_tsvector('english', '{"bb": "aa", "a": "bb \u0041"}'::json), to_tsvector('"cats"'::jsonb);
select jsonb_to_tsvector('english', '{"keys": "the cats", "n": [12, true]}', '["key", "numeric"]'),
    json_to_tsvector('english', '{"keys": "the cats", "n": [12, true]}', '"all"'), jsonb_to_tsvector('english',
    '{"a": true}', '["boolean", "string"]');
select jsonb_to_tsvector('english', '{"a": "b"}', '"any"');
select jsonb_to_tsvector('english', '{"a": "b"}', '{}');
select jsonb_to_tsvector('english', '{"a": "b"}', '[1]');
select ts_headline('english', '{"a": "the cats sat", "b": ["dog", 1]}'::jsonb, to_tsquery('cat')),
    ts_headline('{ "a" : "the cats" , "cats": null }'::json, to_tsquery('cat'), 'StartSel=<, StopSel=>');
create table notes (n int, body text, v tsvector generated always as (to_tsvector('english', body)) stored);
insert into notes values (1, 'Cats and dogs'), (2, 'Running dogs'), (3, null);
create index on notes using gin (v);
create index on notes using gin (to_tsvector('english', body));
select n, v from notes order by n;
select n, ts_rank(v, q) from notes, to_tsquery('english', 'dog') q where v @@ q order by n;
select n from notes where to_tsvector('english', body) @@ to_tsquery('english', 'run | cat') order by n;
update notes set body = 'no animals' where n = 1;
select n, v from notes where v @@ 'anim' order by n;
alter table notes add column t tsvector default to_tsvector('simple', 'x');
select n, t from notes order by n;
drop table notes;
select length(ts_headline('english', 'foo bar', 'foo', 'StopSel=' || repeat('x', 32767)));
select ts_headline('english', 'foo bar', 'foo', 'StartSel=' || repeat('x', 32768));
select 'wr qh'::tsvector @@ any ('{wr,qh}'), 'qh'::tsvector @@ all ('{wr,qh}'), 'ab' ~ any ('{^b,b$}'),
    3 % any ('{0}');
create table by_session (n int, body text);
create index on by_session using gin (to_tsvector(body));
create index on by_session ((body @@ 'x'));
create table by_session_too (body text, v tsvector generated always as (to_tsvector(body)) stored);
insert into by_session values (1, 'the cats');
prepare by_session as select to_tsvector(body), to_tsquery('cats'), to_tsvector('cats') from by_session;
execute by_session;
set default_text_search_config = 'simple';
execute by_session;
reset default_text_search_config;
drop table by_session;
