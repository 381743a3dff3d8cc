-- What the catalog says to programs that dump a database
select acldefault('r', 10), acldefault('s', 10), acldefault('f', 77), acldefault('T', 10), acldefault('c', 10),
    acldefault('n', 6171), acldefault('d', 10), acldefault('l', null);
select acldefault('x', 10);
select * from pg_options_to_table('{a=b,c,=d,e=f=g}');
select option_value, option_name from pg_options_to_table(null);
select * from pg_options_to_table('{a=b,null}');
select count(*) from pg_options_to_table('{}');
select ('abc'::name)[0], ('abc'::name)[2], ('abc'::name)[3] = '', ('abc'::name)[63] = '', ('abc'::name)[64],
    ('abc'::name)[-1], ('é'::name)[0], pg_typeof(('abc'::name)[1]);
-- may refuse
select ('abc'::name)[0:1];
select oid, typname, typlen, typbyval, typtype, typcategory, typispreferred, typisdefined, typdelim, typelem,
    typalign, typstorage, typcollation, typsubscript <> 0 from pg_type where typname in ('bool', 'bytea', 'char',
    'name', 'int8', 'int2', 'int2vector', 'int4', 'text', 'oid', 'tid', 'oidvector', 'json', '_json', 'unknown',
    'float4', 'float8', '_name', '_int8', '_text', 'bpchar', 'varchar', 'date', 'time', 'timestamp', 'timestamptz',
    '_timestamp', 'interval', 'timetz', 'numeric', '_numeric', 'record', '_record', 'void', 'anyarray', 'uuid',
    'jsonb', '_uuid') order by oid;
create type mood as enum ('sad', 'ok');
create domain short as text default 'abc' check (value ~ '^a' and length(value) > 2);
create domain few as varchar(10) not null default 'x' constraint named check (value in ('x', 'y'));
create domain amount as numeric(5,2) default 1.5;
create domain over_short as short check (value <> 'abcd');
select typname, typlen, typbyval, typalign, typstorage, typtype, typcategory, typcollation, typdefault,
    pg_get_expr(typdefaultbin, 'pg_type'::regclass) from pg_type where typname in ('mood', '_mood', 'short', 'few',
    '_few', 'amount') order by typname;
select conname, pg_get_constraintdef(oid), pg_get_constraintdef(oid, true) from pg_constraint where conname in
    ('named', 'short_check') order by conname;
-- may refuse
select pg_get_constraintdef(oid) from pg_constraint where conname = 'over_short_check';
create function one(a int, b text) returns int language plpgsql as $$ begin return 1; end $$;
create function two(a int, out b text, out "C d" int) language plpgsql as $$ begin b := 'x'; end $$;
create function three(a int) returns table (x int, y text) language plpgsql as $$ begin return; end $$;
create function four() returns setof int language plpgsql as $$ begin return; end $$;
create function five(int, numeric) returns void language plpgsql as $$ begin return; end $$;
create procedure six(a int) language plpgsql as $$ begin return; end $$;
select proname, pg_get_function_arguments(oid), pg_get_function_identity_arguments(oid), pg_get_function_result(oid)
    from pg_proc where proname in ('one', 'two', 'three', 'four', 'five', 'six') order by proname;
create table lengths (a varchar(3) default null, b varchar default null, c char(3) default null,
    d numeric(3,1) default null, e numeric default null, f timestamp(3) default null, g time(2) default null,
    h interval(2) default null, j text default null, k int default null, n varchar(3)[] default null,
    p timestamptz(0) default null, q bytea default '', r bytea default '\x0aff', s bytea default 'abc',
    m mood default 'ok');
select attname, pg_get_expr(adbin, adrelid), attlen, attbyval, attalign, attstorage from pg_attribute left join
    pg_attrdef on adrelid = attrelid and adnum = attnum where attrelid = 'lengths'::regclass and attnum > 0
    order by attnum;
alter table lengths alter b set default null, alter a set default null, alter k set default 5;
alter table lengths alter k set default null;
select column_name, column_default::text from information_schema.columns where table_name = 'lengths'
    order by ordinal_position;
insert into lengths (b) values ('x');
select a, b, c, d, k, q, s, m from lengths;
set bytea_output = escape;
-- may refuse
select pg_get_expr(adbin, adrelid) from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum
    where attname = 'q';
reset bytea_output;
set search_path to '';
select format_type(atttypid, atttypmod) from pg_catalog.pg_attribute where attrelid = 'public.lengths'::regclass and
    attname = 'm';
select 'public.mood'::regtype, 'public.mood[]'::regtype;
select pg_catalog.pg_get_expr(adbin, adrelid) from pg_catalog.pg_attrdef where adrelid = 'public.lengths'::regclass and
    adnum = 16;
select pg_catalog.pg_get_function_arguments(oid) from pg_catalog.pg_proc where proname = 'two';
reset search_path;
select nspname, pg_get_userbyid(nspowner), nspacl from pg_namespace where nspname = 'public';
select rolname, rolcanlogin, rolsuper from pg_roles where oid = 6171;
drop table lengths;
drop function one(int, text), two(int), three(int), four(), five(int, numeric);
drop procedure six(int);
drop domain over_short;
drop domain short;
drop domain few;
drop domain amount;
drop type mood;
-- Keys over the same columns in one statement are one
create table keys (a int unique primary key, b int, c int unique, unique (c), unique (b, c), unique (c, b),
    constraint given unique (b, c), constraint given_too unique (c));
select conname, pg_get_constraintdef(oid), conindid::regclass from pg_constraint where conrelid = 'keys'::regclass
    order by 1;
insert into keys values (1, 2, 3);
insert into keys values (1, 3, 4);
insert into keys values (2, 3, 3);
alter table keys add unique (b), add unique (b);
create sequence "odd-name";
create schema apart;
create sequence apart.s;
create table draws (a int default nextval('odd-name'), b int default nextval('"odd-name"'), c bigint default
    nextval('public.odd-name'), d int default nextval('apart.s'));
select attname, pg_get_expr(adbin, adrelid) from pg_attrdef join pg_attribute on attrelid = adrelid and
    attnum = adnum where adrelid = 'draws'::regclass order by attnum;
select count(*) from pg_depend where classid = 'pg_attrdef'::regclass and refobjid = 'draws'::regclass;
select count(*), min(deptype) from pg_depend where classid = 'pg_attrdef'::regclass and refobjid = 'apart.s'::regclass;
drop table keys, draws;
drop sequence "odd-name";
drop sequence apart.s;
drop schema apart;
create table "A b" (a int);
create table plain (a int);
select '"A b"'::regclass::text, ' plain '::regclass::text, 'Public . PLAIN'::regclass::text, 'public."A b"'::regclass;
select 'plain b'::regclass;
select 'plain-b'::regclass;
select 'plain.'::regclass;
select '"plain'::regclass;
select ''::regclass;
select 'a"b'::regclass;
drop table "A b", plain;
-- Views are made under an empty path, as dumps make them
create table based (id int, n int);
set search_path to '';
create view public.over_it as select based.id, based.n from public.based where based.n > 1;
insert into public.over_it values (1, 2);
select * from public.over_it;
reset search_path;
drop view over_it;
drop table based;
create table clocks (a timestamp(0) default localtimestamp(0), b timestamptz(3) default current_timestamp(3),
    c time(2) default localtime(2), d timetz(1) default current_time(1), e timestamp default localtimestamp(2),
    f timestamp(0) default localtimestamp);
select attname, pg_get_expr(adbin, adrelid) from pg_attrdef join pg_attribute on attrelid = adrelid and
    attnum = adnum where adrelid = 'clocks'::regclass order by attnum;
create function nothing() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger told before insert on clocks for each row execute function nothing();
select pg_get_triggerdef(oid), pg_get_triggerdef(oid, true) from pg_trigger where tgname = 'told';
set search_path to '';
select pg_catalog.pg_get_triggerdef(oid), pg_catalog.pg_get_triggerdef(oid, true) from pg_catalog.pg_trigger
    where tgname = 'told';
reset search_path;
drop table clocks;
drop function nothing();
select count(*) from pg_shseclabel;
select objoid, classoid, provider, label from pg_catalog.pg_shseclabel where classoid = 'pg_database'::regclass;
select count(*) from pg_seclabel;
select count(*) from pg_parameter_acl;
