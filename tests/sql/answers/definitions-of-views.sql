-- pg_get_viewdef gives the text that PostgreSQL gives, plain and pretty
create table t (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f float8,
d date,
ts timestamp, tz timestamptz, j jsonb, o bool, u uuid);
create table t2 (i int, x text, z int, n numeric);
create table "Odd Name" (id int, "select" int, "Ab" text, "user" text, key int);
create view v1021 as select i, (case when (v = 'b') is not true then -3 + 3000000000 else case when x like 'a%' then
f else 2.5 end end) as calc from t where o order by i;
select pg_get_viewdef('v1021'::regclass);
select pg_get_viewdef('v1021'::regclass, true);
drop view v1021;
create view v1354 as select sum(i) over w as c0, 'a\b' <> x and not (i is null) as c1, 'a\b' as c2 from public.t
where x like 'a%' window w as (order by i desc nulls last);
select pg_get_viewdef('v1354'::regclass);
select pg_get_viewdef('v1354'::regclass, true);
drop view v1354;
create view v1038 as select case when i > 1 or n >= 10 then f end as q, case when x = 'a' and x like 'a%' then
lower(x) when (true) then coalesce(x, 'none') end as y from t;
select pg_get_viewdef('v1038'::regclass);
select pg_get_viewdef('v1038'::regclass, true);
drop view v1038;
create view v241 as select coalesce(v, 'none') as c0, 'abc' || 'it''s' as c1, (coalesce(-3, 1)) between b and
3000000000 as c2 from t as t order by 1 fetch first 3 rows only;
select pg_get_viewdef('v241'::regclass);
select pg_get_viewdef('v241'::regclass, true);
drop view v241;
create view v950 as select distinct x as x, i > 1 as c1, x as c2 from t where ((i is null and true) and x like 'a%'
or exists (select * from t where t.i = 1)) and x like 'a%';
select pg_get_viewdef('v950'::regclass);
select pg_get_viewdef('v950'::regclass, true);
drop view v950;
create view v1420 as select case when i is null then 3000000000 else 3000000000 end + (n + i) + 0 as c0, x as c1,
array[1,2] as c2 from t where not o or true order by 1 limit 5;
select pg_get_viewdef('v1420'::regclass);
select pg_get_viewdef('v1420'::regclass, true);
drop view v1420;
create view v1262 as select '2020-01-01'::timestamp as c0, row_number() over () as c1, ('it''s')::char(3) as c2 from
t where true order by t.i + 1 desc nulls last limit 5 offset 2;
select pg_get_viewdef('v1262'::regclass);
select pg_get_viewdef('v1262'::regclass, true);
drop view v1262;
create view v272 as select case when i is not distinct from s then case x when null then 'a' else 'it''s' end when 0
in (1, 2, 3) then 'abc' || 'a\b' end as c0 from t as t order by 1;
select pg_get_viewdef('v272'::regclass);
select pg_get_viewdef('v272'::regclass, true);
drop view v272;
create view v202 as select cast('12' as int) as c0, case x when null then 'a' else case when not o then c when n >=
10 then c end end as c1 from t where o order by t.i + 1 desc nulls last;
select pg_get_viewdef('v202'::regclass);
select pg_get_viewdef('v202'::regclass, true);
drop view v202;
create view v1296 as select coalesce((select max(z) from t2), case when true then 0 else 1 end) as c0, 'abc' || case
when n >= 10 then 'abc' when not o then v end as c1 from t order by t.i;
select pg_get_viewdef('v1296'::regclass);
select pg_get_viewdef('v1296'::regclass, true);
drop view v1296;
create view v1320 as select case when x like 'a%' then extract(year from ts) end as q, case when v = 'b' then
upper('a\b') when 1 in (1, 2, 3) then coalesce('it''s', 'none') end as y from t;
select pg_get_viewdef('v1320'::regclass);
select pg_get_viewdef('v1320'::regclass, true);
drop view v1320;
create view v1326 as select case when (x like 'a%') then case when not o then t.x when x = 'a' then 'it''s' end when
(i is null) is unknown then lower('abc') end as c0, c as c1, i as c2 from t;
select pg_get_viewdef('v1326'::regclass);
select pg_get_viewdef('v1326'::regclass, true);
drop view v1326;
create view v1528 as select distinct i::numeric(5) as c0, ((x like 'a%') is unknown or (o and o) or v = 'b') and (f)
between f and i as c1 from t as t where x like 'a%' fetch first 3 rows only;
select pg_get_viewdef('v1528'::regclass);
select pg_get_viewdef('v1528'::regclass, true);
drop view v1528;
create view v1522 as select t.x, case when true then 'abc' when x = 'a' then 'a\b' end as c1, upper(case i when null
then 'a' else 'a\b' end) as c2 from public.t order by t.i + 1 desc nulls last;
select pg_get_viewdef('v1522'::regclass);
select pg_get_viewdef('v1522'::regclass, true);
drop view v1522;
create view v145 as select t.x as c0, case when n >= 10 then t.x when i is null then c end || ('abc')::char(3) as
c1, t.x as c2 from public.t where x = 'a' order by t.i + 1 desc nulls last offset 1;
select pg_get_viewdef('v145'::regclass);
select pg_get_viewdef('v145'::regclass, true);
drop view v145;
create view v105 as select o as c0, case when (b) between 3000000000 and 1 then 'a\b' when v = 'b' then
coalesce('a\b', 'none') end as c1 from t where (case i when null then 'a' else c end) is null;
select pg_get_viewdef('v105'::regclass);
select pg_get_viewdef('v105'::regclass, true);
drop view v105;
create view v1372 as select case when (i is null or v = 'b') or v = 'b' then b end as q, case when 0 in (1, 2, 3)
then coalesce(v, 'none') when ('abc') is not null then t.x || 'it''s' end as y from t;
select pg_get_viewdef('v1372'::regclass);
select pg_get_viewdef('v1372'::regclass, true);
drop view v1372;
create view v872 as select case when n >= 10 then -3 else -3 end as c0, case when i is null or i is null then m else
round(n, 1) end as c1, format('%s', x) as c2 from t order by t.i + 1 desc nulls last;
select pg_get_viewdef('v872'::regclass);
select pg_get_viewdef('v872'::regclass, true);
drop view v872;
create view v732 as select to_char(n, '99') as c0, case when not o then n else n end / coalesce(1, n) as c1, (i - i)
* 1 + 2.5 as c2 from t where (upper(t.x)) is not null order by t.x desc, t.i nulls first;
select pg_get_viewdef('v732'::regclass);
select pg_get_viewdef('v732'::regclass, true);
drop view v732;
create view v297 as select coalesce('a\b', 'none') || case when x = 'a' then 'abc' when v = 'b' then 'it''s' end as
c0, case i when null then 'a' else 'a\b' end as c1 from t where not ((x like 'a%') is false) offset 1;
select pg_get_viewdef('v297'::regclass);
select pg_get_viewdef('v297'::regclass, true);
drop view v297;
create view v704 as select 'a\b' as c0, (select z from t2 limit 1) as c1, (i) between s and 3000000000 as c2 from t
where (v = any (array['a','b']) or (o)) and (c) is not null order by t.x desc, t.i nulls first limit 5;
select pg_get_viewdef('v704'::regclass);
select pg_get_viewdef('v704'::regclass, true);
drop view v704;
create view v972 as select distinct x as c0, case when 2.5 in (1, 2, 3) then case i when null then 'a' else t.x end
when x in ('a', 'b') then c end as c1, not o and not o as c2 from public.t where (t.x || x) is not null;
select pg_get_viewdef('v972'::regclass);
select pg_get_viewdef('v972'::regclass, true);
drop view v972;
create view v1181 as select i as "Q", case when i > 1 then 3000000000 else s end as c1, case when x like 'a%' then
'a\b' when n >= 10 then t.x end as c2 from public.t where (s / b) between m and f order by t.x desc, t.i nulls
first;
select pg_get_viewdef('v1181'::regclass);
select pg_get_viewdef('v1181'::regclass, true);
drop view v1181;
create view v112 as select j #> '{a,b}' as c0, count(*) over (order by i rows between 1 preceding and current row)
as c1, case when not o then c when not o then v end || c || 'abc' as c2 from t order by t.x desc, t.i nulls first
offset 1;
select pg_get_viewdef('v112'::regclass);
select pg_get_viewdef('v112'::regclass, true);
drop view v112;
create view v1260 as select x as c0, -3 + s as c1, case when o or x like 'a%' then case when x like 'a%' then
'it''s' when x = 'a' then 'it''s' end when c in ('a', 'b') then case v when null then 'a' else 'it''s' end end as c2
from public.t order by 1 fetch first 3 rows only;
select pg_get_viewdef('v1260'::regclass);
select pg_get_viewdef('v1260'::regclass, true);
drop view v1260;
create view v29 as select 'a\b' as c0 from t as t where v = 'b' or n >= 10;
select pg_get_viewdef('v29'::regclass);
select pg_get_viewdef('v29'::regclass, true);
drop view v29;
create view v1288 as select i, (2.5) as calc from t where (v = 'b') is unknown and (not o) order by i;
select pg_get_viewdef('v1288'::regclass);
select pg_get_viewdef('v1288'::regclass, true);
drop view v1288;
create view v446 as select t.i as ti, t.x as tx, t2.z as zz from t join t2 on t.i = t2.i where t.o;
select pg_get_viewdef('v446'::regclass);
select pg_get_viewdef('v446'::regclass, true);
drop view v446;
create view v233 as select f as c0, x as x from t where i is null;
select pg_get_viewdef('v233'::regclass);
select pg_get_viewdef('v233'::regclass, true);
drop view v233;
create view v1096 as select x, bool_and(o) as agg from t where x like 'a%' group by 1;
select pg_get_viewdef('v1096'::regclass);
select pg_get_viewdef('v1096'::regclass, true);
drop view v1096;
create view v1138 as select localtimestamp as c0, i::bigint as c1, 'abc' as c2 from public.t order by lower(t.x)
fetch first 3 rows only;
select pg_get_viewdef('v1138'::regclass);
select pg_get_viewdef('v1138'::regclass, true);
drop view v1138;
create view v28 as select t.i as ti, t.x as tx, t2.z as zz from t full join t2 on t.i = t2.i where t.o;
select pg_get_viewdef('v28'::regclass);
select pg_get_viewdef('v28'::regclass, true);
drop view v28;
create view v1446 as select array(select z from t2) as c0, 1 as c1 from public.t where not o;
select pg_get_viewdef('v1446'::regclass);
select pg_get_viewdef('v1446'::regclass, true);
drop view v1446;
create view v510 as select distinct (select max(z) from t2) as c0, n, c as c2 from t where c <> 'it''s';
select pg_get_viewdef('v510'::regclass);
select pg_get_viewdef('v510'::regclass, true);
drop view v510;
create view v414 as select x, array_agg(i order by i desc) as agg from t group by 1 order by agg desc;
select pg_get_viewdef('v414'::regclass);
select pg_get_viewdef('v414'::regclass, true);
drop view v414;
create view v628 as select 'abc' as c0, null as c1 from t;
select pg_get_viewdef('v628'::regclass);
select pg_get_viewdef('v628'::regclass, true);
drop view v628;
create view v370 as select case when (-3) between 1 and 2.5 then m end as q, x collate "C" as y from t;
select pg_get_viewdef('v370'::regclass);
select pg_get_viewdef('v370'::regclass, true);
drop view v370;
create view v398 as select x || x as c0 from t;
select pg_get_viewdef('v398'::regclass);
select pg_get_viewdef('v398'::regclass, true);
drop view v398;
create view v541 as select i is null or v = 'b' as c0, case when i is null then x when i is null then v end as c1
from t where x = 'a';
select pg_get_viewdef('v541'::regclass);
select pg_get_viewdef('v541'::regclass, true);
drop view v541;
create view v85 as select case when i is null then case when not o then f else 3000000000 end end as q, 'a\b' as y
from t;
select pg_get_viewdef('v85'::regclass);
select pg_get_viewdef('v85'::regclass, true);
drop view v85;
create view v964 as select case when (c) is null then greatest(b, 0) end as q, v as y from t;
select pg_get_viewdef('v964'::regclass);
select pg_get_viewdef('v964'::regclass, true);
drop view v964;
create view v721 as select distinct t.i as ii, t.i as ii, b * f as c2 from t;
select pg_get_viewdef('v721'::regclass);
select pg_get_viewdef('v721'::regclass, true);
drop view v721;
create view v1162 as select i, x from t union all select z, 'lit' from t2 union all select 3, null;
select pg_get_viewdef('v1162'::regclass);
select pg_get_viewdef('v1162'::regclass, true);
drop view v1162;
create view v1390 as select i, (1) as calc from t where (b = b) order by i;
select pg_get_viewdef('v1390'::regclass);
select pg_get_viewdef('v1390'::regclass, true);
drop view v1390;
create view v1008 as select distinct (true) as c0 from t where v = 'b';
select pg_get_viewdef('v1008'::regclass);
select pg_get_viewdef('v1008'::regclass, true);
drop view v1008;
create view v1202 as select i, ((select max(z) from t2) * f) as calc from t where (('abc') is null) order by i;
select pg_get_viewdef('v1202'::regclass);
select pg_get_viewdef('v1202'::regclass, true);
drop view v1202;
create view v1024 as select substring(x collate "C" from 1 for 2) as c0 from t as t offset 1;
select pg_get_viewdef('v1024'::regclass);
select pg_get_viewdef('v1024'::regclass, true);
drop view v1024;
create view v93 as select c as c0, x as x from t as t where (x = 'a' or o) fetch first 3 rows only;
select pg_get_viewdef('v93'::regclass);
select pg_get_viewdef('v93'::regclass, true);
drop view v93;
create view v1553 as select case when not o then length('it''s') end as q, substring('abc' from 1 for 2) || x as y
from t;
select pg_get_viewdef('v1553'::regclass);
select pg_get_viewdef('v1553'::regclass, true);
drop view v1553;
create view v954 as select i, (abs(abs(b))) as calc from t where (x like 'a%' and true) order by i;
select pg_get_viewdef('v954'::regclass);
select pg_get_viewdef('v954'::regclass, true);
drop view v954;
create view v38 as select i, (abs(b + m)) as calc from t where (c || t.x) is null order by i;
select pg_get_viewdef('v38'::regclass);
select pg_get_viewdef('v38'::regclass, true);
drop view v38;
create view v853 as select i, (3000000000) as calc from t where s <= -3 * -3 order by i;
select pg_get_viewdef('v853'::regclass);
select pg_get_viewdef('v853'::regclass, true);
drop view v853;
create view v1010 as select x, count(*) filter (where i > 1) as agg from t group by x having sum(n) > 10;
select pg_get_viewdef('v1010'::regclass);
select pg_get_viewdef('v1010'::regclass, true);
drop view v1010;
create view v458 as select x, array_agg(i order by i desc) as agg from t where b = 5 group by x having sum(n) > 10
order by 2;
select pg_get_viewdef('v458'::regclass);
select pg_get_viewdef('v458'::regclass, true);
drop view v458;
create view v833 as select i as "Q" from public.t where x like 'a%';
select pg_get_viewdef('v833'::regclass);
select pg_get_viewdef('v833'::regclass, true);
drop view v833;
create view v800 as select trim(both 'x' from x) as c0 from t order by t.i;
select pg_get_viewdef('v800'::regclass);
select pg_get_viewdef('v800'::regclass, true);
drop view v800;
create view v576 as select '5'::numeric(5,2) as c0, x as c1, -3 as c2 from t order by 1 limit 5 offset 2;
select pg_get_viewdef('v576'::regclass);
select pg_get_viewdef('v576'::regclass, true);
drop view v576;
create view v981 as select s.c from (select count(*) as c from t) s;
select pg_get_viewdef('v981'::regclass);
select pg_get_viewdef('v981'::regclass, true);
drop view v981;
create view v162 as select case when (i > 1) is not true then f * b end as q, case v when null then 'a' else c end
as y from t;
select pg_get_viewdef('v162'::regclass);
select pg_get_viewdef('v162'::regclass, true);
drop view v162;
create view v188 as select t.x as c0, b as c1, coalesce(case x when null then 'a' else 'it''s' end, 'none') as c2
from t as t where n >= 10;
select pg_get_viewdef('v188'::regclass);
select pg_get_viewdef('v188'::regclass, true);
drop view v188;
create view v269 as select 1 as i, null as x from t union all select z, 'lit' from t2 order by 1;
select pg_get_viewdef('v269'::regclass);
select pg_get_viewdef('v269'::regclass, true);
drop view v269;
create view v104 as select x not in ('a', 'b') or (o) as c0 from t as t where (x = 'a');
select pg_get_viewdef('v104'::regclass);
select pg_get_viewdef('v104'::regclass, true);
drop view v104;
create view v1448 as select m as c0, case i when null then 'a' else 'abc' end || 'it''s' as c1 from t order by 1;
select pg_get_viewdef('v1448'::regclass);
select pg_get_viewdef('v1448'::regclass, true);
drop view v1448;
create view v601 as select v as c0 from t as t;
select pg_get_viewdef('v601'::regclass);
select pg_get_viewdef('v601'::regclass, true);
drop view v601;
create view v406 as select case when not (x = 'a') then (f * 3000000000) / f end as q, t.x || x as y from t;
select pg_get_viewdef('v406'::regclass);
select pg_get_viewdef('v406'::regclass, true);
drop view v406;
create view v1030 as select x, string_agg(x, chr(44)) as agg from t group by 1 having sum(n) > 10 order by agg desc;
select pg_get_viewdef('v1030'::regclass);
select pg_get_viewdef('v1030'::regclass, true);
drop view v1030;
create view v1146 as select i > 1 as c0, i as "Q" from t;
select pg_get_viewdef('v1146'::regclass);
select pg_get_viewdef('v1146'::regclass, true);
drop view v1146;
create view v1542 as select i from t group by i, x having x is null;
select pg_get_viewdef('v1542'::regclass);
select pg_get_viewdef('v1542'::regclass, true);
drop view v1542;
create view v108 as select case when f <= b then -3 end as q, case v when null then 'a' else 'a\b' end as y from t;
select pg_get_viewdef('v108'::regclass);
select pg_get_viewdef('v108'::regclass, true);
drop view v108;
create view v846 as select i, (case when x ~ '^a' then 2.5 - n else (s * 3000000000) * f end) as calc from t where i
- 0 < position('a' in x) order by i;
select pg_get_viewdef('v846'::regclass);
select pg_get_viewdef('v846'::regclass, true);
drop view v846;
create view v1285 as select x as c0, b + b + coalesce(m, 3000000000) as c1, 0 as c2 from t order by 1;
select pg_get_viewdef('v1285'::regclass);
select pg_get_viewdef('v1285'::regclass, true);
drop view v1285;
create view v264 as select (v)::varchar as c0 from t;
select pg_get_viewdef('v264'::regclass);
select pg_get_viewdef('v264'::regclass, true);
drop view v264;
create view v198 as select i, x from t except select z, 'lit' from t2 order by 1;
select pg_get_viewdef('v198'::regclass);
select pg_get_viewdef('v198'::regclass, true);
drop view v198;
create view v282 as select x as x, v as c1, (- n - coalesce(i, b)) + f as c2 from t order by t.i + 1 desc nulls last;
select pg_get_viewdef('v282'::regclass);
select pg_get_viewdef('v282'::regclass, true);
drop view v282;
create view v84 as select (o) as c0 from t limit 5;
select pg_get_viewdef('v84'::regclass);
select pg_get_viewdef('v84'::regclass, true);
drop view v84;
create view v265 as select i as "Q", coalesce(i, f) as c1 from public.t where x = 'a' order by t.x desc, t.i nulls
first;
select pg_get_viewdef('v265'::regclass);
select pg_get_viewdef('v265'::regclass, true);
drop view v265;
create view v1368 as select distinct (lower('abc'))::text as c0, substring(t.x || t.x from 1 for 2) as c1, 0 / i as
c2 from t;
select pg_get_viewdef('v1368'::regclass);
select pg_get_viewdef('v1368'::regclass, true);
drop view v1368;
create view v197 as select distinct t.x, upper(v) || v || x as c1 from t as t;
select pg_get_viewdef('v197'::regclass);
select pg_get_viewdef('v197'::regclass, true);
drop view v197;
create view v1434 as select i, (2.5) as calc from t where 'abc' || t.x = upper(x) order by i;
select pg_get_viewdef('v1434'::regclass);
select pg_get_viewdef('v1434'::regclass, true);
drop view v1434;
create view v1353 as select i, (coalesce(m, abs(-3))) as calc from t where c in ('a', 'b') order by i;
select pg_get_viewdef('v1353'::regclass);
select pg_get_viewdef('v1353'::regclass, true);
drop view v1353;
create view v1429 as select distinct m - case when i > 1 then 1 else i end as c0 from t where s <= b or (true);
select pg_get_viewdef('v1429'::regclass);
select pg_get_viewdef('v1429'::regclass, true);
drop view v1429;
create view v1537 as select count(*) over (order by i rows between 1 preceding and current row) as c0, x as x from
public.t where n >= 10;
select pg_get_viewdef('v1537'::regclass);
select pg_get_viewdef('v1537'::regclass, true);
drop view v1537;
create view v936 as select x, array_agg(i order by i desc) as agg from t where not (x like 'a%') group by t.x order
by agg desc;
select pg_get_viewdef('v936'::regclass);
select pg_get_viewdef('v936'::regclass, true);
drop view v936;
create view v1581 as select n >= 10 as c0 from public.t where i is not distinct from s;
select pg_get_viewdef('v1581'::regclass);
select pg_get_viewdef('v1581'::regclass, true);
drop view v1581;
create view v941 as select substring('a\b' from 1 for 2) || v || x as c0, f as c1 from t where (i > 1 or true);
select pg_get_viewdef('v941'::regclass);
select pg_get_viewdef('v941'::regclass, true);
drop view v941;
create view v89 as select 2.5 - s + f as c0 from t where (abs(2.5)) between 1 and 0 order by t.i + 1 desc nulls last;
select pg_get_viewdef('v89'::regclass);
select pg_get_viewdef('v89'::regclass, true);
drop view v89;
create view v1566 as select n, row_number() over () as c1, case when i > 1 then i else n end + 1 * i as c2 from
public.t where not (true);
select pg_get_viewdef('v1566'::regclass);
select pg_get_viewdef('v1566'::regclass, true);
drop view v1566;
create view v1189 as select x, count(*) as agg from t where x = 'a' group by 1 order by 2;
select pg_get_viewdef('v1189'::regclass);
select pg_get_viewdef('v1189'::regclass, true);
drop view v1189;
create view v490 as select x, sum(n) as agg from t where ((not o) is true) group by t.x;
select pg_get_viewdef('v490'::regclass);
select pg_get_viewdef('v490'::regclass, true);
drop view v490;
create view v546 as select i, chr(44) from t intersect select z, 'lit' from t2 union select 5, x from t limit 3;
select pg_get_viewdef('v546'::regclass);
select pg_get_viewdef('v546'::regclass, true);
drop view v546;
create view v102 as select x, bool_and(o) as agg from t where i > 1 and true group by 1 having count(*) > 1 order by
2;
select pg_get_viewdef('v102'::regclass);
select pg_get_viewdef('v102'::regclass, true);
drop view v102;
create view v196 as select v as c0, x as x, c as c2 from public.t order by t.x desc, t.i nulls first;
select pg_get_viewdef('v196'::regclass);
select pg_get_viewdef('v196'::regclass, true);
drop view v196;
create view v213 as select x, max(i) as agg from t where x like 'a%' group by 1 order by 2;
select pg_get_viewdef('v213'::regclass);
select pg_get_viewdef('v213'::regclass, true);
drop view v213;
create view v1518 as select (substring('it''s' from 1 for 2))::varchar as c0, age(ts) as c1, (2.5 - 3000000000 * n)
* s + n as c2 from t as t where i is null;
select pg_get_viewdef('v1518'::regclass);
select pg_get_viewdef('v1518'::regclass, true);
drop view v1518;
create view v142 as select x, count(*) filter (where i > 1) as agg from t where v not in ('a', 'b') group by t.x
having sum(n) > 10 order by 2;
select pg_get_viewdef('v142'::regclass);
select pg_get_viewdef('v142'::regclass, true);
drop view v142;
create view v1482 as select distinct 'abc' as c0, i as "Q" from t;
select pg_get_viewdef('v1482'::regclass);
select pg_get_viewdef('v1482'::regclass, true);
drop view v1482;
create view v310 as select abs(n) as c0, 0 as c1 from t as t where f = i order by t.i;
select pg_get_viewdef('v310'::regclass);
select pg_get_viewdef('v310'::regclass, true);
drop view v310;
create view v781 as select t.x from t fetch first 3 rows only;
select pg_get_viewdef('v781'::regclass);
select pg_get_viewdef('v781'::regclass, true);
drop view v781;
create view v497 as select distinct x as c0 from t;
select pg_get_viewdef('v497'::regclass);
select pg_get_viewdef('v497'::regclass, true);
drop view v497;
create view v1594 as select m as c0 from t where x = 'a' offset 1;
select pg_get_viewdef('v1594'::regclass);
select pg_get_viewdef('v1594'::regclass, true);
drop view v1594;
create view named ("First", second) as select i, x from t;
select pg_get_viewdef('named'::regclass), pg_get_viewdef('named');
set search_path = pg_catalog;
select pg_get_viewdef('public.named'::regclass);
reset search_path;
select definition from pg_views where viewname = 'named';
alter table t2 rename column z to zz;
create or replace view named as select i as "First", x as second, 'more'::text as third from t where i > 0;
select pg_get_viewdef('named'::regclass, true);
create table "it's" ("a*/b" int, "c""d" text default 'x*/y');
create view odd as select *, '*/' as z from "it's" where "a*/b" > 1;
select pg_get_viewdef('odd'::regclass);
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = '"it''s"'::regclass;
select * from odd;
create table dv_sub (i int, arr int[], two text[][], v varchar(5)[]);
create view dv_sub1 as select arr[1] as f, arr[i] as x, arr[i + 1:3] as s, arr[:2] as l, arr[2:] as r, two[1][2],
two[1:2][2] as m, (array[1,2,i])[i] as a, (arr[1:2])[1] as c, v[1] || 'x' as w from dv_sub where arr[1] > 0 and
arr[i::smallint] < arr[2] + 1;
select pg_get_viewdef('dv_sub1'), pg_get_viewdef('dv_sub1', true);
drop view dv_sub1;
drop table dv_sub;
create table "a	b" ("x	y" int);
create view tv as select "x	y" from "a	b";
select * from tv;
drop view tv;
drop table "a	b";
create view dv_any as select 'foo'::text = any ((select array['abc', 'def', 'foo']::text[])::text[]) as a,
1 = any ((select array[1, 2])::int[]) as b;
select pg_get_viewdef('dv_any'), pg_get_viewdef('dv_any', true);
drop view dv_any;
