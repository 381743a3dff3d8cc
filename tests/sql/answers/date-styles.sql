-- DateStyle: how dates and timestamps are shown, in texts, arrays and JSON, and what is read; what SET leaves unsaid.
show datestyle;
set datestyle = 'SQL';
show datestyle;
set datestyle = 'DMY';
show datestyle;
set datestyle = 'ISO';
show datestyle;
set datestyle = 'German';
show datestyle;
set datestyle = 'German, MDY';
show datestyle;
set datestyle = 'POSTGRESQL, euro';
show datestyle;
set datestyle = 'iso, nonEuropean';
show datestyle;
set datestyle = 'ISO, SQL';
set datestyle = 'MDY, YMD';
set datestyle = 'MDY, us';
set datestyle = 'French';
set datestyle = 'SQL, YMD';
show datestyle;
create table styles(d date, ts timestamp, tz timestamptz, t time, tt timetz);
set datestyle = 'ISO, MDY';
insert into styles values ('2024-01-02', '2024-01-02 03:04:05.67', '2024-07-01 12:00+00', '03:04:05', '03:04:05+02'),
    ('0044-03-15 BC', '0044-03-15 10:00 BC', '2024-01-01 12:00+00', null, null), ('infinity', '-infinity',
    'infinity', null, null),
    ('12345-12-31', '12345-12-31 23:59:59', '1950-05-05 05:05:05+00', '00:00', null);
set timezone = 'America/New_York';
set datestyle = 'SQL, MDY';
select * from styles;
select d::text, ts::text, tz::text, t::text, tt::text, d || '!', concat(ts, ' ', tz), format('%s', d), array[d],
    array[ts], array[tz],
    to_json(d), to_json(ts), to_json(tz), json_build_object('a', d, 'b', tz), to_jsonb(array[d]), quote_literal(d),
    to_char(tz, 'YYYY-MM-DD HH24:MI:SS'),
    array_to_string(array[d], ','), concat(array[ts]) from styles;
select '1/2/2024'::date, '1/2/2024 3:04'::timestamp, '02.01.2024'::date;
select json_build_object(d, 1), jsonb_build_object(d, 1) from styles;
select row_to_json(styles) from styles where t = '03:04:05';
set datestyle = 'SQL, DMY';
select * from styles;
select '1/2/2024'::date, '13/2/2024'::date;
set datestyle = 'German';
select * from styles;
select '1.2.2024'::date, d::text::date = d, ts::text::timestamp = ts from styles where d < 'infinity' and ts >
    '-infinity';
set datestyle = 'Postgres, MDY';
select * from styles;
select tz::text::timestamptz = tz from styles;
set datestyle = 'Postgres, DMY';
select * from styles;
select min(d), max(ts), string_agg(d::text, ','), array_agg(d), json_agg(ts) from styles;
select d, count(*) from styles group by d order by d;
select d from styles where d = '02-01-2024';
select case when d is null then 'x' else d::text end, coalesce(d::text, ''), d + 1, ts - interval '1 day',
    date_trunc('month', ts) from styles order by d;
set timezone = 'UTC';
select tz, now()::text ~ 'UTC$' from styles;
set datestyle = 'YMD';
show datestyle;
select '2024-01-02'::date, '24/1/2'::date;
reset datestyle;
show datestyle;
select * from styles;
begin;
set local datestyle = 'German';
select d from styles;
rollback;
select d from styles;
drop table styles;
