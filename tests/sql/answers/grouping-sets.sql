-- GROUPING SETS, CUBE, ROLLUP, HAVING without GROUP BY, and functions that answer rows beside aggregates
create table gs (a int, b int, c text, v int);
insert into gs values (1,1,'x',10),(1,1,'y',20),(1,2,'x',30),(2,1,'z',40),(2,null,'x',50),(null,3,'y',60);
select a, b, grouping(a,b), sum(v), count(*), max(v) from gs group by rollup (a,b) order by a, b, grouping(a,b);
select a, b, grouping(a,b), sum(v) from gs group by cube (a,b) order by 3, 1, 2;
select a, b, c, sum(v) from gs group by grouping sets ((a,b),(c),()) order by 1,2,3,4;
select a, sum(v) from gs group by grouping sets (a, a, ()) order by 1, 2;
select a, sum(v) from gs group by distinct grouping sets (a, a, ()) order by 1, 2;
select a, b, sum(v) from gs group by a, rollup(b) order by 1,2,3;
select a, b, sum(v) from gs group by rollup(a), rollup(b) order by 1,2,3;
select a+b, lower(c) as lc, sum(v) as s from gs group by rollup (a+b, lower(c)) having grouping(a+b) = 0 or
    count(*) > 3 order by 1,2,3;
select a, b, sum(v), rank() over (partition by grouping(a,b) order by sum(v)) from gs group by rollup(a,b) order by
    3,1,2,4;
select a, sum(v), sum(sum(v)) over (order by a nulls first) from gs group by rollup(a) order by 1,2,3;
select distinct grouping(a,b) from gs group by cube(a,b) order by 1;
select distinct on (g) grouping(a,b) as g, a, b, sum(v) from gs group by cube(a,b) order by g, a, b;
select grouping(a), a from gs group by a order by 2;
select grouping(v), a from gs group by a;
select grouping(a) from gs;
select a, v from gs group by rollup(a);
select count(*) from gs group by ();
select count(*) from gs where false group by ();
select 1 from gs group by ();
select a, count(*) from gs where false group by rollup(a);
select a, count(*) from gs where false group by grouping sets ((), a, ());
select (select count(*) from gs g2 where g2.a = gs.a), a, grouping(a) from gs group by rollup(a) order by 2, 3;
select a, b, count(distinct c), string_agg(c, ',' order by c) filter (where v > 10), avg(v) from gs group by
    grouping sets (a,b) order by 1,2;
select 1 as one from gs having count(*) > 1;
select 1 as one from gs having 1 < 2;
select 1 as one from gs having 1 > 2;
select 1 having true;
select a from gs having min(a) < max(a);
select sum(v), generate_series(1, 3) from gs;
select a, count(*), generate_series(1, 2) from gs group by a order by 1, 3;
select a, generate_series(1, count(*)) from gs group by a order by 1,2;
select a, b, sum(v) from gs group by cube ((a,b), c) order by 1,2,3;
select case when grouping(a) = 1 then 'all' else a::text end as label, sum(v::numeric)/3 from gs group by rollup(a)
    order by 1;
select * from (select a, b, sum(v) s from gs group by rollup(a,b)) q where s > 50 order by 1,2,3;
select a, s.a2, count(*) from gs, (select 7 as a2) s group by rollup(a, s.a2) order by 1,2,3;
create table gk (id int primary key, name text, w numeric(6,2), d date);
insert into gk values (1,'one',1.50,'2024-01-01'),(2,'two',2.25,'2024-02-01'),(3,'three',null,'2024-01-01');
select id, name, d, sum(w) from gk group by grouping sets ((id, d), (id)) order by 1,3;
select id, name, sum(w) from gk group by rollup(id);
select d, w, count(*) from gk group by cube(d, w) order by 1, 2, 3;
select w, sum(w) from gk group by rollup(w) having sum(w) > 1.5 order by w desc, 2;
select 5 in (select sum(v) from gs group by rollup(a));
select x, count(*) from (values (1.5), (1.50), (2)) t(x) group by rollup(x) order by 1, 2;
select a as q, sum(v) from gs group by rollup(q) order by q, 2;
select a, sum(v) from gs group by rollup(1) order by 1, 2;
select a, sum(v) from gs group by rollup(3) order by 1, 2;
select a, sum(v) from gs group by grouping sets (rollup(a), cube(b)) order by 1, 2;
select a, sum(v) from gs group by grouping sets (grouping sets (a), (), grouping sets ((), b)) order by 1, 2;
select a, random() < 2, count(*) from gs group by rollup(a) order by 1, 3;
select t.a, u.v, count(*) from gs t join gs u using (a) group by rollup(a, u.v) order by 1,2,3;
select a, count(*) from gs t join gs u using (a) group by rollup(a) order by 1,2;
drop table gk;
drop table gs;
-- refused
select 1 as x, a, count(*) from (values (1), (2)) t(a) group by grouping sets (1, 2) order by 1, 2, 3;
-- refused
select a as p, a as q from (values (1), (2)) t(a) group by p, rollup (q);
-- direct arguments of WITHIN GROUP
-- may refuse
select grouping(a), a, rank(a) within group (order by b nulls first) from (values (1,1),(1,4),(3,1),(3,2)) v(a,b)
    group by rollup (a) order by a;
select a, rank(2) within group (order by b), percentile_cont(0.5) within group (order by b)
    from (values (1,1),(1,4),(1,5),(3,1),(3,2)) v(a,b) group by rollup (a) order by a;
