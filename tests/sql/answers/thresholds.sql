-- width_bucket among the thresholds of an array
select x, width_bucket(x, array[1,3,5,10]) from generate_series(0, 11) x;
select width_bucket(5, array[3]), width_bucket(5, '{}'), width_bucket(2.5, array[1,2.50,3]::numeric[]);
select width_bucket('NaN'::float8, array[1,'NaN']::float8[]), width_bucket(-0.5::float8, array[-1,0]::float8[]);
select width_bucket('b'::text, array['a','c']), width_bucket(date '2024-01-02',
    array['2024-01-01','2024-01-02']::date[]);
select width_bucket(5, array[3,null]), width_bucket(null, array[3]);
select width_bucket(5, array[array[1,2],array[3,4]]);
