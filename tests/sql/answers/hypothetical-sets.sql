-- rank, dense_rank, percent_rank and cume_dist WITHIN GROUP, and fields of infinity.
select rank(3) within group (order by x) from (values (1),(1),(2),(2),(3),(3),(4)) v(x);
select cume_dist(3) within group (order by x) from (values (1),(1),(2),(2),(3),(3),(4)) v(x);
select percent_rank(3) within group (order by x) from (values (1),(1),(2),(2),(3),(3),(4),(5)) v(x);
select dense_rank(3) within group (order by x) from (values (1),(1),(2),(2),(3),(3),(4)) v(x);
select rank(0) within group (order by x), dense_rank(0) within group (order by x), percent_rank(0) within group
    (order by x),
    cume_dist(0) within group (order by x) from generate_series(1, 0) x;
select rank(x) within group (order by x) from generate_series(1, 5) x;
select rank(3) within group (order by x) from (values ('fred'),('jim')) v(x);
select rank('fred') within group (order by x) from generate_series(1, 5) x;
select rank('adam'::varchar) within group (order by x) from (values ('fred'),('jim')) v(x);
select rank('3') within group (order by x) from generate_series(1, 5) x;
select rank(1.5) within group (order by x), rank(2) within group (order by x desc), rank(null) within group (order by
    x),
    rank(null) within group (order by x nulls first), cume_dist(null::int) within group (order by x) from
    generate_series(1, 5) x;
select rank(1, 2) within group (order by x) from generate_series(1, 5) x;
select rank(1) within group (order by x, x) from generate_series(1, 5) x;
create table hypothetical(g int, a int, b text, c numeric);
insert into hypothetical values (1, 1, 'x', 1.50), (1, 1, 'y', 2), (1, 2, null, 1.5), (2, 5, 'z', null), (2, null,
    'a', 10), (2, 5, 'z', 3.0);
select g, rank(1, 'y') within group (order by a, b), dense_rank(5, 'zz') within group (order by a, b) from
    hypothetical group by g order by g;
select g, rank(g) within group (order by a), percent_rank(g) within group (order by a desc) from hypothetical group
    by g order by g;
select rank(1.5) within group (order by c), dense_rank(2) within group (order by c), cume_dist(1.500) within group
    (order by c) from hypothetical;
select rank(2) within group (order by a) filter (where g = 1), dense_rank(9) within group (order by a nulls first)
    from hypothetical;
select g, rank(2) within group (order by a) r from hypothetical group by g having rank(2) within group (order by a) >
    1 order by 1;
select rank(a) within group (order by a) from hypothetical group by a order by 1;
select rank(2) within group (order by a) over () from hypothetical;
select rank(2) within group (order by '{"a":1}'::json) from hypothetical;
select rank('x') within group (order by b), rank('2024-01-01') within group (order by d) from (values ('a',
    '2023-01-01'::date), ('z', '2025-01-01')) v(b, d);
drop table hypothetical;
select f, date_part(f, 'infinity'::timestamp), date_part(f, '-infinity'::timestamptz), date_part(f, 'infinity'::date)
    from unnest(array['year', 'month', 'day', 'hour', 'minute', 'second', 'msec', 'usec', 'quarter', 'week', 'dow',
    'isodow', 'doy', 'epoch',
    'julian', 'isoyear', 'decade', 'century', 'millennium', 'timezone', 'timezone_hour', 'timezone_minute']) f;
select date_part('nothing', 'infinity'::timestamp);
select extract(hour from 'infinity'::timestamp), extract(year from '-infinity'::timestamptz), extract(month from
    'infinity'::date),
    extract(epoch from 'infinity'::date), extract(julian from '-infinity'::timestamp), extract(timezone from
    'infinity'::timestamptz);
select extract(hour from 'infinity'::date);
select extract(timezone from '-infinity'::date);
select extract(julian from timestamp '2024-01-02 03:04:05.678'), extract(julian from timestamptz '2024-01-02 00:00+00'),
    extract(julian from date '2024-01-02'), extract(julian from timestamp '4714-12-31 12:00 BC'),
    round(extract(julian from timestamp '1999-12-31 23:59:59.999999'), 8);
select to_timestamp('Infinity'::float8), to_timestamp('-Infinity'::float8), to_timestamp(0), to_timestamp(1.5);
select to_timestamp('NaN'::float8);
