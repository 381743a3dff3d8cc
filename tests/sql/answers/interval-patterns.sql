-- to_char() of intervals; casts of an instant to a time with time zone, and of an interval to a time.
select to_char(i, 'HH24:MI:SS'), to_char(i, 'HH12:MI:SS AM'), to_char(i, 'HH:MI a.m.'), to_char(i, 'YYYY-MM-DD'),
    to_char(i, 'FMYYYY "years" FMMM "mons" FMDD "days"'),
    to_char(i, 'SSSS'), to_char(i, 'SSSSS'), to_char(i, 'MS US FF1 FF3 FF6'), to_char(i, 'DDD'), to_char(i,
    'YYY YY Y'), to_char(i, 'RM rm FMRM|'), to_char(i, 'FMHH24th HH12TH')
    from (values ('1 day 02:03:04.567891'::interval), ('00:00'), ('-1 day -02:03:04.5'), ('1 year 2 mons 3 days'),
    ('-14 mons 5 days 30:15'), ('100:00:00'), ('12 hours'),
    ('-13:05:06.07'), ('123 years 11 mons'), ('36 hours 0.001 sec'), ('-1 year'), ('-5 mons')) v(i);
select to_char(i * interval '1mon', 'rm'), to_char(i * interval '1mon', 'RM') from generate_series(-13, 13) i;
select to_char(null::interval, 'HH24'), to_char('1 day'::interval, null), to_char('1 day'::interval, '');
-- refused
select to_char('1 day'::interval, 'Month');
select '1 day 02:03'::interval::time, '-02:03'::interval::time, '48:00'::interval::time, '1 mon'::interval::time,
    '23:59:59.6'::interval::time(0);
set timezone = 'America/New_York';
select '2024-07-01 12:00+00'::timestamptz::timetz, '2024-01-01 12:00:00.123456+00'::timestamptz::timetz(2),
    'infinity'::timestamptz::timetz;
select now()::timetz::text = current_time::text, now()::timetz(4)::text = current_time(4)::text;
reset timezone;
select '2024-07-01 12:00+02'::timestamptz::timetz;
create table interval_patterns(a timetz, b time);
insert into interval_patterns values ('2024-07-01 12:00+02'::timestamptz, '25:00'::interval);
select * from interval_patterns;
drop table interval_patterns;
