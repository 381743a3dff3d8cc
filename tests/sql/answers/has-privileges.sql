-- has_table_privilege() and its kind, of admin and of what is not there
create table hp (a int, b text);
create view hp_v as select a from hp;
create sequence hp_s;
create schema hp_n;
select has_table_privilege('hp', 'select'), has_table_privilege('hp', 'SELECT, insert WITH GRANT OPTION'),
    has_table_privilege('hp_v', 'rule');
select has_table_privilege('admin', 'hp', 'trigger'), has_table_privilege('hp'::regclass, 'update'),
    has_table_privilege('public.hp', ' delete ');
select has_table_privilege('hp_nowhere', 'select');
select has_table_privilege('nobody_here', 'hp', 'select');
select has_table_privilege('hp', 'sel');
select has_table_privilege('hp', 'select, usage');
select has_table_privilege('hp', '');
select has_table_privilege(-999999, 'hp', 'update'), has_table_privilege(1, 'select'), has_table_privilege(null,
    'select');
select has_table_privilege('public', 'hp', 'select'), has_table_privilege('public', 'pg_class', 'select'),
    has_table_privilege('public', 'pg_authid', 'select');
select has_table_privilege('pg_database_owner', 'hp', 'select'), has_table_privilege('pg_database_owner',
    'pg_class', 'insert');
select has_any_column_privilege('hp', 'select'), has_any_column_privilege('public', 'hp', 'insert');
select has_any_column_privilege('hp', 'delete');
select has_column_privilege('hp', 'a', 'select'), has_column_privilege('hp', 2::int2, 'update'),
    has_column_privilege('hp_v', 'a', 'references'), has_column_privilege('pg_class', 'relname', 'select'),
    has_column_privilege('hp', 'ctid', 'select');
select has_column_privilege('hp', 'c', 'select');
select has_column_privilege('hp_v', 'b', 'select');
select has_column_privilege('pg_authid', 'nosuchcol', 'select');
select has_column_privilege('hp', 'a', 'delete');
select has_column_privilege('hp', 99::int2, 'select'), has_column_privilege(9999, 'nosuchcol', 'select'),
    has_column_privilege(9999, 99::int2, 'select');
select has_column_privilege('public', 'hp', 'a', 'select'), has_column_privilege('nobody_here', 'hp', 'a', 'select');
select has_sequence_privilege('hp_s', 'usage'), has_sequence_privilege('admin', 'hp_s', 'select, update'),
    has_sequence_privilege('public', 'hp_s', 'usage');
select has_sequence_privilege('hp', 'usage');
select has_sequence_privilege('hp_s', 'insert');
select has_schema_privilege('hp_n', 'usage'), has_schema_privilege('public', 'create'),
    has_schema_privilege('pg_catalog', 'usage'), has_schema_privilege(1, 'usage');
select has_schema_privilege('hp_nowhere', 'usage');
select has_schema_privilege('hp_n', 'select');
select has_database_privilege(current_database(), 'create'), has_database_privilege('public', current_database(),
    'temp, connect'), has_database_privilege('public', current_database(), 'create');
select has_database_privilege('no_such_base', 'connect');
select has_database_privilege(current_database(), 'usage');
select has_function_privilege('lower(text)', 'execute'), has_function_privilege('public', 'lower(text)', 'execute');
select has_function_privilege('lower(text)', 'usage');
select pg_has_role('admin', 'member'), pg_has_role('admin', 'pg_database_owner', 'usage'),
    pg_has_role('pg_database_owner', 'admin', 'member'), pg_has_role('pg_database_owner', 'pg_database_owner',
    'usage');
select pg_has_role('nobody_here', 'member');
select pg_has_role('admin', 'select');
select count(*) from pg_class where relname like 'hp%' and relkind in ('r', 'v') and has_table_privilege(oid,
    'select');
drop view hp_v;
drop table hp;
drop sequence hp_s;
drop schema hp_n;
create temp table hp_t (a int);
create temp sequence hp_ts;
select has_table_privilege('hp_t', 'select'), has_sequence_privilege('hp_ts', 'usage'),
    has_column_privilege('hp_t', 'a', 'insert');
select has_table_privilege('hp_t', 'usage');
select has_sequence_privilege('hp_ts', 'insert');
select has_column_privilege('pg_class', 'relname', 'delete');
drop table hp_t;
drop sequence hp_ts;
