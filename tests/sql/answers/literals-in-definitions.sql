-- A literal in a definition means what the session's TimeZone and DateStyle say when it is written, as in any statement
set timezone = 'America/New_York';
set datestyle = 'ISO, DMY';
create table t(id int primary key, a timestamptz default '2024-01-01 10:00', d date default '01/02/2024',
    b timestamp default '03/04/2024 05:06',
    check (a > '2024-01-01 09:59' and d < '02/02/2024'));
insert into t(id) values (1);
insert into t(id, a) values (2, '2024-07-01 10:00:00.126');
insert into t(id, a) values (3, '2024-01-01 09:30');
insert into t(id, d) values (3, '03/02/2024');
select * from t order by id;
alter table t add column e timestamptz(1) default '2024-07-01 10:00:00.26',
    add column f date not null default '05/06/2024';
alter table t alter column d set default '07/08/2023';
insert into t(id) values (4);
select * from t order by id;
create view v as select id, timestamptz '2024-01-01 10:00' as x, d, a from t where d >= '01/02/2024'
    and a < '2024-07-01 09:00';
select * from v order by id;
create unique index on t(d) where d > '05/02/2024';
insert into t(id, d) values (5, '01/02/2024');
create table u as select timestamptz '2024-03-10 12:00' as a, date '11/10/2024' as d;
select * from u;
create table w(d date default 'today', a timestamptz default 'now', k timestamptz default 'epoch');
insert into w default values;
select d = current_date, a <= now(), a > now() - interval '1 hour', k from w;
set datestyle = 'ISO, MDY';
create table m(d date default '01/02/2024', a timestamptz default '2024-01-01 10:00');
insert into m default values;
insert into t(id, d) values (6, '02/20/2023');
set timezone = 'Asia/Kathmandu';
create table n(a timestamptz default '2024-01-01 10:00', s timestamptz default '2024-01-01 10:00 America/New_York');
insert into n default values;
insert into m default values;
insert into t(id) values (7);
select * from v order by id;
select * from m;
select * from n;
drop view v;
create view v as select timestamptz '2024-01-01 10:00' as x;
select * from v;
set timezone = 'UTC';
drop view v;
create view v as select timestamptz '2024-01-01 10:00' as x;
select * from v;
select * from t order by id;
begin;
set local timezone = 'America/New_York';
set local datestyle = 'ISO, DMY';
create table x(a timestamptz default '2024-01-01 10:00', d date default '01/02/2024');
insert into x default values;
commit;
select * from x;
