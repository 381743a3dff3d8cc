-- date_part is double precision, also where its value is whole
create table date_part_kept (id int primary key, c float8, r float4);
insert into date_part_kept select n, date_part('month', timestamp '2024-05-06 07:08:09.125' + n * interval '40 days'),
    date_part('second', timestamp '2024-05-06 07:08:09.125') from generate_series(1, 3) n;
insert into date_part_kept values (4, date_part('year', date '2024-05-06'), 0),
    (5, date_part('epoch', timestamptz '2024-05-06 07:08:09.125+02'), 0),
    (6, date_part('julian', date '2024-05-06'), 0);
insert into date_part_kept values (7, date_part('julian', timestamp '2024-05-06 18:00'), 0),
    (8, date_part('epoch', date '2024-05-06'), 0), (9, date_part('milliseconds', time '07:08:09.125'), 0);
update date_part_kept set r = date_part('day', timestamp '2024-05-06 07:08:09') where id > 3;
select * from date_part_kept order by id;
select date_part('second', timestamp '2024-05-06 07:08:09.123456'), date_part('epoch', timestamp '4000-01-01 00:00:01'),
    date_part('century', date '0044-03-15 BC'), date_part('dow', date '2024-05-06') / 4;
select date_part('epoch', timestamp '-infinity'), date_part('hour', timestamp 'infinity'),
    pg_typeof(date_part('hour', timestamp '2024-05-06 07:08'));
drop table date_part_kept;
