-- CREATE SCHEMA with what it is to hold
create schema se_1
  create unique index se_abc_a_idx on se_abc (a)
  create view se_abc_view as select a + 1 as a, b + 1 as b from se_abc
  create table se_abc (a serial, b int unique)
  create sequence se_seq start 5;
select * from se_1.se_abc;
insert into se_1.se_abc default values;
insert into se_1.se_abc (b) values (21);
select * from se_1.se_abc_view order by a;
select nextval('se_1.se_seq');
show search_path;
select relname::text, relkind from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'se_1'
order by 1;
create schema se_2 create table se_x (a int) create view se_y as select b from se_x;
select count(*) from pg_namespace where nspname = 'se_2';
select * from se_2.se_x;
create schema if not exists se_3 create table se_x (a int);
create schema se_3 create table se_1.se_x (a int);
create schema se_3 create table se_3.se_x (a int, "create" int) create view se_v as select a as create,
'create table (' as t,
x.create as grant from se_x x;
select * from se_3.se_v;
create schema se_4 create table se_p (a int primary key) create table se_c (a int references se_p);
insert into se_4.se_c values (1);
begin;
set local search_path to se_1;
create schema se_5 create table se_t as select 1;
rollback;
begin;
set local search_path to se_1;
create schema se_5 create view se_v as select a from se_abc;
show search_path;
select count(*) from se_5.se_v;
commit;
show search_path;
create schema se_1 create table se_z (a int);
create schema authorization se_nobody create table se_z (a int);
drop schema se_1;
drop schema se_5 cascade;
drop schema se_1 cascade;
drop schema se_3 cascade;
drop schema se_4 cascade;
create schema se_6 create temp view se_v as select 1;
begin;
select set_config('search_path', ' ', true);
create schema se_6 create table se_x (a int) create view se_v as select a from se_x;
show search_path;
select * from se_6.se_v;
rollback;
create schema se_7 create table se_t (a int, b text) create table se_u (a int);
insert into se_7.se_t values (1, 'x');
insert into se_7.se_u values (1);
select se_7.se_t.a, se_t.b from se_7.se_t where se_7.se_t.b = 'x';
select se_7.se_t.* from se_7.se_t;
create table se_t (c int);
insert into se_t values (5);
-- may refuse
select se_7.se_t.a, public.se_t.c from se_7.se_t, public.se_t as other, se_t;
-- may refuse
select se_7.se_t.a, public.se_t.c from se_7.se_t join public.se_t on se_7.se_t.a < public.se_t.c;
select public.se_t.c from se_7.se_t;
select x.a from se_7.se_t x where exists (select 1 from se_7.se_u where se_7.se_u.a = x.a);
update se_7.se_t set b = 'y' where se_7.se_t.a = 1 returning se_7.se_t.b;
delete from se_7.se_t where se_7.se_t.a = 2;
create temp table se_tmp (a int);
select pg_temp.se_tmp.a from se_tmp;
drop table se_t;
drop schema se_7 cascade;
