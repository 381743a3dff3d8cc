-- A subquery's columns of one name are told apart; so are patterns whose anchors are repeated, and digits far behind
select x, y from (select 10*1, 10*2) t(x,y);
select * from (select 1, 2) t;
select x, y from (select cosd(a), sind(a), a from generate_series(0, 90, 90) t(a)) t(x, y) order by x;
select x, y from (select 10*cosd(a), 10*sind(a) from generate_series(0, 360, 90) as t(a)) as t(x, y);
select x from (select a + 1, a + 2 from (values (1), (2)) t(a) order by 2 desc limit 1) t(w, x);
select t.y, u.y from (select 1 + 0, 2 + 0) t(x, y) join (select 2 * 1, 3 * 1) u(x, y) on t.y = u.x;
select "A", "a" from (select 1 as "A", 2 as "a") t;
select x, y from (select 1 + 0, 2 + 0 union select 3, 4) t(x, y) order by 1;
select x, y from (with q as (select 5 as v) select v + 1, v + 2 from q) t(x, y);
select sum(x), sum(y) from (select k + 1, k * 2 from (values (1), (2)) v(k)) t(x, y) where y > 2;
select x, y from (select 1.50 + 1, 1.5 + 1) t(x, y) where x = y;
with t(x, y) as (select 1 + 0, 2 + 0) select x, y from t;
with t as (select 1 + 0, 2 + 0) select * from t;
-- may refuse
select 'a' ~ '(^$)*';
-- may refuse
select 'ab' ~ 'a(^$)?b', 'a' ~ '($){0,}';
select 'ab' ~ '(^a)b', 'ab' ~ '^(a|b)+$', 'a b' ~ '(\mb)', 'aab' ~ '(a+)*b$';
select round(5e-16383, 1000000) = 5e-16383, length(round(5e-16383, 16383)::text), trunc(5e-16383, 16382) = 0;
select round(1.5, 2000) = 1.5, length(round(1.5, 20000)::text), round(1.55, 1), trunc(-1.55, 1);
