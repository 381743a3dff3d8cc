-- Collations: texts compare by bytes, what compares otherwise is refused, and what a column has is shown
create table cl(a int, b text, c text collate "C", d varchar(9) collate "POSIX", e text[] collate "C",
    f text collate pg_catalog."default");
select attname, attcollation from pg_attribute where attrelid = 'cl'::regclass and attnum > 0 order by attnum;
alter table cl add g text collate "C";
alter table cl alter c type varchar(20), alter b type text collate "C";
select attname, attcollation from pg_attribute where attrelid = 'cl'::regclass and attnum > 0 order by attnum;
-- refused
create table cx(a text collate "sv-x-icu");
-- refused
alter table cl add h text collate "en-x-icu";
-- refused
alter table cl alter b type text collate "de-x-icu";
-- refused
create index on cl(b collate "sv-x-icu");
-- refused
select b collate "sv-x-icu" from cl;
-- refused
select * from cl order by b collate "en-x-icu";
create table cx(a text collate "nothing");
create table cx(a int collate "C");
alter table cl add h int collate "C";
alter table cl alter a type bigint collate "C";
create index on cl(b collate "nothing");
select b collate "nothing" from cl;
create index on cl(b collate "C", c collate "POSIX");
select count(*) from pg_class where relname like 'cl%idx';
-- Partitions, children and tables like another have the collation of the column that theirs is of
create table cp (k int, t text collate "C") partition by range (k);
create table cp1 partition of cp for values from (1) to (10);
create table cp2 (k int, t text collate "C");
alter table cp attach partition cp2 default;
create table ci (t text collate "C", u text, n name);
create table ci1 () inherits (ci);
create table ci11 (w text collate "POSIX") inherits (ci1);
create table ci2 (like ci, w text);
create table cp3 (k int, t text collate "POSIX", v varchar(3) collate "default");
select attrelid::regclass::text, attname, attcollation from pg_attribute
    where attrelid::regclass::text ~ '^c[ip][0-9]*$' and attnum > 0 order by 1, attnum;
select table_name, column_name, collation_catalog, collation_schema, collation_name from information_schema.columns
    where table_name ~ '^c[ip][0-9]*$' order by 1, ordinal_position;
alter table ci add x text collate "C";
select attrelid::regclass::text, attname, attcollation from pg_attribute
    where attrelid::regclass::text ~ '^ci[0-9]*$' and attnum > 0 order by 1, attnum;
drop table ci, ci1, ci11, ci2, cp, cp3;
-- What has no collation takes none
create table gi (a int, b text, c text[], d name, e varchar(3), j jsonb, n numeric[]);
create index on gi (a collate "C");
create index on gi ((a collate "C"));
create index gi_b on gi (b collate "C", (lower(e)) collate "POSIX");
select a collate "C" from gi;
select 1 collate "C";
select j collate "C" from gi;
select n collate "C" from gi;
select b from gi order by a collate "C";
select (a + 1) collate "C" from gi;
select b collate "C", c collate "C", d collate "C", e collate "C", 'x' collate "C", null collate "C" from gi;
-- with abc
select $1 collate "C", b from gi where b collate "C" > $1;
create table gi2 (a int collate "C");
alter table gi alter a type bigint collate "C";
drop table gi;
