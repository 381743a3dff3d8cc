-- The text of views: names of joins, functions of rows, GROUPING SETS, WITHIN GROUP, FOR UPDATE, rows and patterns
create table va(i int, j int, x text, n numeric, p int[], d date, js jsonb);
create table vb(i int, k int, t text);
create table vc(z int, s text);
create view mv_j1 as select jj.i, jj.k from (va join vb using (i)) as jj(i, z);
-- refused
select pg_get_viewdef('mv_j1'), pg_get_viewdef('mv_j1', true);
create view mv_j2 as select * from (va as p join vc on p.i = vc.z) as q;
select pg_get_viewdef('mv_j2'), pg_get_viewdef('mv_j2', true);
create view mv_j3 as select q.*, vb.i from (va left join vc on va.i = vc.z) as q(a, b) join vb on q.a = vb.i;
-- refused
select pg_get_viewdef('mv_j3'), pg_get_viewdef('mv_j3', true);
create view mv_j4 as select q.z from vb cross join (va natural join vc) as q;
select pg_get_viewdef('mv_j4'), pg_get_viewdef('mv_j4', true);
create view mv_j5 as select q.z, vb.k from vb join (va join vc on va.i = vc.z) q on q.z = vb.i where q.i > 1
    order by q.z;
select pg_get_viewdef('mv_j5'), pg_get_viewdef('mv_j5', true);
create view mv_j6 as select q.z from (va join (vc join vb on vc.z = vb.k) as r(z, s, k) on va.i = r.z) as q(i, j,
    x, n, p, d, js, z);
-- refused
select pg_get_viewdef('mv_j6'), pg_get_viewdef('mv_j6', true);
create view mv_f1 as select key, value from va, jsonb_each(js);
select pg_get_viewdef('mv_f1'), pg_get_viewdef('mv_f1', true);
create view mv_f2 as select e.k, v from jsonb_each('{"a":1}'::jsonb) as e(k, v);
select pg_get_viewdef('mv_f2'), pg_get_viewdef('mv_f2', true);
create view mv_f3 as select e.value, e.key as k from va v left join json_each_text(v.js::json) e on e.key = v.x;
select pg_get_viewdef('mv_f3'), pg_get_viewdef('mv_f3', true);
create view mv_f4 as select * from jsonb_array_elements('[1,2]') e;
select pg_get_viewdef('mv_f4'), pg_get_viewdef('mv_f4', true);
create view mv_f5 as select e.value from jsonb_array_elements('[1,2]') e;
select pg_get_viewdef('mv_f5'), pg_get_viewdef('mv_f5', true);
create view mv_f6 as select value from jsonb_array_elements_text('[1,2]') where value > '1';
select pg_get_viewdef('mv_f6'), pg_get_viewdef('mv_f6', true);
create view mv_f7 as select * from va, lateral jsonb_array_elements(va.js) as q(w) where q.w = '1';
select pg_get_viewdef('mv_f7'), pg_get_viewdef('mv_f7', true);
create view mv_f8 as select * from json_to_recordset('[]') as r(a int, b varchar(3), "C d" numeric(5,2)[]);
select pg_get_viewdef('mv_f8'), pg_get_viewdef('mv_f8', true);
create view mv_f9 as select r.a from va, jsonb_to_record(va.js) as r(a int, b timestamp(3)) where r.b > '2020-01-01';
select pg_get_viewdef('mv_f9'), pg_get_viewdef('mv_f9', true);
create view mv_f10 as select * from jsonb_each_text('{}') with ordinality as e(k, v, n);
select pg_get_viewdef('mv_f10'), pg_get_viewdef('mv_f10', true);
create view mv_f11 as select * from jsonb_array_elements('[1]') with ordinality;
select pg_get_viewdef('mv_f11'), pg_get_viewdef('mv_f11', true);
create view mv_f12 as select * from rows from (generate_series(1, 2), jsonb_array_elements('[1]')) as r(a, b);
select pg_get_viewdef('mv_f12'), pg_get_viewdef('mv_f12', true);
create view mv_f13 as select json_object_keys('{}'), jsonb_array_elements(js) from va;
select pg_get_viewdef('mv_f13'), pg_get_viewdef('mv_f13', true);
create view mv_f14 as select * from generate_subscripts('{1,2}'::int[], 1) s;
select pg_get_viewdef('mv_f14'), pg_get_viewdef('mv_f14', true);
create view mv_f15 as select jsonb_each.key from jsonb_each('{}') join vb on true;
select pg_get_viewdef('mv_f15'), pg_get_viewdef('mv_f15', true);
create view mv_f16 as select * from regexp_split_to_table('a b', ' ') w, string_to_table('a,b', ',') s;
select pg_get_viewdef('mv_f16'), pg_get_viewdef('mv_f16', true);
create view mv_g1 as select i, j, count(*) from va group by grouping sets ((i, j), (i), ());
select pg_get_viewdef('mv_g1'), pg_get_viewdef('mv_g1', true);
create view mv_g2 as select i + 1 as s, j, sum(n), grouping(i + 1, j), grouping(j) g from va group by rollup (i +
    1, (j, x)), j;
select pg_get_viewdef('mv_g2'), pg_get_viewdef('mv_g2', true);
create view mv_g3 as select i, j from va group by cube ((i, j), x), grouping sets (i, rollup (i, j), grouping
    sets ((j), ()), cube (x));
select pg_get_viewdef('mv_g3'), pg_get_viewdef('mv_g3', true);
create view mv_g4 as select count(*) from va group by ();
select pg_get_viewdef('mv_g4'), pg_get_viewdef('mv_g4', true);
create view mv_g5 as select i as a, j as b from va group by grouping sets (1, 2, (a, b)) having count(*) > 1
    order by 1;
select pg_get_viewdef('mv_g5'), pg_get_viewdef('mv_g5', true);
create view mv_g6 as select i, j from va group by (i, j), rollup (x);
select pg_get_viewdef('mv_g6'), pg_get_viewdef('mv_g6', true);
create view mv_g7 as select abs(i) as a from va group by rollup (a), 1;
select pg_get_viewdef('mv_g7'), pg_get_viewdef('mv_g7', true);
create view mv_g8 as select i::text from va group by grouping sets ((i::text), ((i::text)), (i::text, lower(x)));
select pg_get_viewdef('mv_g8'), pg_get_viewdef('mv_g8', true);
create view mv_w1 as select percentile_cont(0.5) within group (order by n desc) filter (where i > 1) from va;
select pg_get_viewdef('mv_w1'), pg_get_viewdef('mv_w1', true);
create view mv_w2 as select percentile_disc(array[0.25, 0.5]) within group (order by x) as p, mode() within group
    (order by i + 1) m from va;
select pg_get_viewdef('mv_w2'), pg_get_viewdef('mv_w2', true);
create view mv_w3 as select i, percentile_disc(0.5) within group (order by d nulls first) from va group by i;
select pg_get_viewdef('mv_w3'), pg_get_viewdef('mv_w3', true);
create view mv_w4 as select percentile_cont(array[0.1, 0.9]) within group (order by i) from va;
select pg_get_viewdef('mv_w4'), pg_get_viewdef('mv_w4', true);
create view mv_l1 as select * from vb for update;
select pg_get_viewdef('mv_l1'), pg_get_viewdef('mv_l1', true);
create view mv_l2 as select * from vb p join vc on p.i = vc.z order by 1 limit 2 for share of vc nowait for no
    key update of p skip locked;
select pg_get_viewdef('mv_l2'), pg_get_viewdef('mv_l2', true);
create view mv_l3 as select s.i from (select * from vb) s, vc for key share;
select pg_get_viewdef('mv_l3'), pg_get_viewdef('mv_l3', true);
create view mv_l4 as select i from va where i in (select i from vb for update) for update;
select pg_get_viewdef('mv_l4'), pg_get_viewdef('mv_l4', true);
create view mv_r1 as select (i, j) < (1, 2) as a, (i, j, x) >= (j, i, 'b') as b, row(i) = row(2) as c, row(i, n)
    <> row(1.5, 2) as d from va;
select pg_get_viewdef('mv_r1'), pg_get_viewdef('mv_r1', true);
create view mv_r2 as select * from va where (i, j) = (1, 2) and not (i, x) <> (1, 'a') or (n, d) <= (1, '2020-01-01');
select pg_get_viewdef('mv_r2'), pg_get_viewdef('mv_r2', true);
create view mv_r3 as select (i, j) in ((1, 2), (3, 4), (j, i)) as a, (i, j) not in ((1, 2), (3, 4)) as b, (i, x)
    in ((1, 'a')) c from va;
select pg_get_viewdef('mv_r3'), pg_get_viewdef('mv_r3', true);
create view mv_r4 as select (i, j) in (select i, k from vb) as y, (i, x) not in (select k, t from vb) as z, (i,
    j) <> all (select k, i from vb) a from va;
select pg_get_viewdef('mv_r4'), pg_get_viewdef('mv_r4', true);
create view mv_r5 as select (i, j) = (select 1, 2) as a, (i, x) > (select k, t from vb limit 1) as b, (i, j) =
    any (select k, i from vb) c from va;
select pg_get_viewdef('mv_r5'), pg_get_viewdef('mv_r5', true);
create view mv_r6 as select i in (1, j, 3) as a, i in (j, 2) as b, i not in (j, 1, 2, k) as c, x in ('a', t) as
    d, i in (abs(-1), 2 + 3) e from va, vb v(u, k, t);
select pg_get_viewdef('mv_r6'), pg_get_viewdef('mv_r6', true);
create view mv_r7 as select i in (1.5, 2) a, n in (1, 2, j) b, d in ('2020-01-01', now()) c, i in (null, 1) e,
    null in (1, 2) f from va;
select pg_get_viewdef('mv_r7'), pg_get_viewdef('mv_r7', true);
-- refused
create view mv_r8 as select (i, j) > any (select k, i from vb) from va;
create view mv_p1 as select x similar to 'a%' as a, x not similar to 'b' escape '!' as b, x ilike 'c' escape '#'
    as c, x not like 'd' escape '' e from va;
select pg_get_viewdef('mv_p1'), pg_get_viewdef('mv_p1', true);
create view mv_p2 as select substring(x similar 'a' escape '#') as s, substring(x from 'b') t from va;
select pg_get_viewdef('mv_p2'), pg_get_viewdef('mv_p2', true);
create view mv_d1 as select i is distinct from null a, null is distinct from i b, i is not distinct from null c,
    (i, j) is distinct from (1, x::int) d, (i, j) is not distinct from (2, 3) e from va;
select pg_get_viewdef('mv_d1'), pg_get_viewdef('mv_d1', true);
create view mv_s1 as select js['a'] a, js['b'][1] b, js[x] c, (js -> 'z')['y'] d, js[i] e from va;
select pg_get_viewdef('mv_s1'), pg_get_viewdef('mv_s1', true);
create view mv_s2 as select (array[1, 2])[1] a, (array[[1, 2], [3, 4]])[1:2][1] b, (select p from va limit 1)[2]
    c, p[i] d, (p || 3)[1:] e from va;
select pg_get_viewdef('mv_s2'), pg_get_viewdef('mv_s2', true);
create view mv_s3 as select array[[1, 2], [3, 4]] a, array[p, p] b, array[[1, null], [3, 4]]::numeric[] c,
    array[['a', 'b']]::text[] d, array[p, array[1, 2]] e, '{{1,2}}'::int[] f from va;
select pg_get_viewdef('mv_s3'), pg_get_viewdef('mv_s3', true);
create view mv_s4 as select array[array[1, i], array[j, 2]] a, array[[[1]]] b from va where p = array[[1]] or 1 =
    any (array[i, j]);
select pg_get_viewdef('mv_s4'), pg_get_viewdef('mv_s4', true);
insert into va values (1, 2, 'a'), (1, null, 'b'), (3, 4, 'c'), (null, 1, 'd');
insert into vb values (1, 1, 'a'), (2, 1, 'b');
select * from mv_r5 order by 1, 2, 3;
select (i, j) <> (select 1, 3), (i, j) < (select 2, max(k) from vb), (i, n) >= (select 1, 2.5) from va order by i, j;
select (i, j) = (select 1, 1 where i > 5) from va;
select (i, j) = (select 1) from va;
select (i, j) = (select k, i from vb order by 2 limit 1), (i, j) = (select k, i from vb limit 0) from va order by i, j;
-- may refuse
select (i, j) = (select k, i from vb) from va;
select (i, j) = (select 'x', date '2020-01-01') from va;
drop table va, vb, vc cascade;
