-- What a definition says of storage and planning alone is checked, kept and told
create table sp (a int, b text, v varchar(9) collate "C", w text collate "POSIX" default 'x')
with (fillfactor = 70, autovacuum_enabled = off);
create index sp_a on sp (a) with (fillfactor = 50, deduplicate_items = off);
create unique index sp_b on sp (b text_pattern_ops, a) include (v, w);
create index sp_c on sp using hash (b) with (fillfactor = 60);
create materialized view spm with (fillfactor = 80) as select a, b from sp;
create table spc with (fillfactor = 90) as select a from sp;
alter table sp alter a set statistics 500, alter b set storage external, alter a set (n_distinct = 5);
alter table sp alter b set statistics 20000;
alter table sp set (parallel_workers = 2, fillfactor = 71), reset (autovacuum_enabled);
alter materialized view spm alter b set statistics 3;
alter index sp_a set (fillfactor = 55);
alter index sp_a reset (deduplicate_items);
select relname, reloptions from pg_class where relname like 'sp%' order by 1;
select attname, attstattarget, attstorage, attcollation from pg_attribute
where attrelid in ('sp'::regclass, 'spm'::regclass) and attnum > 0 order by attrelid::regclass::text, attnum;
select pg_get_indexdef(indexrelid), pg_get_indexdef(indexrelid, 0, true) from pg_index where indrelid = 'sp'::regclass
order by indexrelid::regclass::text;
create index on sp (b) include (w);
create table spl (like sp including all);
select pg_get_indexdef(indexrelid) from pg_index where indrelid = 'spl'::regclass order by indexrelid::regclass::text;
alter table sp rename v to vv;
alter table sp rename a to aa;
alter table sp rename to spp;
alter index sp_b rename to spb;
select pg_get_indexdef(indexrelid) from pg_index where indrelid = 'spp'::regclass order by indexrelid::regclass::text;
select attname, attstattarget, attcollation from pg_attribute
where attrelid = 'spp'::regclass and attnum > 0 order by attnum;
alter table spp add n text collate "C";
alter table spp alter b type varchar(30);
select attname, attcollation, attstattarget from pg_attribute
where attrelid = 'spp'::regclass and attnum > 0 order by attnum;
alter table spp drop b;
select reloptions from pg_class where relname = 'spp';

-- What is not right
create table e1 (a int) with (fillfactor = 5);
create table e1 (a int) with (fillfactor = 'x');
create table e1 (a int) with (nothing = 5);
create table e1 (a int) with (fillfactor = 50, fillfactor = 60);
create table e1 (a int) with (autovacuum_enabled = 7);
create table e1 (a int) with (other.fillfactor = 50);
create index on spp (aa) with (fastupdate = on);
create index on spp (aa) with (fillfactor = 101);
create index on spp (aa) include (nowhere);
alter table spp set (nothing = 5);
alter table spp reset (nothing);
alter table spp alter nowhere set statistics 5;
alter table spp alter aa set statistics -2;
alter table spp alter aa set storage external;
alter table spp alter n set storage sideways;
alter table spp alter n set (fillfactor = 5);

-- Dependencies, by which pg_dump sorts
create view aview as select vv from spp;
create view bview as select * from aview;
create table zpar (a int);
create table achild (b int) inherits (zpar);
select c.relname, r.relname, deptype from pg_depend d join pg_rewrite w on w.oid = objid
join pg_class c on c.oid = ev_class join pg_class r on r.oid = refobjid
where classid = 'pg_rewrite'::regclass and refclassid = 'pg_class'::regclass
and c.relname in ('aview', 'bview') and (c.oid <> r.oid or deptype <> 'n') group by 1, 2, 3 order by 1, 2, 3;
select objid::regclass, refobjid::regclass, deptype from pg_depend where classid = 'pg_class'::regclass
and objid = 'achild'::regclass and refclassid = 'pg_class'::regclass;
select data_type, domain_name, udt_name, character_maximum_length from information_schema.columns
where table_name = 'spp' and column_name = 'vv';
create domain spd as varchar(7);
create table spdt (a spd, b int);
select column_name, data_type, domain_schema, domain_name, udt_name, character_maximum_length
from information_schema.columns where table_name = 'spdt' order by 1;
drop view bview, aview;
drop materialized view if exists spm;
drop table achild, zpar, spp, spl, spc, spdt;
drop domain spd;

-- Texts follow their columns
create table rn (a int check (a > 0), b text, g int generated always as (a * 2) stored, check (a < 100 and b <> 'x'));
create index on rn (a);
create index on rn (lower(b), a desc) where a > 3 and b <> '"a"';
alter table rn rename a to "Aa";
alter table rn rename b to bb;
select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = 'rn'::regclass order by 1;
select pg_get_indexdef(indexrelid) from pg_index where indrelid = 'rn'::regclass order by indexrelid::regclass::text;
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'rn'::regclass;
alter table rn rename to rnn;
alter table rnn drop g;
alter table rnn rename "Aa" to bbb;
select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = 'rnn'::regclass order by 1;
select pg_get_indexdef(indexrelid) from pg_index where indrelid = 'rnn'::regclass order by indexrelid::regclass::text;
insert into rnn values (-1, 'a');
insert into rnn values (1, 'x');
drop table rnn;
