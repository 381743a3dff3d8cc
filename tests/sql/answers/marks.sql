-- Marks of indexes: CLUSTER, REPLICA IDENTITY, and statistics of what an index computes.
create table marked (a int primary key, b int not null, c int, d text not null);
create unique index marked_b on marked (b);
create unique index marked_c on marked (c);
create unique index marked_lower on marked (lower(d));
create unique index marked_part on marked (b) where c > 1;
create index marked_d on marked (d);
cluster marked;
alter table marked cluster on marked_d;
select indexrelid::regclass, indisclustered, indisreplident
    from pg_index where indrelid = 'marked'::regclass order by indexrelid::regclass::text collate "C";
cluster marked;
cluster marked using marked_pkey;
select indexrelid::regclass from pg_index where indrelid = 'marked'::regclass and indisclustered;
alter index marked_pkey rename to marked_key;
select indexrelid::regclass from pg_index where indrelid = 'marked'::regclass and indisclustered;
cluster marked using none_such;
alter table marked cluster on none_such;
alter table marked cluster on marked_b, set without cluster;
select count(*) from pg_index where indrelid = 'marked'::regclass and indisclustered;
alter table marked cluster on marked_b;
alter table marked alter b type bigint;
select indexrelid::regclass from pg_index where indrelid = 'marked'::regclass and indisclustered;
drop index marked_b;
create unique index marked_b on marked (b);
select count(*) from pg_index where indrelid = 'marked'::regclass and indisclustered;
select relreplident from pg_class where oid = 'marked'::regclass;
alter table marked replica identity using index marked_d;
alter table marked replica identity using index marked_part;
alter table marked replica identity using index marked_lower;
alter table marked replica identity using index marked_c;
alter table marked replica identity using index none_such;
alter table marked replica identity using index marked_b;
select relreplident from pg_class where oid = 'marked'::regclass;
select indexrelid::regclass from pg_index where indrelid = 'marked'::regclass and indisreplident;
alter table marked rename to marked_too;
alter index marked_b rename to marked_bb;
select indexrelid::regclass from pg_index where indrelid = 'marked_too'::regclass and indisreplident;
alter table marked_too replica identity full;
select relreplident, (select count(*)
    from pg_index where indrelid = 'marked_too'::regclass and indisreplident)
    from pg_class where oid = 'marked_too'::regclass;
alter table marked_too replica identity nothing;
select relreplident from pg_class where oid = 'marked_too'::regclass;
alter table marked_too replica identity using index marked_key;
alter table marked_too drop constraint marked_key;
alter table marked_too add constraint marked_key primary key (a);
select relreplident, (select count(*)
    from pg_index where indrelid = 'marked_too'::regclass and indisreplident)
    from pg_class where oid = 'marked_too'::regclass;
alter table marked_too replica identity default;
select relreplident from pg_class where oid = 'marked_too'::regclass;
alter index marked_lower alter column 1 set statistics 200;
select attnum, attstattarget from pg_attribute where attrelid = 'marked_lower'::regclass order by 1;
alter index marked_lower alter column 1 set statistics -1;
select attnum, attstattarget from pg_attribute where attrelid = 'marked_lower'::regclass order by 1;
create table marked_deferred (a int not null, constraint marked_late unique (a) deferrable);
alter table marked_deferred replica identity using index marked_late;
create materialized view marked_rows as select 1 as a;
create index marked_rows_a on marked_rows (a);
alter materialized view marked_rows cluster on marked_rows_a;
select indexrelid::regclass from pg_index where indrelid = 'marked_rows'::regclass and indisclustered;
drop materialized view marked_rows;
drop table marked_too, marked_deferred;
