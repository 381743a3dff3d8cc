-- EXPLAIN takes the parameters of what it explains
create table ex(a int primary key, b text);
-- with 1
prepare p as select * from ex where a = $1;
-- with 1 | x
insert into ex values ($1, $2);
-- with 1
explain select nothing from ex where a = $1;
-- with x
explain select * from ex where a = $1;
-- with 1
select count(*) from ex where a = $1;
