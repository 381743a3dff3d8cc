-- A partitioned table has no rows of its own, and a key that the table's own foreign key uses stays
create table p (id int, r int, t text) partition by range (r);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (100) partition by list (t);
create table p2a partition of p2 for values in ('a');
insert into p values (1, 1, 'x'), (2, 20, 'a');
begin;
set constraints nothing_has_this deferred;
rollback;
begin;
-- refused
set constraints p1_has_this deferred;
rollback;
select count(*) from only p;
select * from only p;
select id, t from only p where id = 1 order by t;
select count(*), max(id) from only p2;
select * from only p1;
select * from only p2a;
select o.id, q.id from p q left join only p o on o.id = q.id order by 2;
select tableoid::regclass, id from only p;
with q as (select * from only p) select count(*) from q;
insert into p1 select * from only p;
create view v as select * from only p;
select * from v;
-- refused
delete from only p;
-- refused
update only p set t = 'y';
-- refused
delete from only p2;
delete from only p1 returning *;
select * from p order by id;
drop table p cascade;
create table s (id int primary key, up int references s (id), k int unique, o int references s (k));
alter table s drop constraint s_pkey;
alter table s drop column id;
alter table s drop column k;
alter table s drop constraint s_k_key;
-- refused
alter table s drop constraint s_pkey cascade;
alter table s drop column o;
alter table s drop constraint s_k_key;
alter table s drop constraint s_up_fkey, drop constraint s_pkey;
insert into s values (1, 7, 1), (1, 8, 1);
select * from s order by up;
create table own (id int primary key references own, x int);
alter table own drop column x;
insert into own values (1);
insert into own values (2), (3);
select * from own order by 1;
drop table s, own;
