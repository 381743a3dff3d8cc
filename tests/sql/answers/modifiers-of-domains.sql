-- A cast to a domain has the domain's modifier, and keeps its values as its type does
create domain domc as char(4);
create table t (id int, v varchar(4), v5 varchar(5), x text, n varchar, c char(4), c2 char(6));
insert into t values (1, 'a', 'a', 'a', 'a', 'a', 'a');
select v5::domc, x::domc, n::domc, c::domc, c2::domc, v::char(4), upper(v)::domc from t;
create table w (k domc);
insert into w select v5 from t;
insert into w select n from t;
insert into w select c2 from t;
insert into w values ('b');
-- with b
insert into w values ($1);
select count(*) from w where k = 'a';
create domain price as numeric(10,2) check (value >= 0);
create domain small as price;
select 1.005::price, cast('2.5' as price), 3::small, x.p from (select 7::price as p) x, t;
create table pr (p price, q small default 1.234);
insert into pr values (1.999) returning *, p + 1, p::text;
create view pv as select p, 5::price as f, coalesce(p, 0::price) as g from pr;
select * from pv;
select 'NaN'::price;
