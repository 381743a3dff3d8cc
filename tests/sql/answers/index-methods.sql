-- CREATE INDEX with the access methods that PostgreSQL has beside btree
create table gi (a int, j jsonb, t text, arr int[], d date);
create unique index on gi using gin (j);
create unique index on gi using hash (a);
create index on gi using hash (a, t);
create index on gi using gin (a);
create index on gi using gin (j desc);
create index on gi using gin (j nulls first);
create index on gi using gin (j) include (a);
create index on gi using brin (j);
create index on gi using nope (t);
create index on gi using gin (nothing);
-- may refuse
create index on gi using gin (j array_ops);
-- may refuse
create index on gi using gin (j nope_ops);
-- may refuse
create index on gi using gist (a);
create index on gi using gin (j jsonb_path_ops);
create index on gi using brin (a, t);
create index on gi using spgist (t);
create index on gi using gin (j, arr);
create index on gi using hash (t) where a > 1;
create index on gi using gin (arr array_ops);
create index on gi using hash (lower(t));
insert into gi values (1, '{"a": 1}', 'x', '{1,2}', '2024-01-01'), (null, null, null, null, null);
select a from gi where j @> '{"a": 1}' or arr @> '{1}';
select indexdef from pg_indexes where tablename = 'gi' order by indexname;
select relname, amname, pg_get_indexdef(c.oid), pg_get_indexdef(c.oid, 1, true) from pg_class c join pg_am a on
    a.oid = relam where relkind = 'i' and relname like 'gi\_%' order by relname;
select oid, amname, amtype from pg_am order by oid;
alter table gi alter a type bigint;
alter index gi_t_idx rename to other;
select indexdef from pg_indexes where tablename = 'gi' order by indexname;
drop table gi;
