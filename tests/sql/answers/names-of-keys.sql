-- Indexes of keys are renamed with their constraints, and arrays become vectors, as Rails asks for both
create table before_rename(id bigserial primary key, a int unique, b int, unique (a, b));
create table other_table(id bigserial primary key);
alter table before_rename rename to after_rename;
alter index "before_rename_pkey" rename to "after_rename_pkey";
alter index "before_rename_a_key" rename to "after_rename_a_key";
select conname from pg_constraint where conrelid = 'after_rename'::regclass order by 1;
select relname from pg_class where relname like '%rename%' order by 1;
select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
    where indrelid = 'after_rename'::regclass order by 1;
insert into after_rename values (1, 1), (1, 1);
insert into after_rename values (1, 1, 1);
insert into after_rename values (2, 1, 1);
alter table before_rename_id_seq rename to after_rename_id_seq;
insert into after_rename(a) values (7) returning id > 0;
select relname from pg_class where relname like '%rename%' order by 1;
alter index after_rename_pkey rename to after_rename_a_key;
alter index after_rename_pkey rename to other_table_pkey;
alter index after_rename_pkey rename to other_table;
-- may refuse
alter index after_rename_id_seq rename to x;
alter index if exists no_such_index rename to x;
alter index no_such_index rename to x;
alter index public.after_rename_pkey rename to third;
select a, b from after_rename order by 1, 2;
create schema sk;
create table sk.t(id int primary key);
alter index sk.t_pkey rename to t_key;
select conname from pg_constraint where conrelid = 'sk.t'::regclass;
create temporary table tk(id int primary key);
alter index tk_pkey rename to tk_key;
insert into tk values (1), (1);
select array['character(1)'::regtype]::oidvector, array['text'::regtype, 'int'::regtype]::oidvector;
select array[1, 2]::oidvector, array[1::oid, 2]::oidvector, array[1, 2]::int2vector, array[1::int2, 2]::int2vector;
select array['a']::oidvector;
select array[100000]::int2vector;
select array[]::oidvector;
-- may refuse
select array[1, null]::oidvector;
select exists(select * from pg_proc where proname = 'lower'
    and proargtypes = array['character varying'::regtype]::oidvector) or exists(select * from pg_proc
    inner join pg_cast on array[casttarget]::oidvector = proargtypes
    where proname = 'lower' and castsource = 'character varying'::regtype);
select exists(select * from pg_proc where proname = 'lower'
    and proargtypes = array['integer'::regtype]::oidvector) or exists(select * from pg_proc
    inner join pg_cast on array[casttarget]::oidvector = proargtypes
    where proname = 'lower' and castsource = 'integer'::regtype);
