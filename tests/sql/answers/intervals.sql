-- Intervals are read, shown and compared as PostgreSQL does
select interval '1 day 2:03', interval '90 minutes', interval '1.5 hours', interval '36 hours', interval '1.5 weeks',
    interval '0';
select interval '1 year 14 months', interval '1 mon', interval '-1 mon', interval '1 year -1 month',
    interval '-1 day 2:03', interval '1 day -2:03';
select interval '1.5 months', interval '1.5 years', interval '1.5 days', interval '0.1 seconds', interval '1.0000001 s',
    interval '-0.5 s';
select interval '1 day ago', interval '@ 1 day 2 hours ago', interval '5', interval '1:2', interval '1:02:03.456',
    interval '2:03.5', interval '-1:30';
select interval '1 decade', interval '1 century', interval '2 centuries', interval '1 millennium', interval '3 us',
    interval '5 ms', interval '7 w', interval '1 y 2 mon 3 d 4 h 5 m 6 s';
select interval 'x';
select interval '';
select interval '1 parsec';
select interval '1 day 2';
select interval '90 minutes' = interval '1.5 hours', interval '10 days' > interval '9 days',
    interval '1 mon' = interval '30 days', interval '24 hours' = '1 day', interval '1 year' < interval '365 days';
select '1 sec'::interval, '90 minutes'::interval::text, '1 day'::text::interval, time '10:20'::interval,
    interval '1 day'::text;
select max(i::interval), min(i::interval), count(distinct i::interval) from (values ('10 days'), ('9 days'),
    ('31 days'), ('1 mon'), ('720 hours')) v(i);
select i::interval from (values ('10 days'), ('9 days'), ('1 mon'), ('216:00:01'), ('-1 day')) v(i)
    order by i::interval;
select count(*) from (values ('1 day'), ('24 hours'), ('2 days')) v(i) group by i::interval order by 1;
select timestamp '2024-01-31 10:00' + interval '1 month', timestamp '2024-01-31 10:00' - interval '1.5 days',
    date '2024-01-31' + interval '36 hours', timestamptz '2024-01-01 00:00+00' + '90 minutes';
select timestamp '2024-01-31 10:00' + 'x'::interval;
-- with 90 minutes
select $1::interval, timestamp '2024-01-31 10:00' + $1::interval, $1::interval > '1 hour';
select array['1.5 hours'::interval, '1 day'], '{1 day 2:03,null}'::interval[];
select coalesce(null, interval '1.5 hours'), case when true then interval '90 sec' end,
    nullif(interval '1 mon', '30 days');
select interval '1 day' in ('24 hours', '1 mon'), interval '25 hours' between '1 day' and '2 days',
    interval '1 day' is distinct from '24 hours';
select greatest(interval '9 days', '10 days'), least(interval '9 days', '10 days');
