-- RETURNING never reads the changed table in a subquery: PostgreSQL's sees it as it was before the statement
create table t(k int primary key, v int);
create table other(k int, w int);
insert into t values (1, 10), (2, 20);
insert into other values (1, 100), (2, 200);
create view tv as select max(v) as m from t;
-- refused
update t set v = 11 where k = 1 returning v, (select max(v) from t);
-- refused
insert into t values (3, 30) returning k, (select count(*) from t);
-- refused
delete from t where k = 1 returning k, exists (select 1 from t x where x.k = t.k);
-- refused
update t set v = 11 returning (select m from tv);
-- refused
with q as (select max(v) as m from t) update t set v = 11 returning (select m from q);
-- refused
update t set v = 11 returning k in (select k from (select k from t) q);
select * from t order by k;
update t set v = v + 1 where k = 1 returning k, (select w from other o where o.k = t.k);
update t set v = v + 1 where k = 2 returning (with q as (select w from other) select max(w) from q), v;
insert into t values (3, 30) returning k, (select count(*) from other);
insert into t select k + 10, w from other where w > (select max(v) from t) returning k, v;
