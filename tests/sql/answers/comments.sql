-- COMMENT ON is kept, shown, follows what it is about and goes with it.
create table c (id int primary key, v text constraint c_v check (v <> ''), w int);
create index c_w on c (w);
create view cv as select id, v from c;
create sequence cs;
create schema cn;
create table cn.t (a int);
create type ce as enum ('a', 'b');
create domain cd as int constraint cd_positive check (value > 0);
create function cf(int) returns int language sql as 'select $1';
comment on table c is 'a table';
comment on column c.v is 'it''s a column';
comment on column c.w is 'another';
comment on constraint c_v on c is 'a check';
comment on constraint c_pkey on c is 'a key';
comment on index c_pkey is 'an index of a key';
comment on index c_w is 'an index';
comment on view cv is 'a view';
comment on column cv.id is 'of a view';
comment on sequence cs is 'a sequence';
comment on schema cn is 'a schema';
comment on table cn.t is 'in a schema';
comment on type ce is 'an enum';
comment on domain cd is 'a domain';
comment on constraint cd_positive on domain cd is 'of a domain';
comment on function cf(int) is 'a function';
select obj_description('c'::regclass, 'pg_class'), col_description('c'::regclass, 2),
  col_description('c'::regclass, 1);
select obj_description('c_w'::regclass, 'pg_class'), obj_description('c_pkey'::regclass, 'pg_class'),
  obj_description('cv'::regclass, 'pg_class'), col_description('cv'::regclass, 1),
  obj_description('cs'::regclass, 'pg_class'), obj_description('cn.t'::regclass, 'pg_class');
select conname, obj_description(oid, 'pg_constraint') from pg_constraint where conname in ('c_v', 'c_v2', 'c_pkey',
  'cd_positive', 'cd_p') order by 1;
select typname, obj_description(oid, 'pg_type') from pg_type where typname in ('ce', 'cd') order by 1;
select obj_description(oid, 'pg_proc') from pg_proc where proname = 'cf';
select obj_description(oid, 'pg_namespace') from pg_namespace where nspname in ('cn', 'public') order by 1;
select c.relname, d.objsubid, d.description from pg_description d join pg_class c on c.oid = d.objoid
  where d.classoid = 'pg_class'::regclass and c.relname in ('c', 'cv', 'c_w') order by 1, 2;
-- what is not there
comment on table nothing is 'x';
comment on table cn.nothing is 'x';
comment on index nothing is 'x';
comment on index c is 'x';
comment on view c is 'x';
comment on table cv is 'x';
comment on sequence c is 'x';
comment on materialized view c is 'x';
comment on column c.nothing is 'x';
comment on constraint nothing on c is 'x';
comment on constraint c_v on nothing is 'x';
comment on constraint nothing on domain cd is 'x';
comment on constraint cd_positive on domain nothing is 'x';
comment on type nothing is 'x';
comment on domain ce is 'x';
comment on schema nothing is 'x';
comment on function nothing(int) is 'x';
comment on trigger nothing on c is 'x';
comment on extension nothing is 'x';
-- names change
alter table c rename to c2;
alter table c2 rename column v to v2;
alter table c2 rename constraint c_v to c_v2;
alter index c_w rename to c_w2;
alter view cv rename to cv2;
alter sequence cs rename to cs2;
alter schema cn rename to cn2;
alter type ce rename to ce2;
alter domain cd rename constraint cd_positive to cd_p;
select obj_description('c2'::regclass, 'pg_class'), col_description('c2'::regclass, 2),
  col_description('c2'::regclass, 3),
  obj_description('c_w2'::regclass, 'pg_class'), obj_description('c_pkey'::regclass, 'pg_class'),
  obj_description('cv2'::regclass, 'pg_class'), col_description('cv2'::regclass, 1),
  obj_description('cs2'::regclass, 'pg_class'), obj_description('cn2.t'::regclass, 'pg_class');
select conname, obj_description(oid, 'pg_constraint') from pg_constraint where conname in ('c_v', 'c_v2', 'c_pkey',
  'cd_positive', 'cd_p') order by 1;
select obj_description('ce2'::regtype, 'pg_type'), obj_description('cd'::regtype, 'pg_type');
select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'cn2';
alter table c2 set schema cn2;
select obj_description('cn2.c2'::regclass, 'pg_class'), col_description('cn2.c2'::regclass, 2),
  obj_description('cn2.c_w2'::regclass, 'pg_class'), obj_description('cn2.c_pkey'::regclass, 'pg_class');
alter table cn2.c2 set schema public;
-- a change of the table keeps them
alter table c2 alter column w type bigint;
select obj_description('c2'::regclass, 'pg_class'), col_description('c2'::regclass, 3),
  obj_description('c_w2'::regclass, 'pg_class');
create or replace view cv2 as select id, v2 as v, w from c2;
create or replace function cf(int) returns int language sql as 'select $1 + 1';
select obj_description(oid, 'pg_proc') from pg_proc where proname = 'cf';
-- copies
create table cl (like c2 including comments including constraints);
select obj_description('cl'::regclass, 'pg_class'), col_description('cl'::regclass, 2),
  col_description('cl'::regclass, 3);
select conname, obj_description(oid, 'pg_constraint') from pg_constraint where conrelid = 'cl'::regclass order by 1;
create table cl2 (like c2 including all);
select col_description('cl2'::regclass, 2), obj_description('cl2_pkey'::regclass, 'pg_class'),
  obj_description('cl2_w_idx'::regclass, 'pg_class');
select obj_description(oid, 'pg_constraint') from pg_constraint where conrelid = 'cl2'::regclass order by conname;
drop table cl2;
-- taken away
comment on table c2 is null;
comment on column c2.v2 is '';
select obj_description('c2'::regclass, 'pg_class'), col_description('c2'::regclass, 2);
begin;
comment on table c2 is 'undone';
select obj_description('c2'::regclass, 'pg_class');
rollback;
select obj_description('c2'::regclass, 'pg_class');
-- gone with what they are about
comment on table c2 is 'again';
alter table c2 drop constraint c_v2;
alter table c2 add constraint c_v2 check (v2 <> '');
alter table cl drop column w;
alter table cl add column w int;
select conname, obj_description(oid, 'pg_constraint') from pg_constraint where conrelid = 'c2'::regclass order by 1;
select count(*) from pg_description where objoid = 'cl'::regclass;
drop index c_w2;
create index c_w2 on c2 (w);
select obj_description('c_w2'::regclass, 'pg_class');
drop function cf(int);
create function cf(int) returns int language sql as 'select $1';
select obj_description(oid, 'pg_proc') from pg_proc where proname = 'cf';
drop table cl;
drop table c2 cascade;
create table c2 (id int primary key, v2 text, w int);
select obj_description('c2'::regclass, 'pg_class'), col_description('c2'::regclass, 3),
  obj_description('c2_pkey'::regclass, 'pg_class');
drop type ce2;
drop domain cd;
drop schema cn2 cascade;
drop sequence cs2;
create sequence cs2;
select obj_description('cs2'::regclass, 'pg_class');
select count(*) from pg_description d join pg_class c on c.oid = d.objoid where c.relname in ('c2', 'cl', 'cv2',
  'cs2');
-- may refuse
comment on function lower(text) is 'x';
-- may refuse
comment on type int4 is 'x';
-- triggers and partitions
create function ct() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger ctr before insert on c2 for each row execute function ct();
comment on trigger ctr on c2 is 'a trigger';
alter trigger ctr on c2 rename to ctr2;
select tgname, obj_description(oid, 'pg_trigger') from pg_trigger where tgrelid = 'c2'::regclass;
drop trigger ctr2 on c2;
create trigger ctr2 before insert on c2 for each row execute function ct();
select tgname, obj_description(oid, 'pg_trigger') from pg_trigger where tgrelid = 'c2'::regclass;
create table cp (a int, b text) partition by list (a);
create table cp1 partition of cp for values in (1);
comment on table cp is 'partitioned';
comment on table cp1 is 'a partition';
comment on column cp1.b is 'of a partition';
alter table cp1 rename to cp2;
alter table cp rename column b to b2;
select obj_description('cp'::regclass, 'pg_class'), obj_description('cp2'::regclass, 'pg_class'),
  col_description('cp2'::regclass, 2);
drop table cp;
drop table c2;
drop function ct();
drop function cf(int);
drop sequence cs2;
