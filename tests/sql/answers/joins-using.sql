-- JOIN USING: the type of the column of both, and what it means in GROUP BY
create table ju1 (d date, i int, b bool, t text, c char(4), f float8, v varchar(3), s smallint, n numeric, k int);
create table ju2 (d timestamp, i bigint, b int, t int, c text, f int, v text, s int, n int, k int);
insert into ju1 values ('2024-01-01', 1, true, '1', 'ab', 1, 'x', 2, 1, 1),
    (null, 2, null, null, null, null, null, 3, 2, 2);
insert into ju2 values ('2024-01-01', 1, 1, 1, 'ab', 1, 'x', 2, 1, 1), (null, 5, null, null, null, null, null, 7, 5, 5);
-- may refuse
select d from ju1 join ju2 using (d);
-- any order
select i, ju1.i, ju2.i from ju1 full join ju2 using (i);
-- any order
select i from ju1 left join ju2 using (i);
-- any order
select i from ju2 right join ju1 using (i);
select b from ju1 join ju2 using (b);
select t from ju1 join ju2 using (t);
-- may refuse
select c from ju1 join ju2 using (c);
-- may refuse
select f from ju1 join ju2 using (f);
select v, ju1.v, ju2.v from ju1 join ju2 using (v);
select v, ju1.v, ju2.v from ju2 join ju1 using (v);
select s from ju1 join ju2 using (s);
-- may refuse
select n from ju1 join ju2 using (n);
select * from (select i from ju1) x natural join (select i from ju2) y;
select ju1.i from ju1 left join ju2 using (i) group by i;
-- any order
select i from ju1 left join ju2 using (i) group by ju1.i;
-- any order
select ju1.k from ju1 left join ju2 using (k) group by k;
select ju2.k from ju1 join ju2 using (k) group by k;
-- any order
select k from ju1 join ju2 using (k) group by ju1.k;
select k from ju1 join ju2 using (k) group by ju2.k;
select ju2.k from ju1 left join ju2 using (k) group by k;
select ju1.k from ju1 right join ju2 using (k) group by k;
-- any order
select ju2.k from ju1 right join ju2 using (k) group by k;
-- any order
select k from ju1 right join ju2 using (k) group by ju2.k;
select k from ju1 full join ju2 using (k) group by ju1.k;
-- any order
select k from ju1 full join ju2 using (k) group by ju1.k, ju2.k;
-- any order
select k + 1, count(*) from ju1 full join ju2 using (k) group by k;
select ju1.k from ju1 full join ju2 using (k) group by k;
select k, count(*) from ju1 join ju2 using (k) join ju1 z using (k) group by k;
select ju1.k from ju1 join ju2 using (k) join ju1 z using (k) group by k;
drop table ju1, ju2;
create table t1 (a int, x int); create table t2 (a int, y int); create table t3 (k int, z int);
insert into t1 values (1,1),(2,2); insert into t2 values (2,2),(3,3); insert into t3 values (1,1),(2,2),(3,3),(4,4);
-- may refuse
select * from t1 full join t2 using (a) join t3 as q(a, z) using (a) order by 1;
-- may refuse
select * from t1 full join t2 using (a) left join t3 as q(a, z) using (a) order by 1;
-- may refuse
select * from t1 right join t2 using (a) left join t3 as q(a, z) using (a) order by 1;
select * from t1 right join t2 using (a) natural join (select k as a, z from t3) q order by 1;
-- may refuse
select * from t3 as q(a, z) left join (t1 full join t2 using (a)) using (a) order by 1;
-- may refuse
select * from t3 as q(a, z) full join t1 using (a) order by 1;
select * from t1 natural left join t2 natural left join t3 as q(a, z) order by 1;
-- may refuse
select a, count(*) from t1 full join t2 using (a) join t3 as q(a,z) using (a) group by a order by a;
select * from t1 join t2 on t1.a = t2.a join t3 as q(a, z) using (a);
create table b1 (a char(2), b int); create table b2 (a char(4), b int);
insert into b1 values ('x', 1), ('y', 2); insert into b2 values ('x', 1), ('y', 3);
select * from b1 natural join b2;
select * from b1 join b2 using (a, b);
select * from b1 left join b2 using (a) order by 1;
select b2.*, b1.a || '|' from b1 left join b2 using (a) order by 1;
-- may refuse
select * from b1 right join b2 using (a) order by 1;
-- may refuse
select * from b1 full join b2 using (a) order by 1;
select * from b1 full join b1 c using (a) order by 1;
select a, count(*) from b1 join b2 using (a) group by a order by a;
select a from b1 x join b2 using (a) join b1 z using (a) where a = 'x';
select distinct on (a) a from b1 join b2 using (a) order by a desc;
drop table t1, t2, t3, b1, b2;
create domain dd as int; create table d1 (a dd); create table d2 (a int);
insert into d1 values (1); insert into d2 values (1);
select pg_typeof(a) from d1 join d2 using (a);
select pg_typeof(a) from d2 join d1 using (a);
create table t1 (a int, b int); create table t2 (a int, c int); create table t3 (a int, d int);
insert into t1 values (1, 1); insert into t2 values (1, 2); insert into t3 values (1, 3);
select * from t1 join t2 on true join t3 using (a);
select * from t1 cross join t2 natural join t3;
select * from t3 natural join (t1 cross join t2);
select * from t3 join (t1 cross join t2) using (a);
select * from t3 join (t1 join t2 using (a)) using (a);
select * from (t1 join t2 using (a)) join (t3 join t1 q using (a)) using (a, b);
select * from t1 join t2 on true join t3 using (d);
select * from (select 1 as a, 2 as a) x join t1 using (a);
drop table t1, t2, t3;
select * from (select json '1' a) x join (select json '1' a) y using (a);
-- may refuse
select * from (select row(1,2) a) x natural join (select row(1,2.0) a) y;
-- may refuse
select * from (select row(1,2.0) a) x natural join (select row(1,2.00) a) y;
create table t1 (a int, b int); create table t2 (a int, c int);
create table t3 (a int, d int); create table t4 (a bigint, e int);
insert into t1 values (1, 1), (5, 5); insert into t2 values (1, 2), (2, 2);
insert into t3 values (1, 3), (3, 3); insert into t4 values (1, 4);
select * from t1, t2 join t3 using (a) order by 1, 2, 3;
select * from t1, t2 left join t3 using (a) order by 1, 2, 3;
-- may refuse
select * from t1, t2 full join t3 using (a) order by 1, 2, 3;
-- may refuse
select * from t1, t2 right join t3 using (a) order by 1, 2, 3;
-- may refuse
select * from t1, t2 join t4 using (a) order by 1, 2, 3;
select t2.*, t3.*, t1.* from t1, t2 left join t3 using (a) order by 1, 2, 3;
select * from t2 left join t3 using (a), t1 order by 1, 2, 3, 4;
-- may refuse
select * from t2 natural left join t3, t1 natural join t4 x(a, f), (select 9 as a) z order by 1, 2, 3, 4;
select q.* from (select * from t1 x, t2 join t3 using (a)) as q (k, l, m, n, o) order by 1, 2;
select a from t1, t2 join t3 using (a);
select t2.a from t1, t2 join t3 using (a) order by 1;
create view v as select t1.b, j.* from t1, (t2 left join t3 using (a)) j; select * from v order by 1, 2; drop view v;
select * from t2 natural join t3;
alter table t1 alter a type bigint, alter a type int;
alter table t1 alter a type bigint, drop column a;
alter table t1 drop column a, alter a type bigint;
alter table t1 alter a type bigint, alter a set default 4, alter b type text, add foreign key (b) references t1;
alter table t1 alter a type bigint, alter a set default 4, alter b type text, add check (a > 0);
select * from t1 order by 1;
drop table t1, t2, t3, t4;
create table s1 (a int, b int); create table s2 (c int, a int); create table s3 (d int, a int);
insert into s1 values (1, 1), (2, 2); insert into s2 values (7, 2), (8, 3); insert into s3 values (9, 2), (10, 1);
select * from s1, s2 join s3 using (a) order by 1;
select * from s2 join s3 using (a), s1 order by 4;
select * from s1, s2 natural join s3 order by 1;
-- may refuse
select * from s1 cross join (s2 natural join s3) order by 1;
select * from s1, s2 x join s3 y on x.a = y.a order by 1;
select count(*) from s1, s2 join s3 using (a) where s1.a = s3.a;
select s1.a, j.a from s1, (s2 join s3 using (a)) as j order by 1;
select s1.b, s2.c, s3.d from s1, s2 join s3 using (a) join s1 z using (a) order by 1;
select * from s1, lateral (select s1.a + 1 as k) q join s2 on s2.a = k order by 1;
-- may refuse
select * from s1, generate_series(1, s1.a) g (a) join s3 using (a) order by 1;
select s1.a from s1 where exists (select from s2 join s3 using (a) where s1.a = s2.a);
select s1.a from s1 where exists (select from s1 z, s2 join s3 using (a) where s1.a = s2.a) order by 1;
insert into s1 select s1.* from s1, s2 join s3 using (a) returning *;
-- may refuse
update s1 set b = 77 from s2, s3 join s2 z using (a) where s1.a = z.a returning s1.*;
-- may refuse
delete from s1 using s2, s3 join s2 z using (a) where s1.a = z.a returning s1.*;
-- may refuse
select * from s1, s2 full join s3 using (a) where s1.a = 1 order by s3.d;
select * from (s2 natural join s3) cross join s1 order by 1, 4;
-- may refuse
select * from s1 join (s2 join s3 using (a)) on s1.a = s2.a order by 1;
-- may refuse
select * from s1 join (s2 join s3 using (a)) using (a) order by 1;
select * from s1 join (s2 join s3 on s2.a = s3.a) on s1.a = s2.a order by 1;
drop table s1, s2, s3;
