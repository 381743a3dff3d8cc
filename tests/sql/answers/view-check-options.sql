-- Check options, defaults and options of views, and views over temporary tables
create table co_base (a int, b int default 10, c text);
create view co_1 as select * from co_base where a < b with local check option;
insert into co_1 values (3, 4);
insert into co_1 values (4, 3);
insert into co_1 values (5, null);
insert into co_1 (a) values (5);
insert into co_1 (a) values (10);
insert into co_1 values (6, 7), (8, 8);
insert into co_1 select 1, 0;
insert into co_1 values (7, 9, 'x') returning a + b, c;
insert into co_1 values (9, 7, 'x') returning a + b, c;
update co_1 set b = 5 where a = 3;
update co_1 set b = -5 where a = 3;
update co_1 set b = -5 where a = 3 returning *;
-- any order
update co_1 set b = b + 1 returning a, b;
select * from co_base order by a, b;
create view co_2 as select a from co_base where a > 0;
create view co_3 as select * from co_2 where a < 10 with cascaded check option;
insert into co_3 values (-5);
insert into co_3 values (5);
insert into co_3 values (15);
update co_3 set a = a - 10;
update co_3 set a = a + 10;
create or replace view co_3 as select * from co_2 where a < 10 with local check option;
insert into co_3 values (-10);
insert into co_3 values (20);
update co_3 set a = 30 where a = 5;
alter view co_3 set (check_option = cascaded);
insert into co_3 values (-11);
alter view co_3 set (check_option = LOCAL);
insert into co_3 values (-12);
alter view co_3 reset (check_option);
insert into co_3 values (30);
select a from co_base where a < 0 or a > 15 order by a;
create view co_4 as select * from co_2 with check option;
insert into co_4 values (-1);
create view co_5 as select * from co_3 with local check option;
insert into co_5 values (-2);
create view co_6 as select * from co_5 where a <> 100 with cascaded check option;
insert into co_6 values (-2);
insert into co_6 values (100);
alter view co_3 set (check_option = nonsense);
alter view co_3 set (security_barrier = 3);
alter view co_3 set (security_barrier, check_option = local);
alter view co_3 set (other = 3);
create view co_7 with (check_option = local, check_option = local) as select a from co_base;
create view co_7 with (security_barier) as select 1;
create view co_7 as select count(*) from co_base with check option;
create view co_7 as select distinct a from co_base with local check option;
create view co_7 as select a + 1 as x from co_base with local check option;
create view co_7 with (check_option = cascaded) as select 1 as a;
create view co_7 with (security_barrier = false, check_option = cascaded) as select a, b from co_base where a = any
(array[1, 2, b]);
insert into co_7 values (9, 9), (2, 5);
insert into co_7 values (9, 8);
select table_name::text, check_option::text from information_schema.views where table_schema = 'public' order by 1;
select relname::text, reloptions from pg_class where relname like 'co\__' and relkind = 'v' order by 1;
create table co_ref (a int primary key);
insert into co_ref select generate_series(1, 3);
create table co_sub (a int, b int);
create view co_8 as select * from co_sub s where exists (select 1 from co_ref r where r.a = s.a) with check option;
insert into co_8 values (1, 1), (3, 3);
insert into co_8 values (4, 4);
update co_8 set a = 3 where a = 1;
update co_8 set a = 4;
update co_8 set b = 7 returning a, b;
-- may refuse
insert into co_8 select max(a), 1 from co_8;
create view co_9 as select * from co_sub s where (select count(*) from co_sub) < 100 with check option;
-- may refuse
insert into co_9 values (1, 1);
insert into co_base (a, b) values (1, 2);
delete from co_1 where a = 1;
create table co_key (k int primary key, v int, w text);
create view co_10 as select k as key, v as value, w from co_key where v > 0 with check option;
insert into co_10 values (1, 1, 'a'), (2, 2, 'b');
insert into co_10 values (1, 5) on conflict (key) do update set value = excluded.value;
insert into co_10 values (1, 5) on conflict (key) do update set value = -excluded.value;
insert into co_10 values (1, -5) on conflict (key) do nothing;
insert into co_10 values (1, -5) on conflict (key) do update set w = 'changed';
insert into co_10 values (3, -5) on conflict (key) do nothing;
insert into co_10 values (3, 3, 'c'), (1, 7, 'd') on conflict (key) do update set value = excluded.value returning *;
select * from co_key order by k;
-- with 5 | 3
insert into co_10 (key, value) values ($1, $2);
-- with 6 | -3
insert into co_10 (key, value) values ($1, $2);
-- with -4
update co_10 set value = $1;
-- defaults
create table co_def (a int, b text default 'table', c text default 'table', d text, e int primary key);
create view co_def1 as select e, a as aa, b as bb, c as cc, d as dd, a + 1 as x from co_def;
create view co_def2 as select * from co_def1;
alter view co_def1 alter column bb set default 'view';
alter view co_def1 alter column dd set default 'view d';
alter view co_def2 alter bb set default 'view 2';
alter view co_def2 alter aa set default 7;
insert into co_def values (1, default, default, default, 1);
insert into co_def1 (e) values (2);
insert into co_def1 values (3, default, default, default, default);
insert into co_def2 (e) values (4);
insert into co_def2 values (5, default, default, default, default), (6, 1, 'x', default, default);
insert into co_def2 (e, cc) select 8, 'y' returning *;
update co_def2 set bb = default, cc = default, dd = default where e = 5;
update co_def1 set bb = default, cc = default, dd = default where e = 6;
alter view co_def1 alter column dd drop default;
insert into co_def2 (e) values (7);
select * from co_def order by e;
create or replace view co_def2 as select *, 1 as one from co_def1;
insert into co_def2 (e) values (9) returning bb, aa;
select column_name::text, column_default::text from information_schema.columns where table_name in ('co_def1',
'co_def2') order by table_name, ordinal_position;
select attname::text, atthasdef, pg_get_expr(adbin, adrelid) from pg_attribute a left join pg_attrdef d on attrelid
= adrelid and attnum = adnum where attrelid = 'co_def2'::regclass order by attnum;
alter view co_def1 alter column nothing set default 1;
alter view co_def1 alter column aa set default 'x';
alter view co_def1 alter column e set not null;
alter view co_def1 add column e2 int;
alter table co_def1 alter column e drop default;
alter view co_def alter column e drop default;
alter view if exists co_none alter column e drop default;
-- parts of columns
create table co_part (k int, arr int[], j jsonb);
create view co_part1 as select arr as numbers, k, j as doc from co_part;
insert into co_part1 values ('{1,2,3}', 1, '{"a": 1}');
update co_part1 set numbers[1] = 42, numbers[2] = 77, doc['b'] = '5';
update co_part1 set numbers[2:3] = '{7,8}' where k = 1 returning *;
create view co_part2 as select * from co_part where arr[1] > 0 with check option;
update co_part2 set arr[1] = -1;
update co_part2 set arr[1] = arr[1] + 1;
select * from co_part;
-- of what can't be changed
create sequence co_seq;
create view co_11 as select last_value from co_seq;
update co_11 set last_value = 5;
delete from co_11;
-- temporary ones
create temp table co_temp (a int, b int);
create view co_12 as select a from co_temp where b > 0;
insert into co_temp values (1, 1), (2, 0);
select * from co_12;
create view public.co_13 as select a from co_temp;
create view co_13 as select t.a, s.b from co_temp t join co_sub s on true;
create or replace view co_13 as select t.a, s.b, 1 as c from co_temp t join co_sub s on true;
select a, c from co_13 limit 1;
create view co_14 as select a from co_12;
create view pg_temp.co_15 as select a from co_base;
select relname::text, relpersistence from pg_class where relname like 'co_1_' and relkind = 'v' order by 1;
drop table co_temp cascade;
select relname::text, relpersistence from pg_class where relname like 'co_1_' and relkind = 'v' order by 1;
drop view co_15, co_11, co_10, co_9, co_8, co_7, co_6, co_5, co_4, co_3, co_2, co_1, co_def2, co_def1, co_part1,
co_part2;
drop table co_base, co_ref, co_sub, co_key, co_def, co_part;
drop sequence co_seq;
-- what information_schema says of triggers
create table co_tr (a int, b int);
create view co_trv as select a, count(*) as n from co_tr group by a;
create function co_trf() returns trigger language plpgsql as
'begin insert into co_tr values (new.a, new.n); return new; end';
select is_updatable::text, is_insertable_into::text, is_trigger_updatable::text, is_trigger_deletable::text,
is_trigger_insertable_into::text from information_schema.views where table_name = 'co_trv';
create trigger co_trg instead of insert on co_trv for each row execute function co_trf();
select is_updatable::text, is_insertable_into::text, is_trigger_updatable::text, is_trigger_deletable::text,
is_trigger_insertable_into::text from information_schema.views where table_name = 'co_trv';
create trigger co_trh instead of update or delete on co_trv for each row execute function co_trf();
select is_updatable::text, is_insertable_into::text, is_trigger_updatable::text, is_trigger_deletable::text,
is_trigger_insertable_into::text from information_schema.views where table_name = 'co_trv';
drop table co_tr cascade;
drop function co_trf();
