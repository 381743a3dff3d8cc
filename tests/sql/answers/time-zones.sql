-- An instant becomes a day, a time and a timestamp on the session's clock, and back, wherever a cast stands or is
-- implied
set timezone = 'America/New_York';
select (timestamptz '2024-01-01 02:00+00')::date, (timestamptz '2024-01-01 02:00+00')::time,
    (timestamptz '2024-01-01 02:00+00')::timestamp;
select timestamp '2024-07-01 02:00'::timestamptz, date '2024-07-01'::timestamptz,
    cast(timestamp '2024-03-10 02:30' as timestamptz);
create table t(id int primary key, a timestamptz, b timestamp, d date, c time);
insert into t(id, a) values (1, '2024-01-01 02:00+00'), (2, '2024-07-01 23:30-04'), (3, null),
    (4, '2024-11-03 05:30+00'), (5, '2024-11-03 06:30+00');
update t set b = a, d = a, c = a::time;
select * from t order by id;
update t set a = b where id = 2;
update t set a = d where id = 1;
select id, a, a::timestamp(0), b::timestamptz(0) from t order by id;
select id from t where a::date = '2024-01-01' order by id;
select id from t where a = d order by id;
select id from t where d <= a and b >= a order by id;
select id from t where a > b order by id;
select coalesce(a, b), case when id = 1 then a else d end from t order by id;
select a from t where id = 1 union select b from t where id = 2 order by 1;
select count(*) from t x join t y on x.a::date = y.d;
select now()::timestamp = localtimestamp, now()::date = current_date, current_timestamp::time(0) = localtime(0);
select date_trunc('day', a), date_trunc('hour', a), date_trunc('month', b), date_trunc('week', d) from t order by id;
select date_trunc('day', timestamptz '2024-01-01 02:00+00'), date_trunc('year', timestamp '2024-05-05 01:02:03');
select date_trunc('day', date '2024-07-04'), date_trunc('month', '2024-07-04 10:00'::timestamptz);
insert into t(id, b, d) select 10 + id, a, a from t where id < 3;
select * from t where id > 10 order by id;
-- with 2024-06-01 01:00:00+00 | 2024-06-01 01:00:00
select $1::timestamptz::date, $2::timestamp::timestamptz;
select 'infinity'::timestamptz::timestamp, '-infinity'::timestamp::timestamptz;
set timezone = 'UTC';
select a::date, a::timestamp, b::timestamptz from t order by id;
set timezone = 'Asia/Kathmandu';
select a::date, a::timestamp, b::timestamptz, date_trunc('day', a) from t order by id;
create table u(at timestamptz default now(), local timestamp default now(), day date default now());
insert into u default values;
select local = at::timestamp, day = at::date from u;
set timezone = 'America/New_York';
select timestamptz '2024-03-09 12:00:00' + interval '1 day', timestamptz '2024-03-09 12:00:00' + interval '24 hours';
select timestamptz '2024-11-02 12:00:00' + interval '1 mon', timestamptz '2024-11-04 12:00:00' - interval '2 days';
reset timezone;
