-- Extensions: what they bring is there once they are created, and answers as it does there
select digest('a', 'md5');
select uuid_nil();
select similarity('a', 'b');
select 'a'::text % 'b'::text;
create extension pgcrypto;
create extension pgcrypto;
create extension if not exists pgcrypto;
create extension if not exists "uuid-ossp" with schema public;
create extension pg_trgm;
create extension fuzzystrmatch cascade;
create extension citext version '1.6';
create extension if not exists btree_gin;
-- refused
create extension tablefunc;
create extension nothing_of_the_kind;
-- any order
select extname, extversion, extrelocatable, nspname from pg_extension join pg_namespace n on n.oid = extnamespace
    where extname <> 'plpgsql';
select name, default_version, installed_version, comment from pg_available_extensions
    where name in ('pgcrypto', 'uuid-ossp', 'pg_trgm', 'btree_gist', 'citext', 'plpgsql') order by 1;
select proname, provolatile, proisstrict, prolang, prorettype::regtype, pg_get_function_identity_arguments(oid)
    from pg_proc
    where proname in ('digest', 'hmac', 'gen_salt', 'similarity', 'show_limit', 'levenshtein', 'uuid_generate_v5')
    order by 1, 6;
select count(*) from pg_depend d join pg_extension e on refobjid = e.oid and refclassid = 'pg_extension'::regclass
    join pg_proc p on classid = 'pg_proc'::regclass and objid = p.oid
    where deptype = 'e' and extname in ('uuid-ossp');
-- digests
select digest('abc', 'md5'), digest('abc'::bytea, 'sha1'), digest('', 'SHA224'), digest('\xff00'::bytea, 'sha256'),
    digest('abc', 'sha384'), digest('abc', 'sha512');
select encode(digest('p', 'sha256'), 'hex'), digest(null, 'md5'), digest('a', null);
-- may refuse
select digest('abc', 'sha3-256');
-- may refuse
select digest('abc', 'none');
select digest(1, 'md5');
select digest('a');
select hmac('data', 'key', 'md5'), hmac('data', repeat('k', 200), 'sha256'), hmac('\x00'::bytea, '\x'::bytea, 'sha512');
select length(gen_random_bytes(16)), length(gen_random_bytes(1024)), gen_random_bytes(null);
select gen_random_bytes(0);
select gen_random_bytes(1025);
select crypt('secret', '$2a$06$DCq7YPn5Rq63x1Lad4cll.'), crypt('secret', '$1$salt'), crypt('secret', 'ab'),
    crypt('secret', '_J9..rasm');
select crypt('secret', '$1$12345678$x'), crypt('', '$2a$05$DCq7YPn5Rq63x1Lad4cll.xxx'), crypt(null, 'ab');
select crypt('secret', '');
-- refused
select crypt('secret', '$2a$31$DCq7YPn5Rq63x1Lad4cll.');
-- may refuse
select crypt('secret', '$6$abc');
select crypt('pw', s) = crypt('pw', crypt('pw', s)), length(s) from
    (values (gen_salt('des')), (gen_salt('md5')), (gen_salt('bf')), (gen_salt('bf', 4)), (gen_salt('xdes'))) v(s);
select substr(gen_salt('bf', 8), 1, 7), substr(gen_salt('md5'), 1, 3), substr(gen_salt('xdes', 5), 1, 5);
select gen_salt('bf', 3);
select gen_salt('bf', 32);
select gen_salt('xdes', 4);
select gen_salt('nothing');
-- refused
select pgp_sym_encrypt('a', 'b');
-- refused
select encrypt('a', 'b', 'aes');
-- UUIDs
select uuid_nil(), uuid_ns_dns(), uuid_ns_url(), uuid_ns_oid(), uuid_ns_x500();
select uuid_generate_v3(uuid_ns_dns(), 'www.example.org'), uuid_generate_v5(uuid_ns_url(), 'http://example.org/ü'),
    uuid_generate_v5(null, 'a');
select substr(uuid_generate_v1()::text, 15, 1), substr(uuid_generate_v4()::text, 15, 1),
    uuid_generate_v4() = uuid_generate_v4(), uuid_generate_v1() <> uuid_generate_v1(), pg_typeof(uuid_generate_v1mc());
create table made (id uuid primary key default uuid_generate_v4(), pw text, 
    d bytea generated always as (digest(pw, 'sha1')) stored, check (similarity(pw, 'zzz') < 0.9));
insert into made (pw) values ('one'), ('two'), (null);
insert into made (pw) values ('zzz');
select count(distinct id), count(d) from made;
select pw, d from made order by pw;
update made set pw = crypt(pw, gen_salt('bf', 4));
select count(*) from made where pw = crypt('one', pw);
create index made_d on made (soundex(pw));
create view seen as select levenshtein(pw, 'one') from made;
drop extension pgcrypto;
drop extension fuzzystrmatch;
drop function digest(text, text);
drop table made cascade;
-- alike
select similarity('word', 'two words'), similarity('', 'a'), similarity('abc', 'abc'), similarity('ABC d', 'abc'),
    similarity('a b c', 'c b a'), similarity('a-1', 'a1'), similarity(null, 'a'), pg_typeof(similarity('a', 'b'));
select show_trgm('Word, two'), show_trgm(''), show_trgm('a1'), show_trgm('...');
select 'word' % 'two words', 'word' % 'wordy', 'abc'::text % 'xyz'::varchar, 'word' <-> 'wordy', 'a'::text <-> 'b';
select 7 % 3, '7' % 3, 7.5 % 2;
select show_limit();
set pg_trgm.similarity_threshold = 0.8;
select 'word' % 'wordy', show_limit();
select set_limit(0.2);
select 'word' % 'two words', show_limit(), current_setting('pg_trgm.similarity_threshold');
select set_limit(2);
reset pg_trgm.similarity_threshold;
create table names (n text);
insert into names values ('anna'), ('hanna'), ('bert'), ('berta'), (null);
create index names_trgm on names using gin (n gin_trgm_ops);
create index names_gist on names using gist (n gist_trgm_ops);
select indexdef from pg_indexes where tablename = 'names' order by 1;
select n, similarity(n, 'ana') from names where n % 'ana' order by n <-> 'ana', n;
select n from names order by n <-> 'bertha' limit 2;
-- refused
select word_similarity('a', 'b');
-- refused
select 'a' <% 'b';
-- sounds
select soundex('hello world!'), soundex('Anne'), soundex('Ann'), soundex(''), soundex('  x1y'), soundex('Tymczak'),
    soundex('Pfister'), soundex('A'), soundex('12'), text_soundex('Honeyman');
select difference('Anne', 'Andrew'), difference('Anne', 'Margaret'), difference('', 'a'), difference('Anne', 'Ann');
select levenshtein('GUMBO', 'GAMBOL'), levenshtein('GUMBO', 'GAMBOL', 2, 1, 1), levenshtein('', 'abc'),
    levenshtein('äöü', 'aöu'), levenshtein('same', 'same'), levenshtein('abc', ''),
    levenshtein('kitten', 'sitting', 3, 2, 4);
select levenshtein(repeat('a', 256), 'a');
select levenshtein(repeat('a', 255), repeat('ä', 255));
-- refused
select metaphone('Thompson', 4);
alter extension pg_trgm update;
alter extension pg_trgm update to '99';
alter extension nothing update;
comment on extension pgcrypto is 'mine';
drop extension nothing;
drop extension if exists nothing;
drop table names;
drop view if exists seen;
drop extension pgcrypto, "uuid-ossp";
drop extension if exists pg_trgm, fuzzystrmatch, citext, btree_gin cascade;
select digest('a', 'md5');
select 'a'::text % 'b'::text;
select count(*) from pg_extension where extname <> 'plpgsql';
select extname from pg_extension order by 1;
