-- Ordered-set aggregates: percentile_cont, percentile_disc and mode
create table marks (id int, who text, price numeric(8,2), size float8, n int, at date, ok bool, doc jsonb);
insert into marks values (1, 'a', 10, 1.5, 3, '2020-01-02', true, '1'),
    (2, 'a', 9.5, 'NaN', 3, '2020-01-01', false, '2'),
    (3, 'b', null, null, null, null, null, null), (4, 'b', 100, -1, 7, 'infinity', true, '[1]'),
    (5, 'b', -3, 0, 2, '2019-01-01', true, '1'), (6, null, 9.5, 4, 1, '2020-01-02', false, '"s"');
select percentile_cont(0.5) within group (order by price), percentile_disc(0.5) within group (order by price)
    from marks;
select percentile_cont(0.25) within group (order by n desc),
    percentile_disc(0.25) within group (order by n desc) from marks;
select percentile_disc(array[0, 0.3, 1]) within group (order by price), percentile_cont('{0, 0.3, null, 1}')
    within group (order by n) from marks;
select mode() within group (order by price), mode() within group (order by price desc), mode() within group (order by n)
    from marks;
select mode() within group (order by who), mode() within group (order by ok), mode() within group (order by doc)
    from marks;
select who, percentile_cont(0.5) within group (order by size) from marks group by who order by who;
select who, percentile_disc(0.9) within group (order by at) from marks group by who order by who;
select percentile_disc(0.5) within group (order by who || 'x') filter (where id > 1) from marks;
select percentile_cont(null) within group (order by n), percentile_cont(0.5) within group (order by n)
    from marks where false;
select percentile_cont(1.5) within group (order by n) from marks;
select percentile_cont(-0.1) within group (order by n) from marks;
select percentile_cont(0.5) within group (order by who) from marks;
select percentile_cont(0.5) within group (order by n, id) from marks;
select percentile_cont(0.5) within group (order by n) over () from marks;
select percentile_cont(0.5, n) from marks;
select mode(n) from marks;
select sum(n) within group (order by n) from marks;
select lower('a') within group (order by n) from marks;
select percentile_cont(n) within group (order by n) from marks;
select n, percentile_cont(n / 10.0) within group (order by size) from marks where n is not null group by n order by n;
select n from marks group by n having percentile_disc(0.5) within group (order by id) > 3 order by n;
select percentile_disc(0.5) within group (order by max(n)) from marks;
select percentile_disc(0.5) within group (order by '3') from marks;
select percentile_disc(0.5) within group (order by doc::json) from marks;
select percentile_disc(0.5) within group (order by s.m) from (select max(n) as m from marks group by who) s;
select width_bucket(percentile_cont(0.5) within group (order by n), 0, 10, 5), count(*) from marks;
