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
