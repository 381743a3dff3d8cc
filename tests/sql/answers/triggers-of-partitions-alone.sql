-- A trigger of a partitioned table is renamed where its partitions have no other of the name, and not switched alone
create table pg1 (id int, n int) partition by range (id);
create table pg2 partition of pg1 for values from (1) to (10) partition by range (id);
create table pg3 partition of pg2 for values from (1) to (5);
create table pg4 partition of pg2 for values from (5) to (10);
create table pgl (n serial, t text);
create function pgf() returns trigger language plpgsql as $$ begin
    insert into pgl (t) values (tg_name || ' ' || tg_table_name); return new; end $$;
create trigger a after insert on pg1 for each row execute function pgf();
create trigger s after insert on pg1 for each statement execute function pgf();
alter trigger a on pg1 rename to b;
create trigger c after insert on pg2 for each row execute function pgf();
create trigger d after insert on pg4 for each row execute function pgf();
alter trigger b on pg1 rename to c;
alter trigger b on pg1 rename to d;
alter trigger c on pg2 rename to d;
alter trigger b on pg1 rename to e;
alter trigger s on pg1 rename to d;
alter trigger d on pg4 rename to f;
alter trigger c on pg2 rename to d;
select tgrelid::regclass::text, tgname from pg_trigger where tgrelid::regclass::text like 'pg_' order by 1, 2;
insert into pg1 values (1), (7);
select t from pgl order by n; delete from pgl;
-- refused
alter table only pg1 disable trigger e;
-- refused
alter table only pg1 disable trigger user;
-- refused
alter table only pg2 enable always trigger d;
alter table only pg1 disable trigger d;
alter table only pg4 disable trigger f;
alter table only pg1 disable trigger nothing;
insert into pg1 values (1), (7);
select t from pgl order by n; delete from pgl;
alter table pg1 disable trigger e;
alter table only pg1 enable trigger d;
insert into pg1 values (1), (7);
select t from pgl order by n; delete from pgl;
alter table pg1 enable trigger user;
insert into pg1 values (1), (7);
select t from pgl order by n;
drop table pg1, pgl;
drop function pgf;
