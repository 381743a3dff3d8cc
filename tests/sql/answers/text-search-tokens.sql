-- Text search taken apart: tokens, ts_debug(), words of a tsvector, ts_rewrite(), and the catalog's tables
select * from ts_parse('default', 'foo-bar 12 <b>x</b> joe@example.org http://a.bc/d?e=f &amp; -1.5e3 1.2.3 ~/x a_b');
select * from ts_parse(3722, 'naïve-été x2');
select * from ts_parse('nope', 'a');
select ts_parse('default', 'a b');
select tokid, count(*) from ts_parse('default', 'a b 1') group by tokid order by 1;
select * from ts_token_type('default');
select alias from ts_token_type(3722) where tokid = 4;
select * from ts_debug('english', 'the cats <b> x-y');
select alias, token, dictionary, lexemes from ts_debug('a http://x.com/y 12');
select ts_debug('simple', 'A b');
select * from ts_debug('nope', 'x');
select * from unnest('a:1,2B b c:3A'::tsvector);
select unnest('a:1,2B b'::tsvector);
select (unnest('a:1 b'::tsvector)).lexeme;
select lexeme, positions[1], weights from unnest(to_tsvector('english', 'fat cats')) order by lexeme desc;
select t.n, u.lexeme from (values (1, 'a b'::tsvector), (2, 'c')) t(n, v), unnest(t.v) u order by 1, 2;
select * from unnest(null::tsvector);
-- may refuse
select * from ts_stat('select null::tsvector');
select ts_rewrite('a & b & c', 'a & c', 'x | y'), ts_rewrite('a | b', 'b', ''), ts_rewrite('a & b', 'a & b', '');
select ts_rewrite('a & (b | c) & d', 'd & a', '!z'), ts_rewrite('!a', 'a', ''), ts_rewrite('a <-> b & c', 'a <-> b',
    'q');
select ts_rewrite('b & a', 'c', 'd'), ts_rewrite('b | a | c', 'a | b | c', 'd'), ts_rewrite('', 'a', 'b');
select cfgname, cfgparser, cfgnamespace, obj_description(oid, 'pg_ts_config') from pg_ts_config order by 1;
select maptokentype, mapdict::regdictionary from pg_ts_config_map where mapcfg = 'russian'::regconfig order by 1;
select dictname, dictinitoption, obj_description(oid, 'pg_ts_dict') from pg_ts_dict order by 1;
select tmplname, tmplinit, tmpllexize from pg_ts_template order by 1;
select prsname, prsstart, prstoken, prsend, prsheadline, prslextype from pg_ts_parser;
select array(select mapdict::regdictionary from pg_ts_config_map where mapcfg = 13164 and maptokentype < 4 order by 1);
select array['simple'::regconfig, 'english'], 'english'::regconfig::text, 'simple'::regdictionary::oid;
