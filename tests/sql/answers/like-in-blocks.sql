-- Literal parts of a pattern are sought in blocks of sixteen bytes: parts of 1 to 20 bytes, at the ends and in the
-- middle of texts of 0 to 79 bytes of two letters, so that nearly every place begins and ends as the part does.
create table lk (k int, t text);
insert into lk select k, substr(x || x || x, 1, k % 80) from
 (select k, translate(md5(k::text), '0123456789abcdef', 'abababbabaababab') as x from generate_series(1, 400) k) s;
create table lp (n int, p text);
insert into lp select n, substr(translate(md5((n * 7)::text), '0123456789abcdef', 'abababbabaababab'), 1, n)
 from generate_series(1, 20) n;
insert into lp select n, substr(t, k % 11 + 1, n) from lk, generate_series(1, 20) n where k % 37 = 0;
select n, p, count(*), sum(k), min(k), max(k) from lk, lp where t like '%' || p || '%' group by n, p order by n, p;
select n, p, count(*), sum(k) from lk, lp where t like '%' || p group by n, p order by n, p;
select n, p, count(*), sum(k) from lk, lp where t like '%' || p || '_' group by n, p order by n, p;
select n, p, count(*), sum(k) from lk, lp where t like '_%' || p || '%ab%' group by n, p order by n, p;
select n, p, count(*), sum(k) from lk, lp where t ilike '%' || upper(p) || '%' group by n, p order by n, p;
select count(*), sum(k), sum(n) from lk, lp where t not like '%' || p || '%' || p || '%';
select count(*), sum(k), sum(n) from lk, lp where replace(t, 'b', 'é') like '%' || replace(p, 'b', 'é') || '%';
drop table lp;
drop table lk;
