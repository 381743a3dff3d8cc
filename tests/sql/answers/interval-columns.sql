-- Columns of interval and of time with time zone: stored, compared, sorted, grouped, unique
create table spans (k int, i interval, z timetz, unique (i));
insert into spans values (1, '1 mon', '10:00+02'), (2, '29 days', '09:00+01'), (3, '31 days', '08:00+00'), (4,
    '-1 day', '23:59:59.5-05'), (5, '720:00:01', '00:00+14'), (6, null, null), (7,
    '1 year 2 mons 3 days 04:05:06.789', '24:00-12');
insert into spans values (8, '30 days', null);
insert into spans values (8, '720 hours', null);
insert into spans values (8, 'x', null);
insert into spans values (8, null, 'x');
insert into spans values (8, null, '10:00 America/New_York');
select k, i from spans order by i, k;
select k, z from spans order by z desc, k;
select k from spans where i = '30 days';
select k from spans where i > interval '1 day' and i < '40 days' order by k;
select k from spans where z = '10:00+02';
select k from spans where z < '08:00:00+00' order by k;
select min(i), max(i), count(distinct i) from spans;
select i, count(*) from spans group by i order by 1;
select z, count(*) from spans group by z order by 1;
select distinct i from (values (interval '1 mon'), ('30 days'), ('720:00')) v(i) where i = '1 mon' limit 1;
select a.k, b.k from spans a join spans b on a.i = b.i order by 1, 2;
select k, i + interval '1 hour', i - '1 day', -i, i * 2, i / 2 from spans order by k;
select timestamp '2024-01-31' + i from spans order by k;
select extract(epoch from i), date_part('day', i) from spans order by k;
select i::text, z::text, z::time from spans order by k;
update spans set i = i + '1 day' where k = 2;
select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'spans'::regclass and attnum > 0 order by
    attnum;
create index on spans (i, z);
select k from spans where i in ('1 mon', '-1 day') order by k;
create table fields (a interval day to second(2), b interval year to month default '3-1', c timetz(1), d interval(0));
insert into fields values ('1 2:03:04.567', '5', '10:00:00.55+02', '1.5'), (default, default, default, default);
select * from fields;
select '10:00'::time::timetz, '10:00:01.555+02'::timetz(2), '10:00+02'::timetz < '10:00+01'::timetz;
set timezone = 'America/New_York';
select '2024-07-01 10:00'::timetz, '10:00+00'::timetz;
reset timezone;
set intervalstyle = sql_standard;
select i from spans order by i;
set intervalstyle = iso_8601;
select i from spans order by i;
reset intervalstyle;
