-- A serial column's type is changed to another integer's, as migrations do
create table st(id serial primary key, a smallserial);
insert into st default values;
alter table st alter id type bigint;
alter table st alter a type integer;
insert into st default values;
select * from st order by id;
select column_name, data_type, column_default from information_schema.columns where table_name = 'st' order by 1;
select pg_get_serial_sequence('st', 'id'), pg_get_serial_sequence('st', 'a');
alter table st alter id type smallint;
insert into st(id, a) values (40000, 1);
insert into st default values returning id;
insert into st(id, a) values (4, 40000);
