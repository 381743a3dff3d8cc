-- Sizes: of what has none, of forks, and of what is not there; what SQLite does not tell is refused
create table sized (id int, b text unique, c text);
insert into sized select i, i::text, repeat('x', 500) from generate_series(1, 2000) i;
create view sized_view as select * from sized;
create table sized_parts (k int, t text) partition by range (k);
create table sized_part partition of sized_parts default;
create index sized_parts_t on sized_parts (t);
create table sized_bare (a int);
create materialized view sized_kept as select * from sized;
select pg_relation_size('sized') > 0, pg_table_size('sized') >= pg_relation_size('sized'),
    pg_indexes_size('sized') > 0, pg_total_relation_size('sized') = pg_table_size('sized') + pg_indexes_size('sized');
select pg_relation_size('sized_b_key') > 0, pg_indexes_size('sized_b_key'), pg_total_relation_size('sized_b_key') > 0;
select pg_relation_size('sized_view'), pg_table_size('sized_view'), pg_indexes_size('sized_view'),
    pg_total_relation_size('sized_view');
select pg_relation_size('sized_parts'), pg_table_size('sized_parts'), pg_indexes_size('sized_parts'),
    pg_total_relation_size('sized_parts');
select pg_relation_size('sized_parts_t'), pg_total_relation_size('sized_parts_t');
select pg_indexes_size('sized_bare'), pg_relation_size('sized_kept') > 0, pg_indexes_size('sized_kept');
select pg_relation_size(4000000::oid), pg_table_size(4000000::oid), pg_indexes_size(4000000::oid),
    pg_total_relation_size(4000000::oid), pg_relation_size(null::regclass);
select pg_relation_size('sized', 'main') > 0, pg_relation_size('sized', 'init'), pg_relation_size('sized', null);
select pg_relation_size('sized', 'other');
select pg_relation_size('pg_class') > 0, pg_total_relation_size('pg_class') > pg_relation_size('pg_class', 'init');
create temporary table sized_here (a int primary key, b text);
select pg_indexes_size('sized_here') >= 0, pg_relation_size('sized_here', 'init');
-- refused
select pg_get_partition_constraintdef('sized_part'::regclass);
-- refused
select pg_describe_object(1259, 'sized'::regclass, 0);
-- refused
select pg_identify_object(1259, 'sized'::regclass, 0);
-- refused
select pg_relation_filepath('sized');
-- refused
select pg_relation_filenode('sized');
-- refused
select 'sized'::regoper;
-- refused
select '=(int4,int4)'::regoperator;
-- refused
select '"C"'::regcollation;
drop table sized, sized_parts, sized_bare, sized_here cascade;
