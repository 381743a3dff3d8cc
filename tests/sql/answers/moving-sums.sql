-- sum and avg over frames that move
select i, sum(n::float8) over w, avg(n::float8) over w from (values (1, 1e20), (2, 1), (3, 2)) r(i, n)
    window w as (order by i rows between current row and 1 following);
select i, sum(n) over w, avg(n) over w from (values (1, 1.50), (2, 2), (3, 3)) r(i, n)
    window w as (order by i rows between current row and unbounded following);
select i, sum(n) over w, avg(n) over w from (values (1, 1.50), (2, 2), (3, 3.125), (4, null), (5, -7)) r(i, n)
    window w as (order by i rows between 1 preceding and current row);
select i, sum(n) over w from (values (1, 1.50), (2, -1.5), (3, 0.000), (4, 0), (5, 'NaN'), (6, 1)) r(i, n)
    window w as (order by i rows between 1 preceding and current row);
select i, sum(n::float8) over w from (values (1, 'Infinity'), (2, '2'), (3, 'NaN'), (4, '1'), (5, '-Infinity'), (6,
    '3')) r(i, n)
    window w as (order by i rows between 1 preceding and current row);
select i, sum(n::float8) over w from (values (1, '1e20'), (2, '2'), (3, '3')) r(i, n)
    window w as (order by i rows between current row and unbounded following exclude current row);
select i, sum(n::float4) over w, avg(n::float4) over w from (values (1, 0.1), (2, 16777216), (3, 1), (4, 1)) r(i, n)
    window w as (order by i rows between 2 preceding and current row);
select i, sum(n::float8) over (order by i), avg(n::float8) over (order by i) from (values (1, 0.1), (2, 0.2), (3,
    0.3)) r(i, n);
select i, sum(n::float8) over (partition by i % 2 order by i rows 1 preceding) from generate_series(1, 6) i,
    (values (0.1)) v(n);
select i, sum(n::float8) over (order by i rows 1 preceding) from (values (1, 1e308), (2, 1e308)) r(i, n);
select i, sum(n::float8) over (order by i rows between 1 following and 2 following) from (values (1, 1), (2, 2),
    (3, null)) r(i, n);
select sum(n) over (order by n groups between 1 preceding and current row) from (values (1.5), (1.50), (2), (3)) r(n);
select sum(x) from (values (1.50), (2), (-3.125)) v(x);
select sum(x), avg(x) from (values (1::bigint), (2)) v(x);
select i, var_pop(n) over w, var_samp(n) over w, stddev(n) over w, stddev_pop(n) over w
    from (values (1, 600), (2, 470), (3, null), (4, -430), (5, 300)) r(i, n)
    window w as (order by i rows between current row and unbounded following);
select i, variance(n::bigint) over w, stddev(n::smallint) over w, var_pop(n::numeric) over w
    from (values (1, 600), (2, 470), (3, null), (4, -430), (5, 300), (6, 300)) r(i, n)
    window w as (order by i rows between 1 preceding and 1 following);
select i, var_pop(n::numeric) over w from (values (1, '1'), (2, 'NaN'), (3, '4'), (4, '6')) r(i, n)
    window w as (order by i rows between 1 preceding and current row);
-- may refuse
select i, var_pop(n::numeric) over w from (values (1, 1.5), (2, 2), (3, 4), (4, 6)) r(i, n)
    window w as (order by i rows between 1 preceding and current row);
