-- IntervalStyle: intervals are shown as PostgreSQL shows them, and read from ISO 8601
set intervalstyle = iso_8601;
show intervalstyle;
select interval '1 year 2 mons 3 days 04:05:06.7', interval '-1 year +2 mons -3 days +04:05:06',
    interval '0', interval '1.5 hours';
select interval '-00:00:00.5', interval '00:00:01', interval '-36:00:00', interval '1 day -00:00:01', interval '5 mons';
select interval '1 day'::text, 'x' || interval '2 hours', concat(interval '90 minutes'),
    timestamp '2024-01-01' - timestamp '2023-01-01';
select interval 'P1Y2M3DT4H5M6.7S', interval 'P2W', interval 'PT1.5H', interval 'P-1Y2DT-3M',
    interval 'PT0S', interval 'P0.5Y';
select interval 'P', interval 'P1';
select interval 'PT';
select interval 'P1H';
select interval 'PT1D';
select interval '1 day' = 'P1D', interval 'P1M' = interval 'P30D';
set intervalstyle = postgres_verbose;
select interval '1 year 2 mons 3 days 04:05:06.7', interval '-1 year +2 mons -3 days +04:05:06',
    interval '0', interval '1.5 hours';
select interval '-00:00:00.5', interval '00:00:01', interval '-36:00:00', interval '1 day -00:00:01', interval '5 mons';
select interval '-5 mons +00:00:01', interval '1 year -2 mons', interval '-1 sec', interval '2 days -00:00:00.25';
select interval '@ 1 year 2 mons 3 days ago', interval '1 mon 1 sec'::text;
reset intervalstyle;
select interval '1 year 2 mons 3 days 04:05:06.7';
set intervalstyle = wrong;
set intervalstyle = sql_standard;
