-- What depends on a column of the rows that a function answers
create table fd (f1 text, f2 text, f3 text, f4 int);
insert into fd values ('a', 'b', 'c', 1);
create function fd1() returns setof fd language sql as $$ select * from fd $$;
create view fdv as select x.* from fd1() x;
select * from fdv;
alter table fd drop column f3;
select * from fdv;
-- may refuse
alter table fd drop column f3 cascade;
drop view if exists fdv;
alter table fd drop column if exists f3;
drop function fd1;
create function fd1() returns setof fd language sql as $$ select * from fd $$;
select * from fd1();
create view fdv as select f1 from fd1();
select * from fdv;
alter table fd drop column f1;
-- refused
alter table fd drop column f2;
drop view fdv;
alter table fd drop column f2;
select * from fd;
drop function fd1;
drop table fd;
-- A type that a partition key is of
create domain fdd as int;
create table fdp (a fdd, b text) partition by range (a);
drop domain fdd;
-- refused
drop domain fdd cascade;
drop table fdp;
drop domain fdd;
