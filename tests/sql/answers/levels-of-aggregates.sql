-- An aggregate belongs to the nearest query whose columns it names, and a subquery names no column that is not grouped
create table o(a int, b int); insert into o values (1,10),(1,20),(2,30);
create table i(x int); insert into i values (5),(6);
select a, (select count(o.a)) from o;
select (select count(o.a)) from o;
select (select sum(o.b)) from o group by a order by 1;
-- may refuse
select a, (select sum(o.b) from i) from o group by a order by 1;
-- may refuse
select a, (select sum(o.b) from i where x=5) from o group by a order by 1;
select (select sum(o.b+x) from i) from o order by 1;
-- may refuse
select (select max((select o.b from i limit 1)) from i) from o;
-- may refuse
select (select count(*) filter (where o.a=1) from i) from o;
select (select count(*) filter (where o.a=1 and x=5) from i) from o;
select b from o where (select count(o.a)) > 1;
select a from o group by a having (select sum(o.b)) > 29 order by a;
select a from o group by a order by (select max(o.b));
select (select string_agg(o.a::text, ',' order by x) from i) from o;
select (select count(1) from i) from o;
select (select sum(1) from i) from o;
select exists (select sum(o.b) from i) from o;
select a, (select sum(sum(o.b)) from i) from o group by a;
select (select sum((select sum(o.b))) from i) from o;
select (select (select sum(o.b)) from i limit 1) from o;
select (select sum(o.b) over () from i limit 1) from o;
select sum((select sum(x) from i)) from o;
-- may refuse
select sum((select sum(o.b) from i)) from o;
update o set b = (select sum(o.b));
select a from o group by a, (select count(o.a));
select a, b from o group by 1;
select a, (select b) from o group by a;
select a, (select b from i limit 1) from o group by a;
select a, (select x from i where x = b) from o group by a;
select a, exists (select x from i where x > b) from o group by a order by 1;
select a+1, (select a+1) from o group by a+1 order by 1;
select a, array(select b) from o group by a order by 1;
select count(*), (select b) from o;
select count(*), (select x from i where x=b) from o;
select a, a in (select b) from o group by 1;
select a from o group by a having exists (select 1 from i where x < b);
select a from o group by a order by (select b);
-- may refuse
select 1 from o group by a having a = (select max(b) from i where x < a);
create table p(id int primary key, v int); insert into p values (1,2),(2,3);
select id, (select v) from p group by id order by id;
select p.id, (select p.v + sum(o.b)) from p join o on o.a = p.id group by p.id order by 1;
drop table o, i, p;
