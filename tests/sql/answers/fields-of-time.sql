-- Fields of infinity, other names of fields, julian days, and date_trunc in a zone
select extract(year from t), extract(day from t), extract(epoch from t), extract(isoyear from t), extract(dow from t)
    from (values ('infinity'::timestamp), ('-infinity')) v(t);
select date_part('century', t), date_part('month', t), date_part('julian', t), date_part('quarter', t)
    from (values ('infinity'::timestamptz), ('-infinity')) v(t);
select extract(decade from date 'infinity'), extract(week from date '-infinity'), extract(doy from date 'infinity');
-- may refuse
select extract(hour from timestamp 'infinity');
-- may refuse
select date_part('foo', timestamp 'infinity');
select date_part('msec', t), date_part('usec', t), date_part('secs', t), date_part('hrs', t), date_part('yrs', t),
    date_part('c', t), date_part('mon', t), date_part('w', t) from (values (timestamp '2020-02-29 10:11:12.5')) v(t);
select extract(julian from date '2020-01-01'), extract(jd from date '4714-11-24 BC');
select date_part('julian', date '2020-01-01'), date_part('j', timestamp '2020-01-01 12:00');
-- may refuse
select extract(julian from timestamp '2020-01-01 12:00');
select date_trunc('millennium', timestamp '1970-03-20 04:30:00'), date_trunc('years', timestamp '1970-03-20 04:30:00'),
    date_trunc('millennium', timestamp '2001-03-20'), date_trunc('qtr', timestamp '1970-08-20');
select date_trunc('month', 'infinity'::timestamp), date_trunc('day', '-infinity'::timestamptz);
select date_trunc('day', timestamptz '2001-02-16 20:38:40+00', 'Australia/Sydney'),
    date_trunc('day', timestamptz '2001-02-16 20:38:40+00', 'GMT'),
    date_trunc('day', timestamptz '2001-02-16 20:38:40+00', 'VET'),
    date_trunc('hour', timestamptz '2001-02-16 20:38:40+00', 'Asia/Kolkata'),
    date_trunc('month', timestamptz '2020-11-15 20:38:40+00', 'America/New_York'),
    date_trunc('week', timestamptz '2020-03-10 20:38:40+00', 'America/New_York');
select date_trunc('day', timestamptz '2001-02-16 20:38:40+00', 'Nowhere/Land');
select date_trunc('day', timestamptz 'infinity', 'GMT'), date_trunc('day', timestamptz '2001-02-16', null);
