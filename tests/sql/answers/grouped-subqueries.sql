-- Subqueries as a whole in GROUP BY
create table gb(id serial primary key, a int, b int);
create table gc(id serial primary key, gb_id int, v int);
insert into gb(a,b) values (1,2),(1,3),(2,2),(2,2);
insert into gc(gb_id,v) values (1,2),(1,3),(3,2),(null,2);
select exists(select 1 from gc where gb_id = gb.id) e, count(*) from gb group by exists(select 1 from gc where
    gb_id = gb.id) order by 1;
select (select min(v) from gc where gb_id = gb.id) e, count(*) from gb group by 1 order by 1;
select (select min(v) from gc where gb_id = gb.id) e, count(*) from gb group by (select min(v) from gc where gb_id
    = gb.id) order by 1;
select (select min(v) from gc u0 where u0.gb_id = gb.id) e, a, count(*) from gb group by (select min(v) from gc u0
    where u0.gb_id = gb.id), a order by 1, a;
select (select min(v) from gc u0 where u0.gb_id = gb.id) + 1 e, a, count(*) from gb group by (select min(v) from gc
    u0 where u0.gb_id = gb.id), a order by 1, a;
select (select min(v) from gc u0 where u0.gb_id = gb.id) + 1 e, a, count(*) from gb group by (select min(v) from gc
    u1 where u1.gb_id = gb.id), a order by 1, a;
select (select min(v) from gc u0 where u0.gb_id = gb.id) + 1 e, a, count(*) from gb group by (select max(v) from gc
    u1 where u1.gb_id = gb.id), a order by 1, a;
select a, count(*) from gb group by a having (select count(*) from gc where gb_id = gb.a) > 0;
select a, count(*) from gb group by a, (select count(*) from gc where gb_id = gb.id) having (select count(*) from
    gc where gb_id = gb.id) > 0;
select a, gb.id in (select gb_id from gc) x, count(*) from gb group by a, gb.id in (select gb_id from gc) order by
    1,2;
select a, 1 in (select gb_id from gc where gc.gb_id = gb.id) x, count(*) from gb group by a, 1 in (select gb_id
    from gc where gc.gb_id = gb.id)  order by 1,2;
select a, array(select gb_id from gc where gc.gb_id = gb.id order by 1) x, count(*) from gb group by a,
    array(select gb_id from gc where gc.gb_id = gb.id order by 1)  order by 1,2;
-- may refuse
select a, max(id), (select count(*) from gc where gb_id = max(gb.id)) from gb group by a, (select count(*) from gc
    where gb_id = gb.id) order by (select count(*) from gc where gb_id = gb.id), a;
select (select v from gc where gc.id = gb.id) > 2 x, count(*) from gb group by (select v from gc where gc.id =
    gb.id) > 2 order by 1;
select (select v from gc where gc.id = gb.id) x, count(*) from gb group by (select v from gc where gc.id = gb.id) >
    2 order by 1;
select gb.b, (select sum(v) from gc where gb_id = gb.id) t, count(*) from gb group by rollup(gb.b, (select sum(v)
    from gc where gb_id = gb.id)) order by 1, 2, 3;

-- may refuse
select a, (select max(v) from gc where gb_id >= min(gb.id)) m from gb group by a order by a;
select a, (select max(v) from gc where gb_id >= min(gc.id)) m from gb group by a order by a;
-- may refuse
select a, (select v from gc where min(gb.a) > 0 and min(gb.id) = gc.id) m from gb group by a order by a;
select a from gb where min(a) > 0;
select a from gb where a > (select min(gb.a) from gc);
select min(gb.a) from gb where a > (select min(gc.v) from gc where gc.id = gb.id);
-- may refuse
select max(a) from gb having (select count(*) from gc where v <= max(gb.b)) > 1;
delete from gb where a > max(b);
update gb set b = 1 where a > max(b);
select count(*) from gb join gc on max(gb.a) = gc.v;
-- may refuse
select v, (select max(v) from gc i where i.v < (select count(o.id) from gb where a = 1)) from gc o group by v order
    by v;
