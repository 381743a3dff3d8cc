-- Partitioned tables: rows go where they belong, and nowhere else; the catalog says what there is
create table pm (id int not null, d date not null, v text, n numeric(10,2)) partition by range (d);
insert into pm values (1, '2020-05-05');
create table pm1 partition of pm for values from ('2020-01-01') to ('2021-01-01');
create table pm2 partition of pm for values from ('2021-01-01') to ('2022-01-01');
insert into pm values (1, '2020-05-05', 'a', 1.5), (2, '2021-05-05', 'b', 2);
insert into pm values (3, '2022-05-05', 'a', 1.5);
select *, tableoid::regclass::text from pm order by id;
select * from pm1;
select * from pm2;
insert into pm1 values (4, '2020-01-01', 'x', 3) returning *;
insert into pm1 values (4, '2021-01-01', 'x', 3) returning *;
insert into pm1 values (4, '2021-01-01', 'x', 3);
insert into pm2 (d, id) select date '2021-06-01' + i, i from generate_series(10, 12) i;
-- with 2020-07-07 | 7
insert into pm1 (d, id) values ($1, $2) returning id, tableoid::regclass::text;
-- with 2021-07-07 | 7
insert into pm1 (d, id) values ($1, $2);
-- may refuse
insert into pm1 values (4, '2021-01-01', 'x', 3) on conflict do nothing;
update pm set d = '2021-12-31' where id = 1;
select *, tableoid::regclass::text from pm order by id;
update pm set d = '2031-12-31' where id = 1;
update pm2 set d = '2020-12-31' where id = 1;
update pm2 set v = 'zz' where id = 1 returning *, tableoid::regclass::text;
update pm1 set v = 'none' where id = 1;
delete from pm1;
select count(*) from pm;
create table pmd partition of pm default;
insert into pm values (3, '2022-05-05', 'a', 1.5) returning tableoid::regclass::text;
create table pm3 partition of pm for values from ('2022-01-01') to ('2023-01-01');
create table pm4 partition of pm for values from ('2023-01-01') to (maxvalue) partition by list (v);
create table pm4a partition of pm4 for values in ('a', 'b', null);
insert into pm values (5, '2025-05-05', 'a', 1.5) returning tableoid::regclass::text;
insert into pm values (5, '2025-05-05', null, 1.5) returning tableoid::regclass::text;
insert into pm values (5, '2025-05-05', 'c', 1.5);
insert into pm4 values (5, '2025-05-05', 'c', 1.5);
insert into pm4 values (5, '2021-05-05', 'a', 1.5);
create table pm5 partition of pm for values from ('2020-06-01') to ('2020-07-01');
create table pm6 partition of pm4 for values in ('b');
create table pm6 partition of pm4 for values from ('b') to ('c');
create table pm7 partition of pm for values from ('2019-01-01') to ('2018-01-01');
create table pm8 partition of pm for values from ('2019-01-01', 1) to ('2018-01-01');
create table pm8 partition of pm for values from (null) to ('2018-01-01');
create table pm8 partition of pm for values from ('xx') to ('2018-01-01');
create table pm8 partition of pm1 for values from ('2017-01-01') to ('2018-01-01');
create table pm8 partition of pm default;
select * from pm4a order by v;
select * from pm4 order by v;
select * from pmd;
select relname, relkind, relispartition, pg_get_expr(relpartbound, oid), pg_get_partkeydef(oid), relhassubclass
  from pg_class where relname ~ '^pm' order by relname;
select inhrelid::regclass::text, inhparent::regclass::text, inhseqno, inhdetachpending from pg_inherits
  where inhrelid::regclass::text ~ '^pm' order by 1;
select partrelid::regclass::text, partstrat, partnatts, partdefid::regclass::text,
  partattrs::text from pg_partitioned_table
  where partrelid::regclass::text ~ '^pm' order by 1;
select table_name::text, table_type::text, is_insertable_into::text from information_schema.tables where table_name
  ~ '^pm' order by 1;
select attrelid::regclass::text, attname, attislocal, attinhcount, attnotnull from pg_attribute
  where attrelid::regclass::text ~ '^pm' and attnum > 0 order by 1, attnum;
select relid::text from pg_partition_ancestors('pm4a') relid;
select pg_partition_root('pm4a')::text, pg_partition_root('pm')::text;
drop view pm1;
drop table pm1;
select count(*) from pm;
truncate pm2;
select count(*) from pm;
truncate only pm;
truncate pm;
select count(*) from pm;
drop table pm;
select relname from pg_class where relname ~ '^pm' order by relname;
create table pm (id int not null, d int not null, v text default 'dd', n numeric(10,2) check (n > 0),
  primary key (id, d))
  partition by range (d);
create table pm1 partition of pm for values from (minvalue) to (10);
create table pm2 partition of pm (v default 'two', constraint big check (id > 1),
  n not null) for values from (10) to (20);
insert into pm values (1, 1, 'a', 1.5), (2, 11, 'b', 2);
insert into pm values (1, 11, 'a', 1.5);
insert into pm values (9, 11, 'a', null);
insert into pm values (9, 11, 'a', -1);
insert into pm values (2, 11, 'b', 2);
insert into pm2 values (1, 11, 'a', 1.5);
insert into pm2 (id, d, n) values (7, 11, 1.5) returning *;
insert into pm1 (id, d, n) values (7, 7, 1.5) returning *;
insert into pm2 (id, d, n) select 8, 11, 1.5;
insert into pm2 (id, d) values (9, 12);
insert into pm2 (id, d, n, v) values (9, 12, 1, default) returning v;
insert into pm (id, d, n) values (10, 12, 1) returning v;
update pm set d = d + 10 where id = 1;
select *, tableoid::regclass::text from pm order by id, d;
select conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid) from pg_constraint
  where conrelid::regclass::text ~ '^pm' order by 1, 2;
select table_name::text, column_name::text, column_default::text,
  is_nullable::text from information_schema.columns where table_name ~ '^pm'
  order by 1, ordinal_position;
create table pmr (a int, b int, foreign key (a, b) references pm);
insert into pmr values (2, 11);
insert into pmr values (2, 12);
-- may refuse
delete from pm2 where id = 2;
drop table pmr, pm;
create table pk (a int, b int, unique (a)) partition by list (b);
create table pk (a int, b int, unique (a, b)) partition by list (b);
create unique index on pk (a);
create unique index on pk (b, a);
create table pk1 partition of pk for values in (1, 2 + 3, '-7');
select pg_get_expr(relpartbound, oid) from pg_class where relname = 'pk1';
create table pk1 partition of pk for values in (2);
create table if not exists pk1 partition of pk for values in (2);
create table pk2 partition of pk for values in (9, 5);
insert into pk values (1, -7), (1, 1);
insert into pk values (1, -7);
create view pkv as select a, b from pk1;
insert into pkv values (4, 5);
insert into pkv values (4, 6);
select * from pk order by 1, 2;
drop table pk1;
drop view pkv;
drop table pk1;
select * from pk;
drop table pk;
create table pk (a int, b int) partition by list (a, b);
create table pk (a int, b int) partition by magic (a);
create table pk (a int, b int) partition by list (c);
create table pk (a int, b int) partition by range (xmin);
create table pk (a int, b int) partition by range ((42));
create table pk (a int, b int) partition by range (a, ('x'));
create table pk (a int, b int) partition by range ((sum(a)));
create table pk (a int, b int) partition by range ((sum(a) over ()));
create table pk (a int, b int) partition by list ((a = (select 1)));
create table pk (a timestamptz) partition by list (date_trunc('day', a));
create table pk (a int, b int generated always as (a + 1) stored) partition by list (b);
create table pk (a int, check (a > 0) no inherit) partition by list (a);
create table pk (a text, b int) partition by range (lower(a), (b + 1));
select pg_get_partkeydef('pk'::regclass);
create table pk1 partition of pk for values from ('a', minvalue) to ('c', 5);
create table pk2 partition of pk for values from ('c', 5) to ('c', maxvalue);
create table pk3 partition of pk for values from ('c', 3) to ('d', 3);
create table pk3 partition of pk for values from ('c', minvalue) to ('c', 3);
create table pk3 partition of pk for values from ('d', minvalue) to (maxvalue, 3);
create table pk3 partition of pk for values from ('d', 3) to (maxvalue, maxvalue);
insert into pk values ('A', null);
insert into pk values ('A', 0), ('C', 3), ('C', 4), ('C', 5), ('D', 1), ('D', 2), ('É', 1) returning *,
  tableoid::regclass::text;
insert into pk values (null, 0);
insert into pk values ('D', 2), ('Da', -7) returning *, tableoid::regclass::text;
select tableoid::regclass::text, count(*) from pk group by 1 order by 1;
select a, tableoid::regclass::text from pk where tableoid = 'pk2'::regclass;
drop table pk;
create table pk (a bool, b numeric, c timestamp, e text) partition by list (a);
create table pkt partition of pk for values in (true) partition by range (b);
create table pkt1 partition of pkt for values from (-1.5) to (100) partition by range (c);
create table pkt2 partition of pkt for values from (100.5) to ('Infinity');
create table pkt11 partition of pkt1 for values from ('2020-01-01 10:00') to ('infinity') partition by list (e);
create table pkt111 partition of pkt11 for values in ('it''s', 'a\b', '');
create table pkt112 partition of pkt11 default;
create table pkf partition of pk for values in (false, null);
select relname, pg_get_expr(relpartbound, oid) from pg_class where relname ~ '^pk' order by 1;
insert into pk values (true, 1, '2020-02-02', 'it''s'), (true, 100.5, null, 'x'), (null, 1, '2020-02-02', ''),
  (true, 99.999, '2020-02-02', 'zz'), (true, -1.50, '2020-01-01 10:00', 'a\b') returning tableoid::regclass::text, *;
insert into pk values (true, 100);
insert into pk values (true, 1, '2020-01-01');
insert into pk values (true, null, '2020-01-01');
insert into pkt1 values (true, 200, '2020-01-01');
insert into pkt1 values (true, 20, 'infinity');
update pkt1 set e = 'it''s' where e = 'zz' returning tableoid::regclass::text;
update pkt112 set e = '' where e = 'zz';
update pk set a = false where e = 'a\b' returning tableoid::regclass::text;
select tableoid::regclass::text, * from pk order by 1, b;
drop table pkt;
select tableoid::regclass::text, * from pk order by 1, b;
drop table pk;
-- refused
create table pk (a interval) partition by hash (a);
create temp table pt (a int) partition by range (a);
create table pt1 partition of pt for values from (1) to (10);
create temp table pt1 partition of pt for values from (1) to (10);
insert into pt values (1);
insert into pt1 values (2);
insert into pt values (11);
select tableoid::regclass::text, * from pt order by a;
drop table pt;
create schema ps;
create table ps.p (a text, b int) partition by list (lower(a));
create table ps.p1 partition of ps.p for values in ('x', 'y');
create table ps2 partition of ps.p for values in ('z');
insert into ps.p values ('X', 1), ('Z', 2), ('y', 3);
select tableoid::regclass::text, * from ps.p order by b;
select * from ps2;
insert into ps.p values ('a', 1);
drop schema ps;
drop schema ps cascade;
select * from ps2;
create table rn (a int not null, b text, c bool);
insert into rn values (1, null, null) returning b is null, b is not null, b is distinct from null, c is unknown,
  c is not unknown, coalesce(b, null) is null, a is null;
update rn set a = 2 returning b is null, not (b is null), c is unknown;
delete from rn returning b is null or c is null, b is not null and a = 2;
drop table rn;
