-- Fields of dates, to_char's patterns, aggregates as window functions and of bytea, and = ANY of no array
select extract(epoch from date '1970-01-02'), extract(epoch from date '2024-02-29'),
    extract(epoch from date '1900-01-01');
select extract(hour from date '2024-01-01');
select extract(second from date '2024-01-01');
select extract(timezone from date '2024-01-01');
select extract(timezone from timestamp '2024-01-01 10:00');
select date_part('hour', date '2024-01-01'), date_part('epoch', date '1970-01-02');
select extract(year from date '2024-02-29'), extract(dow from date '2024-02-29'), extract(week from date '2024-12-30');
select date_part('epoch', '294270-01-01'::timestamp), date_part('epoch', timestamp '1960-01-01 00:00:00.5');
select extract(epoch from '294270-01-01'::timestamp), extract(epoch from timestamptz '294270-01-01 00:00+00');
select extract(century from date '2000-12-31'), extract(century from date '2001-01-01'),
    extract(millennium from date '2001-01-01');
select extract(century from timestamp '0044-03-15 00:00:00 BC'),
    extract(millennium from timestamp '1044-03-15 00:00:00 BC');
select to_char(timestamp '2024-03-05 14:07:09.123456', 'FF1 FF2 FF3 FF4 FF5 FF6 MS US SSSS SSSSS');
select to_char(timestamp '2024-12-30 00:07:09', 'IYYY IYY IY I IW IDDD ID WW W CC J RM rm Q DDD D');
select to_char(timestamp '2024-03-05 14:07:09', 'YYYY YYY YY Y Y,YYY yyyy MM mm DD dd HH24 hh24 HH HH12 MI mi SS ss');
select to_char(timestamp '2024-03-05 14:07:09',
    'Month|MONTH|month|Mon|MON|mon|Day|DAY|day|Dy|DY|dy|AM|am|A.M.|p.m.|BC|ad|b.c.|A.D.');
select to_char(timestamp '2024-03-05 04:07:09',
    'FMMonth|FMDay|FMDD|FMMM|FMHH24|FMHH12|FMMI|FMSS|FMDDD|FMRM|FMWW|FMMONTH DD');
select to_char(timestamp '0044-03-15 10:00:00 BC', 'YYYY YY BC b.c. CC');
select to_char(timestamptz '2024-03-05 14:07:09+00', 'TZ tz TZH TZM OF'), to_char(timestamp '2024-03-05 14:07:09',
    'TZ|OF|TZH:TZM');
select to_char(date '2024-03-05', 'YYYY-MM-DD HH24:MI'), to_char(timestamp '2024-03-05', '"week" IW "x\"y" \" zz');
set timezone = 'America/New_York';
select to_char(timestamptz '2024-03-05 14:07:09+00', 'YYYY-MM-DD HH24:MI TZH:TZM OF');
set timezone = 'Asia/Kolkata';
select to_char(timestamptz '2024-03-05 14:07:09+00', 'HH24:MI TZH:TZM OF');
-- refused
select to_char(timestamptz '2024-03-05 14:07:09+00', 'TZ');
set timezone = 'UTC';
select to_char(timestamp '2024-03-05', 'DDth');
select to_char(timestamp '2024-03-05', 'TMMonth');
select to_char(timestamp 'infinity', 'YYYY');
create table t(k int, b bool, s text, y bytea, n int);
insert into t values (1, true, 'a', '\x01ff', 1), (2, null, 'b', '\x00', null), (3, false, null, null, 3),
    (4, true, 'd', '\xfe', 4);
select k, bool_and(b) over (order by k), bool_or(b) over (order by k), every(b) over () from t order by k;
select k, bool_and(b) over (order by k rows 1 preceding), bool_or(b) over (order by k rows between 1 preceding
    and 1 following) from t order by k;
select k, string_agg(s, ',') over (order by k), string_agg(s, ',') over () from t order by k;
select k, array_agg(s) over (order by k), array_agg(s) over (partition by k % 2 order by k) from t order by k;
select k, json_agg(n) over (order by k), jsonb_agg(n) over () from t order by k;
select k, string_agg(s, ',') over (order by k rows unbounded preceding) from t order by k;
-- refused
select k, string_agg(s, ',') over (order by k rows 1 preceding) from t order by k;
select bool_and(b), bool_or(b), every(b), string_agg(s, ','), array_agg(s), json_agg(n) from t;
select bool_and(b), string_agg(s, ','), array_agg(s), json_agg(n) from t where false;
select string_agg(y, '\x2c') from t;
select string_agg(y, ''::bytea) from t where false;
select k, string_agg(y, ',') over (order by k) from t order by k;
select 33 = any(null::int[]), 33 <> all(null::int[]), 33 = any('{}'::int[]), 33 <> all('{}'::int[]),
    null::int = any('{}'::int[]);
select 33 = any('{1,33}'::int[]), 33 = any('{1,NULL}'::int[]), 33 <> all('{1,NULL}'::int[]), 33 < any(null::int[]);
-- with null
select 33 = any($1::int[]);
-- with {33,4}
select k from t where k = any($1::int[]) order by k;
-- with null
select count(*) from t where not (k = any($1::int[]));
