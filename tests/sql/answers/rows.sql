-- Rows that are put in come out again, changed and counted, with PostgreSQL's types, tags and errors
create table person(id int primary key, name varchar(20) not null, born date, active boolean default true);
insert into person values (1, 'Ada', '1815-12-10', true), (2, 'Bob', null, false), (3, 'Eve', '2000-02-29');
select * from person order by id;
insert into person values (1, 'again');
insert into person(id) values (4);
update person set name = upper(name) where active returning id, name;
delete from person where id = 2;
select count(*), max(born), bool_and(active) from person;
-- with 3 | Eve
select id, $2::text from person where id = $1;
select nothing from person;
-- refused
select xmin from person;
drop table person;
select * from person;
