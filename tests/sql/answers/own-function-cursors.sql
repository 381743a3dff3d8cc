-- Cursors over functions that read what is changed while the cursor is open
create table fct (f1 int);
create function fcv() returns int8 language sql volatile as 'select count(*) from fct';
create function fcs() returns int8 language sql stable as 'select count(*) from fct';
create function fcp(int) returns int language sql as 'select $1 + 1';
create function fcn() returns int8 language plpgsql as $$ begin return fcs(); end $$;
begin;
insert into fct values (1);
declare c1 cursor for select fcs(), fcp(1);
insert into fct values (2);
fetch all from c1;
rollback;
begin;
insert into fct values (1);
declare c1 cursor for select fcv(), fcs();
fetch all from c1;
close c1;
insert into fct values (2);
declare c2 cursor for select fcv(), f1 from fct order by f1;
fetch 2 from c2;
rollback;
begin;
declare c1 cursor for select fcv(), 1;
-- refused
insert into fct values (1);
rollback;
begin;
declare c1 cursor with hold for select fcn(), 1;
-- refused
insert into fct values (1);
rollback;
begin;
insert into fct values (5);
declare c1 cursor with hold for select fcv(), fcn();
commit;
fetch all from c1;
insert into fct values (6);
close c1;
create view fcw as select fcv() as n;
begin;
declare c1 cursor for select * from fcw;
-- refused
delete from fct;
rollback;
drop view fcw;
drop function fcv, fcs, fcp, fcn;
drop table fct;
create temporary table fctt (f1 int);
create function fctv() returns int8 language sql volatile as 'select count(*) from fctt';
begin;
declare c1 cursor for select fctv(), 1;
-- refused
insert into fctt values (1);
rollback;
drop function fctv;
drop table fctt;
