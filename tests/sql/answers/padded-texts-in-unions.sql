-- char(n) in UNION, INTERSECT and EXCEPT: blanks at the end never make two of one
create table t(c char(3), d char(5), v varchar(5), s text);
insert into t values ('a', 'a', 'a', 'a'), ('b', 'c', 'd', 'e');
select v from t union select c from t order by 1;
select s from t union select c from t order by 1;
-- refused
select c from t union select s from t order by 1;
select c from t union select c from t order by 1;
select s from t intersect select c from t;
select v from t except select d from t order by 1;
-- refused
select c from t union all select s from t order by 1;
select c from t union select null order by 1;
-- refused
select c from t union select v from t;
-- refused
select c from t union select d from t;
select v from t union all select c from t order by 1;
select count(*) from (select s from t union select c from t union select v from t) q;
-- refused
select c from t union select 'a';
