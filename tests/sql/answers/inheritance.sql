-- Tables that inherit: what a child has of its parents, and what is read through a parent
create table ia (a int not null, b text default 'x', n numeric(8,2), constraint pos check (a > 0),
  constraint own check (a < 1000) no inherit);
create table ib (c int) inherits (ia);
create table ic (b text default 'y', constraint pos check (a > 0), d int) inherits (ia);
create table id (e int) inherits (ib, ic);
create table id (b text default 'z', e int) inherits (ib, ic);
drop table id;
create table id (e int) inherits (ic);
insert into ia values (1, 'one', 1.50), (2, 'two', null);
insert into ib (a, c) values (3, 3);
insert into ic (a, n) values (4, 4.5);
insert into id (a) values (5);
insert into id (a) values (-5);
insert into ia (a) values (1001);
insert into ib (a) values (1001);
insert into ic (a) values (null);
-- any order
select * from ia;
-- any order
select * from only ia;
-- any order
select tableoid::regclass::text, a, n from ia;
-- any order
select tableoid::regclass::text, * from ic;
-- any order
select x.tableoid::regclass::text, x.a from ia x join ia y on x.a = y.a where y.n is null;
select count(*), sum(a), max(n), string_agg(b, ',' order by a) from ia;
select n, count(*) from ia group by n order by n;
select a from ia where a in (select a from ib) order by a desc;
select * from ia where n = 1.5 order by n, a;
select distinct b from ia order by b;
with w as (select a from ia) select count(*) from w;
insert into ia select a + 10, b, n from ia where a < 3;
-- any order
select a from only ia;
update only ia set b = 'u' where a = 1 returning tableoid::regclass::text, *;
delete from only ia where a > 10;
update id set n = 9 where a = 5 returning *;
-- may refuse
update ia set b = 'all';
-- may refuse
delete from ia where a = 77;
-- may refuse
insert into ia values (50) returning (select count(*) from ia);
select attrelid::regclass::text, attname, attislocal, attinhcount, attnotnull from pg_attribute
  where attrelid in ('ib'::regclass, 'ic'::regclass, 'id'::regclass) and attnum > 0 order by 1, attnum;
select conrelid::regclass::text, conname, coninhcount, connoinherit, pg_get_constraintdef(oid) from pg_constraint
  where conrelid in ('ia'::regclass, 'ib'::regclass, 'id'::regclass) order by 1, 2;
select inhrelid::regclass::text, inhparent::regclass::text, inhseqno from pg_inherits
  where inhrelid in ('ib'::regclass, 'id'::regclass) order by 1, 3;
select relname, relhassubclass from pg_class where relname in ('ia', 'ic', 'id') order by 1;
create table ie (a text) inherits (ia);
create table ie (c int, c int) inherits (ia);
create table ie (constraint pos check (a > 7)) inherits (ia);
create table ie () inherits (ia, ia);
create table ie () inherits (nowhere);
create temp table it (t int);
create table ie () inherits (it);
create temp table iu () inherits (it);
insert into iu values (1);
select * from it;
drop table it;
drop table it cascade;
create table ip (a int) partition by list (a);
create table ip1 partition of ip for values in (1);
create table ie () inherits (ip);
create table ie () inherits (ip1);
alter table ip attach partition ia for values in (2);
drop table ip;
create table ig (a int, g int generated always as (a * 2) stored);
create table ih () inherits (ig);
insert into ih values (4);
select * from ig;
create table ii (g int default 3) inherits (ig);
create table ii (g int generated always as (a * 3) stored) inherits (ig);
drop table ig, ih;
alter table ib drop column a;
alter table ib alter column a type bigint;
alter table ib rename column a to z;
alter table ib drop constraint pos;
alter table ib rename constraint pos to neg;
alter table ic add column f int default 8, add constraint fs check (f > 2);
alter table id alter column f set default 1;
-- any order
select * from ic;
insert into id (a) values (6);
insert into id (a, f) values (6, 1);
insert into id (a, f) values (6, 3);
alter table ic alter column f set not null, alter column f type bigint, alter column f set default 77;
insert into id (a) values (7) returning f;
select attname, atttypid::regtype::text, attnotnull, attislocal, attinhcount from pg_attribute
  where attrelid = 'id'::regclass and attname = 'f';
alter table id drop column f;
alter table only ia add column f int;
alter table only ia add constraint more check (a <> 7);
alter table only ia rename column a to z;
-- may refuse
alter table ia add column d int;
alter table ia add constraint only_here check (a <> 99) no inherit;
alter table ia add primary key (a);
insert into ib (a) values (1);
-- any order
select a from ia where a = 1;
drop table ib;
drop table ia;
truncate only ia;
select count(*) from ia;
truncate ia;
select count(*) from ia;
-- may refuse
create view iv as select * from ia;
drop view if exists iv;
drop table ia cascade;
select relname from pg_class where relname in ('ia', 'ib', 'ic', 'id', 'it', 'iu');
create table ns (a int check (a > 0) no inherit, check (a < 10));
select conname, connoinherit, pg_get_constraintdef(oid) from pg_constraint where conrelid = 'ns'::regclass order by 1;
alter table ns alter column a type bigint;
select conname, connoinherit, pg_get_constraintdef(oid) from pg_constraint where conrelid = 'ns'::regclass order by 1;
drop table ns;
-- storage of columns goes to children, and is one
create table inh_stored (a text, n numeric, i int);
alter table inh_stored alter a set storage main;
create table inh_plain (a text, i int);
create table inh_child () inherits (inh_stored);
select attname, attstorage from pg_attribute where attrelid = 'inh_child'::regclass and attnum > 0 order by attnum;
create table inh_both () inherits (inh_stored, inh_plain);
create table inh_both () inherits (inh_plain, inh_stored);
alter table inh_plain alter a set storage main;
create table inh_both () inherits (inh_plain, inh_stored);
select attname, attstorage from pg_attribute where attrelid = 'inh_both'::regclass and attnum > 0 order by attnum;
drop table inh_stored, inh_plain cascade;
