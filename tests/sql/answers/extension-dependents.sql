-- What uses an extension's types and operator classes keeps it; casts to citext; letters beyond ASCII in trigrams
create extension citext;
create extension pg_trgm;
create extension pgcrypto;
select true::citext, '1.1.1.1'::inet::citext, 12::citext, 1.50::citext,
    'ab '::char(4)::citext || '|', '2024-01-31'::date::citext;
select 1::int::citext = '1', array['A'::citext, 5::text::citext] = '{a,5}';
select similarity('äöü', 'ÄÖÜ'), similarity('Straße', 'strasse'), 'слово' % 'СЛОВА',
    'слово' <-> 'дело', similarity('日本語', '日本');
-- refused
select show_trgm('Äx');
select show_trgm('A-b 1');
select length(gen_salt('md5', 1000)), length(gen_salt('des', 25)), length(gen_salt('md5', 0));
select gen_salt('md5', 5);
select gen_salt('des', 1);
create table of_citext(e citext primary key);
drop extension citext;
drop table of_citext;
create table of_citexts(e citext[]);
drop extension citext;
-- refused
drop extension citext cascade;
drop table of_citexts;
create view with_citext as select 'A'::citext as e;
drop extension citext;
drop view with_citext;
create domain own_citext as citext;
drop extension citext;
drop domain own_citext;
create type with_citext as (a int, e citext);
drop extension citext;
drop type with_citext;
create function of_citext(citext) returns int language sql as 'select 1';
drop extension citext;
drop function of_citext;
create function of_citext(int) returns setof citext language sql as $$ select 'A'::citext $$;
drop extension citext;
drop function of_citext;
create temporary table of_citext(e citext);
drop extension citext;
drop table of_citext;
drop extension citext;
create table of_trigrams(t text);
create index trigrams on of_trigrams using gin (t gin_trgm_ops);
drop extension pg_trgm;
-- refused
drop extension pg_trgm cascade;
drop index trigrams;
drop extension pg_trgm;
drop extension pgcrypto;
drop table of_trigrams;
