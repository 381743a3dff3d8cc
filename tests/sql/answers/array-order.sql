-- Arrays are compared element by element, as what they are arrays of
select a from (values ('{10}'::int[]), ('{9}'), ('{9,1}'), ('{}'), ('{null}'), ('{9,null}')) v(a) order by a;
select a from (values ('{1.50}'::numeric[]), ('{1.5}'), ('{-2}'), ('{NaN}'), ('{1.5,0}')) v(a) order by a, a::text;
select a from (values ('{1e20}'::float8[]), ('{3}'), ('{NaN}'), ('{-Infinity}')) v(a) order by a desc;
select a from (values ('{b}'::text[]), ('{a,b}'), ('{"a,b"}'), ('{a}'), ('{null}'), (null)) v(a) order by a;
select '{1.5}'::numeric[] = '{1.50}', '{10}'::int[] < '{9}', '{a}'::text[] < '{a,null}', '{}'::int[] < '{0}';
select count(distinct a) from (values ('{1.5}'::numeric[]), ('{1.50}'), ('{10}')) v(a);
select a, count(*) from (values ('{1.5}'::numeric[]), ('{1.50}'), ('{10}')) v(a) group by a order by 2, 1;
select '{1,2}'::int[] || 3, 0 || '{1}'::int[], '{1}'::int[] || null::int, null::int[] || 1, '{1}'::int[] || 3::bigint;
select array[true] || false, array['a'::char(3)] || 'b'::char(3), array['a'] || 'b'::char(5), array[1.5] || 2;
select '{1,2}'::int[] || '{3}'::bigint[], array[date '2024-01-01'] || null::date;
select 1 << 31, 1 << 32, 1 << -1, 3::smallint << 14, 1::bigint << 63, -8 >> 1, -8::bigint >> 70, 5 << null;
select concat(true, false, null, 1.50, '\x00'::bytea, 1e20::float8), quote_literal(true), array_agg(b)
    from (values (true), (null)) v(b) group by 1;
select array_agg(b), array_agg(f) from (values ('\x41'::bytea, 1e20::float8)) v(b, f);
