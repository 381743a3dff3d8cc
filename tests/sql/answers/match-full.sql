-- Foreign keys with MATCH FULL, and ALTER TABLE ... ALTER CONSTRAINT
create table parent (a int, b int, c text, primary key (a, b), unique (b, a, c));
create table single (id int primary key);
insert into parent values (1, 1, 'x'), (1, 2, 'y'), (2, 3, 'z');
insert into single values (1);
create table child (x int, y int, z text, foreign key (x, y) references parent match full on delete set null
    on update cascade);
create table child3 (x int, y int, z text, constraint three foreign key (x, y, z) references parent
    (b, a, c) match full);
create table one (x int references single match full on delete cascade, y int);
insert into child values (1, 1), (null, null), (2, 3);
insert into child values (1, null);
insert into child values (null, 1);
insert into child values (7, 7);
insert into child3 values (1, 1, 'x'), (null, null, null);
insert into child3 values (1, 1, null);
insert into child3 values (null, null, 'x');
insert into child3 values (2, 1, 'x');
insert into one values (null), (1);
insert into one values (2);
update child set x = null where x = 1;
update child set x = null, y = null where x = 1;
update child3 set z = null where z = 'x';
update parent set a = 5 where b = 3;
delete from parent where b = 3;
select x, y from child order by x, y;
delete from single;
select count(*) from one;
select conname, confmatchtype, pg_get_constraintdef(oid) from pg_constraint where contype = 'f' and conrelid in
    ('child'::regclass, 'child3'::regclass, 'one'::regclass) order by conname;
select constraint_name, match_option::text from information_schema.referential_constraints
    where constraint_name = 'three';
alter table child3 rename column y to "Y y";
alter table child3 rename constraint three to "Three three";
insert into child3 values (1, 1, null);
alter table child3 add column more int default 4;
alter table child3 alter column more set default 5;
insert into child3 values (1, null, 'x');
alter table child3 drop constraint "Three three";
insert into child3 values (1, null, 'x');
alter table child3 add foreign key (x, "Y y", z) references parent (b, a, c) match full;
delete from child3 where "Y y" is null and x is not null;
alter table child3 add foreign key (x, "Y y", z) references parent (b, a, c) match full;
insert into child3 values (1, null, 'x');
create table bad (x int, y int, foreign key (x, y) references parent match partial);
alter table child alter constraint child_x_y_fkey not deferrable;
alter table one alter constraint one_x_fkey deferrable initially deferred;
select conname, condeferrable, condeferred from pg_constraint where conname = 'one_x_fkey';
begin;
insert into one values (9);
insert into single values (9);
commit;
begin;
insert into one values (10);
commit;
alter table one alter constraint one_x_fkey deferrable;
insert into one values (10);
alter table one alter constraint nobody deferrable;
alter table single alter constraint single_pkey deferrable;
alter table one validate constraint one_x_fkey;
alter table one validate constraint nobody;
alter table single validate constraint single_pkey;
-- may refuse
create table later (x int, y int, foreign key (x, y) references parent match full deferrable);
drop table if exists later;
create table twice (x int, y int, foreign key (x, y) references parent match full, foreign key (y, x) references
    parent match full);
insert into twice values (1, null);
insert into twice values (1, 1);
drop table child, child3, one, parent, single, twice cascade;
