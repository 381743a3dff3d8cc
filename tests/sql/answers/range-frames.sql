-- RANGE with an offset over numerics, dates, times, intervals and infinite floats; offsets that are constants.
create table frames(id int, n numeric, d date, ts timestamp, tz timestamptz, t time, tt timetz, iv interval, f8
    float8, f4 float4, v int);
insert into frames values
    (1, 1.5, '2024-01-31', '2024-01-31 10:00', '2024-01-31 10:00+00', '10:00', '10:00+01', '1 mon', 1.5, 1.5, 10),
    (2, 2.50, '2024-02-29', '2024-02-29 10:00', '2024-03-10 06:30+00', '11:00', '10:00+00', '30 days', 'inf', 'inf',
    20),
    (3, 2.5, '2024-03-01', '2024-03-01 09:59:59', '2024-03-10 08:30+00', '11:30', '12:00-05', '31 days', '-inf',
    '-inf', 30),
    (4, 'NaN', '2024-03-31', '2024-03-31', '2024-11-03 05:30+00', '23:59:59', '23:00+14', '1 year', 'nan', 'nan', null),
    (5, 'Infinity', null, 'infinity', 'infinity', null, null, null, null, null, 50),
    (6, '-Infinity', 'infinity', '-infinity', '-infinity', '00:00', '00:00-12', '-1 day', 2, 2, 60),
    (7, null, '-infinity', null, null, '10:00', '09:00+00', '00:00', 2.5, 2.5, 70),
    (8, 4, '2023-01-31', '2023-01-31', '2023-01-31', '10:30', '10:30+01', '2 days', -1, -1, 80);
select id, n, count(*) over w, sum(v) over w from frames
    window w as (order by n, id range between unbounded preceding and current row) order by id;
select id, count(*) over w, sum(v) over w, avg(v) over w, min(v) over w, max(v) over w, count(v) over w from frames
    window w as (order by n range between 1 preceding and 1 following) order by id;
select id, count(*) over w, sum(v) over w from frames
    window w as (order by n desc range between 0.5 preceding and 1.50 following) order by id;
select id, count(*) over w, sum(v) over w from frames window w as (order by n desc nulls last range between 1
    following and 3 following) order by id;
select id, count(*) over w from frames window w as (order by n range between 'inf' preceding and 'inf' following)
    order by id;
select id, count(*) over w from frames window w as (order by n range between 'inf' following and 'inf' following)
    order by id;
select id, count(*) over (order by n range between 1 preceding and 1 following exclude current row),
    count(*) over (order by n range between 1 preceding and 1 following exclude group),
    sum(v) over (order by n range between 1 preceding and 1 following exclude ties) from frames order by id;
select id, count(*) over (order by n range between -1 preceding and 1 following) from frames;
select id, count(*) over (order by n range between 1 preceding and 'NaN' following) from frames;
select id, count(*) over (order by n range between null preceding and 1 following) from frames;
-- refused
select id, count(*) over w, sum(v) over w, array_agg(id) over w from frames window w as (order by n range between 1
    preceding and 1 following);
select id, count(*) over w, sum(v) over w from frames window w as (order by d range between '1 month' preceding and
    '1 day' following) order by id;
select id, count(*) over w, sum(v) over w from frames window w as (order by d desc range between '1 month'::interval
    preceding and '1 day' following) order by id;
select id, count(*) over w, sum(v) over w from frames window w as (order by ts range between '1 month' preceding and
    current row) order by id;
select id, count(*) over w, sum(v) over w from frames window w as (order by ts nulls first range between unbounded
    preceding and '1 day' preceding) order by id;
select id, count(*) over w, sum(v) over w from frames window w as (order by ts range between '1 year' following and
    unbounded following) order by id;
set timezone = 'America/New_York';
select id, count(*) over w, sum(v) over w from frames window w as (order by tz range between '1 day' preceding and
    '1 day' following) order by id;
reset timezone;
select id, count(*) over w, sum(v) over w from frames window w as (order by t range between '1 hour' preceding and
    '30 min' following) order by id;
select id, count(*) over w, sum(v) over w from frames window w as (order by t desc range between '1 day 1 hour'
    preceding and '23 hours' following) order by id;
select id, count(*) over w, sum(v) over w from frames window w as (order by tt range between '1 hour' preceding and
    '2 hours' following) order by id;
select id, count(*) over w, sum(v) over w from frames window w as (order by iv range between '1 day' preceding and
    '1 month' following) order by id;
select id, count(*) over w, sum(v) over w from frames window w as (order by iv desc range between '1 day' preceding
    and '1 month' following) order by id;
select id, count(*) over (order by d range between '-1 day' preceding and current row) from frames;
select id, count(*) over (order by d range between 1 preceding and current row) from frames;
select id, count(*) over w from frames window w as (order by f8 range between 'inf' preceding and 'inf' following)
    order by id;
select id, count(*) over w from frames window w as (order by f8 range between 'inf' preceding and 'inf' preceding)
    order by id;
select id, count(*) over w from frames window w as (order by f4 range between 'inf' following and 'inf' following)
    order by id;
select id, count(*) over w from frames window w as (order by f8 range between '1' preceding and '0.5' following)
    order by id;
select id, count(*) over w from frames window w as (order by f8 range between 1 preceding and 'NaN' following) order
    by id;
select id, rank() over w, row_number() over w, lag(id) over w, nth_value(id, 2) over w from frames
    window w as (partition by v > 40 order by d range between '2 months' preceding and '1 day' preceding) order by id;
-- refused
select sum(v) filter (where v > 10) over (order by d range between '1 day' preceding and current row) from frames;
select v, sum(s) over (order by v range between 1.5 preceding and current row) from (select n as v, sum(v) as s from
    frames group by n) x order by 1;
select n, sum(sum(v)) over (order by n range between 1 preceding and current row) from frames group by n order by 1;
select id, sum(id) over (order by id range between 2::int8 preceding and 1::int2 following), sum(id) over (rows
    1::int8 preceding),
    sum(id) over (order by id rows between 1::smallint preceding and 1::bigint following) from frames order by id;
select sum(id) over (order by id rows between v preceding and current row) from frames;
select sum(id) over (order by id range between id preceding and current row) from frames;
-- refused
select id, first_value(id) over (order by n range between 0 preceding and 0 following) from frames;
select sum(id) over (order by n range between 1 preceding and 1.1::float8 following) from frames;
select generate_series(1, 2) over () from frames;
drop table frames;
set timezone = 'America/New_York';
select array_to_string(array['2024-01-01 00:00+00'::timestamptz], ','),
    concat(array['2024-01-01 00:00+00'::timestamptz]),
    format('%s', array['2024-01-01 00:00+00'::timestamptz]), concat(array['1 day'::interval], array['\x01'::bytea],
    array[0.1::float8]);
reset timezone;
