-- Dates and times far from today: stored, compared, sorted, and shown
create table far (d date, t timestamp, z timestamptz, primary key (d));
insert into far values ('2040-04-10 BC', '2040-04-10 12:00 BC', '2040-04-10 12:00 BC'), ('2039-04-10 BC',
    '2039-04-10 12:00 BC', '2039-04-10 12:00 BC'), ('0001-01-01', '0001-01-01', '0001-01-01'), ('0001-12-31 BC',
    '0001-12-31 23:59:59.5 BC', '0001-12-31 23:59:59.5 BC'), ('2000-01-01', '2000-01-01', '2000-01-01'),
    ('10000-01-01', '10000-01-01 01:02:03.4', '10000-01-01 01:02:03.4'), ('9999-12-31', '9999-12-31', '9999-12-31'),
    ('infinity', 'infinity', 'infinity'), ('-infinity', '-infinity', '-infinity'), ('5874897-12-31',
    '294276-12-31 23:59:59.999999', '294276-12-31 23:59:59.999999'), ('4714-11-24 BC', '4714-11-24 00:00:00 BC',
    '4714-11-24 00:00:00+00 BC'), ('20000-02-29', '20000-02-29', '20000-02-29');
select d from far order by d;
select t from far order by t desc;
select z from far order by z;
select d from far where d < '2000-01-01' order by d;
select t from far where t > '9999-01-01' order by 1;
select z from far where z < '0001-01-01 00:00:00+00' order by 1;
select min(d), max(d), min(t), max(t), min(z), max(z) from far;
select count(distinct d), count(distinct t) from far;
select d + 1, d - 1, t + interval '1 day' from far where d between '2040-04-10 BC' and '10000-01-01' order by d;
select d - date '2000-01-01', extract(year from d), to_char(d, 'YYYY-MM-DD BC'), d::text, d || '' from far where
    isfinite(d) and d < '200000-01-01' order by d;
select t::date, z::timestamp, d::timestamptz, t::time, date_trunc('month', t) from far where isfinite(t) and
    isfinite(d) and d < '20001-01-01' order by t;
select d::text, t::text, z::text, concat(d, ' ', t), format('%s', d), json_build_object('d', d, 't', t, 'z', z),
    to_json(t) from far order by d;
select array_agg(d order by d), array_agg(t order by t) from far;
select greatest(d, '0044-03-15 BC'), least(d, '12000-01-01') from far order by d;
select case when d > '2000-01-01' then d else '0044-03-15 BC' end from far order by d;
select * from (select d from far union select t::date from far where t < '200000-01-01') x order by d;
select a.d from far a join far b on a.d = b.t::date where isfinite(b.t) order by 1;
update far set d = d + 1 where d = '2040-04-10 BC';
select d from far where d = '2040-04-11 BC';
insert into far (d) values ('2040-04-11 BC');
set timezone = 'America/New_York';
select z from far order by z;
select '10000-01-01'::date::timestamptz, '0044-03-15 BC'::timestamp::timestamptz,
    '0044-03-15 12:00 BC'::timestamptz::timestamp, '10000-01-01 12:00'::timestamptz::date;
select age('0044-03-15 BC'::timestamp, '0100-01-01 BC'::timestamp), (date '10000-01-01', date '20000-01-01')
    overlaps (date '11000-01-01', date '12000-01-01');
reset timezone;
select unnest(array['0044-03-15 BC', '10000-01-01']::date[]) + 1;
select array['0044-03-15 BC', '10000-01-01']::date[] < array['0043-03-15 BC']::date[], array['10000-01-01'::date] >
    array['9999-01-01'::date];
select (array['0044-03-15 BC'::date])[1] < '2000-01-01';
select extract(isoyear from date '2020-08-11 BC'), extract(century from date '0100-01-01 BC'), extract(decade from
    date '0001-01-01 BC'), extract(millennium from date '1001-01-01 BC'), extract(epoch from date '10000-01-01'),
    extract(week from date '2020-08-11 BC'), extract(isodow from date '2020-08-11 BC');
select lag(d) over (order by d), first_value(d) over (order by d) from far order by d;
select string_agg(d::text, ',' order by d) from far;
select d = '2040-04-11 BC' or d in ('10000-01-01', '0001-12-31 BC') from far order by d;
