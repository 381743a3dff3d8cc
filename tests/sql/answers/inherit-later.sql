-- ALTER TABLE ... INHERIT and NO INHERIT.
create table np (a int not null, b text, c numeric(5,2), constraint pos check (a > 0));
create table nc (z int, c numeric(5,2), b text, a int);
alter table nc inherit np;
alter table nc alter a set not null;
alter table nc inherit np;
alter table nc add constraint pos check (a > 1);
alter table nc inherit np;
alter table nc drop constraint pos;
alter table nc add constraint pos check (a > 0);
insert into np values (1, 'p', 1); insert into nc values (9, 2, 'c', 3);
select * from np;
alter table nc inherit np;
select * from np order by a;
select attname, attislocal, attinhcount from pg_attribute where attrelid = 'nc'::regclass and attnum > 0 order by
    attnum;
select inhparent::regclass, inhseqno from pg_inherits where inhrelid = 'nc'::regclass;
alter table nc inherit np;
alter table np inherit nc;
alter table np inherit np;
update np set b = b || '!' returning *;
alter table nc drop column b;
alter table np add column d int default 4;
select * from nc;
alter table nc no inherit np;
alter table nc no inherit np;
select attname, attislocal, attinhcount from pg_attribute where attrelid = 'nc'::regclass and attnum > 0 order by
    attnum;
alter table nc drop column b;
select * from np; select * from nc;
create table nw (a text, b text, c numeric(5,2)); alter table nw inherit np;
create table nm (a int not null, b text); alter table nm inherit np;
create table nl (a int not null, b varchar, c numeric(5,2), d int); alter table nl inherit np;
create table nq (a int) partition by list (a); create table nq1 partition of nq for values in (1);
create table nx (a int);
alter table nq inherit nx; alter table nx inherit nq; alter table nx inherit nq1; alter table nq1 inherit nx;
create view nv as select 1 as a; alter table nx inherit nv; alter table nx inherit nothing;
alter table nx no inherit nothing; alter table nx no inherit nm;
create temp table nt (a int); alter table nx inherit nt;
create table n1 (a int); create table n2 (a int, b int); create table n3 (a int, b int, x int) inherits (n1);
alter table n3 inherit n2;
insert into n3 values (1, 2, 3); select * from n1; select * from n2;
alter table n3 no inherit n1; select * from n1; select * from n2; alter table n3 drop column a;
select attname, attislocal, attinhcount from pg_attribute where attrelid = 'n3'::regclass and attnum > 0 order by
    attnum;
create function nf() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger nrow after insert on nx referencing new table as q for each row execute function nf();
alter table nx inherit n1;
drop table n3, n2, n1, nt, nx, nq, nl, nm, nw, nc, np; drop view nv; drop function nf();
