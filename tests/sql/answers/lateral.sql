-- LATERAL: subqueries and functions in FROM that read what stands before them
create table la (id int primary key, g int, name text, p numeric(8,2), d date, c char(5));
create table lb (id int primary key, a int references la(id), v int, w numeric, t text, c char(5));
insert into la values
    (1,1,'one',1.50,'2024-01-01','ab'), (2,1,'two',2.50,'2024-02-01','cd'),
    (3,2,'three',null,'2024-03-01','ab'), (4,null,null,7,null,null);
insert into lb values
    (1,1,10,1.5,'x','ab'),(2,1,20,2.50,'y','cd'),(3,2,30,7.0,'z','ab'),(4,2,5,0.1,'it''s',null),(5,null,1,1,'q"q','ab');
select la.id, s.v from la, lateral (select v from lb where lb.a = la.id order by v desc limit 1) s order by 1;
select la.id, s.v from la left join lateral (select v from lb where lb.a = la.id order by v desc limit 1) s on true
    order by 1;
select la.id, s.n, s.total from la cross join lateral (select count(*) n, sum(w) total from lb where lb.a = la.id)
    s order by 1;
select la.id, s.n from la left join lateral (select count(*) n from lb where lb.a = la.id) s on s.n > 0 order by 1;
select la.id, x.y from la, lateral (select la.id + 1 as y) x order by 1;
select la.id, x.y from la left join lateral (select la.id + 1 as y) x on la.id > 2 order by 1;
select la.id, x.y, z.q from la, lateral (select la.id * 2 as y) x, lateral (select x.y + la.id as q) z order by 1;
select la.id, g from la, generate_series(1, la.id) g order by 1, 2;
select la.id, g from la left join lateral generate_series(1, la.g) g on true order by 1, 2;
select la.id, u from la, upper(la.name) u order by 1;
select la.id, u from la, lateral upper(la.name || 'x') as u order by 1;
select la.id, s.p from la, lateral (select p from la l2 where l2.p = la.p union all select la.p + 1) s order by 1, 2;
select la.id, s.* from la, lateral (select * from lb where lb.c = la.c) s order by 1, s.id;
select la.id, s.* from la, lateral (select * from lb where lb.w = la.p) s order by 1, s.id;
select la.id, s.w from la, lateral (select w from lb where w > la.p) s order by s.w, la.id;
select la.id, s.m from la, lateral (select max(w) m from lb where w > la.p) s where s.m > 2 order by s.m desc, 1;
select la.id, s.x from la, lateral (values (la.id), (la.id * 10)) s(x) order by 1, 2;
select la.id, s.x from la, lateral (values (la.p), (1.25)) s(x) order by 2, 1;
select la.id, r.v, r.rn from la, lateral (select v, row_number() over (order by v) rn from lb where lb.a = la.id) r
    order by 1, 3;
select id, (select string_agg(s.t, ',' order by s.t) from lateral (select t from lb where lb.a = la.id) s) from la
    order by 1;
select id from la where exists (select 1 from lb, lateral (select lb.v + la.id as q) s where s.q > 21) order by 1;
select la.id, s2.v from la, lateral (select id, a from lb where a = la.id) s1, lateral (select v from lb where
    lb.id = s1.id and la.id = s1.a) s2 order by 1,2;
select la.id, x.q from la, lateral (select s.v q from lb, lateral (select lb.v + la.id as v where lb.a = la.id) s)
    x order by 1, 2;
select la.id, x.q from la, lateral (select s.v q from lb, lateral (select lb2.v + la.id + lb.v as v from lb lb2
    where lb.a = la.id and lb2.t = 'it''s') s where lb.t <> 'q"q') x order by 1, 2;
select * from la, lateral (select la.id as i, lb.v from lb where lb.a = la.id) ss(p1, p2) order by p1, p2;
select la.id, sum(s.v) from la left join lateral (select v from lb where a = la.id) s on true group by la.id order
    by 1;
select la.id, s.d from la, lateral (select la.d + 1 as d, la.d - interval '1 day' as e from lb where lb.a = la.id
    and la.d > date '2024-01-15') s order by 1;
select * from la right join lateral (select la.id) s on true;
select * from la full join lateral (select la.id from lb) s on true;
select * from la right join lateral generate_series(1, la.id) g on true;
select * from la, lateral (select sum(la.id)) s;
select * from la, lateral (select sum(la.id) from lb) s;
select la.id, s.sum from la, lateral (select sum(la.id + lb.v) from lb) s order by 1;
select * from la, (select la.id) s;
select * from la a, lateral (select nope from lb) s;
select * from lateral (select 1 as one) s;
select * from la, lateral (select * from lb) la;
update la set g = s.n from (select 1 as n) q, lateral (select 5 as n) s where la.id = 1;
update la set g = s.n from lateral (select la.id as n) s;
select id, g from la order by 1;
create table lc (id int, n int);
insert into lc select la.id, s.v from la, lateral (select v from lb where lb.a = la.id) s;
select * from lc order by 1, 2;
delete from lc using la, lateral (select v from lb where lb.a = la.id and v > 15) s where lc.n = s.v;
select * from lc order by 1, 2;
select la.id, b.b from la, lateral (select la.id > 2 as b from lb limit 1) b order by 1;
select la.id, s.x from la, lateral (select la.name || coalesce(lb.t, '-') x from lb where lb.v between la.id * 5
    and la.id * 15) s order by 1, 2;
select la.id, f.x from la, lateral (select la.id::float8 / 3 as x from lb limit 1) f order by 1;
select la.id, f.x from la, lateral (select 10 / (la.id - 2) as x from lb limit 1) f order by 1;
select a.id, s.id from la a join lateral (select id from lb where a = a.id) s on true order by 1, 2;
select a.id, b.id, s.q from la a join lb b on b.a = a.id join lateral (select a.id + b.v as q from la where la.id =
    b.id) s on s.q > 11 order by 1, 2;
select la.id, s.v from la, lateral (select v from lb where lb.a = la.id offset 1 rows fetch first 1 row only) s
    order by 1;
select la.id, s.k, s.cnt from la, lateral (select v % 2 as k, count(*) as cnt from lb where a = la.id group by
    rollup(v % 2)) s order by 1, 2, 3;
select distinct s.c from la, lateral (select c from lb where lb.c = la.c) s;
select la.id, s.x from la, lateral (select array_agg(v order by v) x from lb where a = la.id) s order by 1;
select la.id, s.x from la, lateral (select json_agg(t) x from lb where a = la.id) s order by 1;
select la.id, s.x from la, lateral (select now() = now() as x from lb limit 1) s order by 1;
select count(*) from la, lateral (select random() as r) s where s.r = s.r;
with q as (select 1 as k) select la.id, s.k from la, lateral (with i as (select la.id + 1 as k) select k from i) s
    order by 1;
prepare lp (int, numeric) as select la.id, s.v, s.k from la, lateral (select v, $1 as k from lb where v > $1 and w
    > $2 and lb.a = la.id) s
 order by 1, 2;
execute lp (6, 1.5);
execute lp (10, 0.5);
deallocate lp;
-- refused
insert into lc select la.id, s.n from la, lateral (select lc.n from lc where lc.id = la.id) s;
-- refused
with q as (select 1 as k) select la.id, s.k from la, lateral (select q.k from q where q.k = la.id) s;
-- refused
create view lv as select la.id, s.v from la, lateral (select max(v) as v from lb where lb.a = la.id) s;
create view lv as select la.id, s.v from la, lateral (select la.id * 2 as v) s;
select * from lv order by 1;
-- may refuse
select * from la left join (lb cross join lateral (select la.id + lb.id as x) s) on true order by 1, s.x;
select * from generate_series(1, 3) a, lateral (select * from generate_series(1, a) b, lateral (select a * b as c)
    y) z order by 1, 2, 3;
drop view lv;
drop table lc;
drop table lb;
drop table la;
-- refused
select * from (values (1), (2)) a(x), (values (3)) b(y) left join lateral (select a.x + b.y) s(z) on true;
