-- Enums: columns, arrays, comparison, order, and what ALTER TYPE and DROP TYPE do
create type mood as enum ('sad', 'ok', 'happy');
create type mood as enum ('a');
create type "Odd one" as enum ('x y', 'z''');
create type empty_enum as enum ();
create table person (id int primary key, m mood default 'ok', ms mood[] default '{sad,happy}', o "Odd one");
insert into person (id) values (1);
insert into person values (2, 'happy', array['ok','sad']::mood[], 'x y'), (3, 'sad', '{}', null);
insert into person values (4, 'angry');
insert into person values (4, null, '{angry}');
insert into person (id, m) values (4, 5);
insert into person (id, m) select 5, 'happy';
insert into person (id, m) select 6, m from person where id = 2;
insert into person (id, m) select 7, 'happy'::text;
select * from person order by m, id;
select m, count(*) from person group by m order by m desc;
select min(m), max(m) from person;
select id from person where m = 'happy' order by id;
select id from person where m > 'sad' order by id;
select id from person where m in ('sad', 'ok') order by id;
select id from person where m = any('{sad,happy}') order by id;
select id from person where m = any(ms) order by id;
select id from person where ms @> array['sad']::mood[] order by id;
select id, ms[1], ms[2:], array_length(ms, 1), ms || 'ok'::mood from person order by id;
select m = 'bad' from person;
select m = 'ok'::text from person;
select m::text, m || '!', 'x' || m, length(m::text) from person order by id;
select 'happy'::mood, 'happy'::mood > 'sad', cast('ok' as mood), 'ok'::text::mood, null::mood;
select 'none'::mood;
select enum_first(null::mood), enum_last('ok'::mood), enum_range(null::mood), enum_range('ok'::mood, null),
    enum_range(null, 'ok'::mood), enum_range('sad'::mood, 'ok'::mood);
select pg_typeof(m), pg_typeof(ms), pg_typeof('ok'::mood) from person limit 1;
select coalesce(m, 'sad'), case when m = 'ok' then 'happy'::mood else m end, nullif(m, 'ok'),
    greatest(m, 'ok') from person order by id;
select distinct m from person order by m;
select m from person union select 'ok'::mood order by 1;
select array_agg(m order by m desc), array_agg(distinct m), string_agg(m::text, ',' order by id) from person;
select unnest(ms) from person where id = 1;
select x from unnest(array['ok','sad']::mood[]) x order by x;
select m, lag(m) over (order by id), first_value(m) over (order by id) from person order by id;
select to_json(m), json_build_object('m', m, 'a', ms), json_agg(m order by id) from person where id = 2 group by
    m, ms;
select concat(m, '-', id), format('%s', m), quote_literal(m) from person where id = 2;
update person set m = 'sad' where id = 1 returning m, ms;
update person set m = case id when 2 then 'ok'::mood else m end where id in (2, 3) returning id, m;
update person set ms = ms || array['ok'::mood] where id = 1 returning ms;
delete from person where m = 'sad' and id = 1 returning *;
alter type mood add value 'meh' before 'ok';
alter type mood add value 'ecstatic';
alter type mood add value if not exists 'meh';
alter type mood add value 'meh';
alter type mood add value 'x' after 'nope';
alter type mood add value 'first' before 'sad';
insert into person (id, m) values (10, 'meh'), (11, 'ecstatic'), (12, 'first');
select m from person order by m;
alter type mood rename value 'meh' to 'so-so';
alter type mood rename value 'meh' to 'so-so';
alter type mood rename value 'ok' to 'sad';
select m, ms from person where id = 10;
select enumlabel, enumsortorder::int from pg_enum where enumtypid = 'mood'::regtype order by enumsortorder desc
    limit 1;
select typname, typtype, typcategory, typlen, typelem = 'mood'::regtype from pg_type where typname in ('mood',
    '_mood')
    order by 1;
select column_name, data_type::text, udt_name::text, column_default::text from information_schema.columns
    where table_name = 'person' order by ordinal_position;
select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'person'::regclass and attnum > 0
    order by attnum;
create index on person (m);
create unique index on person (m, id);
create table pk (m mood primary key, n int);
insert into pk values ('sad', 1), ('happy', 2);
insert into pk values ('sad', 1);
insert into pk values ('sad', 5) on conflict (m) do update set n = excluded.n returning *;
create view pv as select m, ms, m::text as t from person where m > 'sad';
select * from pv order by m;
drop type mood;
create table t_check (m mood check (m <> 'sad'));
insert into t_check values ('sad');
insert into t_check values ('happy');
alter type mood rename to feeling;
select 'ok'::feeling, m from t_check;
select 'ok'::mood;

select * from t_check;

alter table t_check add column f feeling default 'ok';
select * from t_check;
begin;
create type tmp_e as enum ('a');
create table tmp_t (e tmp_e);
insert into tmp_t values ('a');
rollback;
select 'a'::tmp_e;
prepare p as select id from person where m = $1 order by id;
execute p('happy');
prepare p2(feeling) as select $1, $1 > 'sad';
execute p2('ok');
drop view pv;
drop table person, pk, t_check;
drop type feeling, "Odd one", empty_enum;
drop type if exists feeling;
drop type feeling;
create type feeling as enum ('new');
select 'new'::feeling;
create table feeling (a int);
drop type feeling;

create type mo as enum ('a', 'b');
create table jt (id int, m mo, ms mo[]);
insert into jt values (2, 'a', '{a,b}'), (3, 'b', null);
select to_json(m) from jt;
select json_build_object('m', m, 'a', ms) from jt;
select json_agg(m order by id) from jt;
select to_json(m) from jt group by m order by m;
select json_agg(m) from jt;
select m::text from jt group by m order by m;
select max(m::text) from jt;
drop table jt;
drop type mo;
