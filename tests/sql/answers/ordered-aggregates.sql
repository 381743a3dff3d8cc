-- ORDER BY and DISTINCT within aggregates whose result depends on the order of their rows
create table sales (id int primary key, who text, what varchar(10), code char(4), price numeric(8,2), at timestamptz,
    ok bool, size float8, long text, doc jsonb, raw bytea);
insert into sales values
    (1, 'ann', 'b', 'x', 10, '2020-01-02', true, 1.5, '1 day', '[2]', '\x01'),
    (2, 'ann', 'a', 'xy', 9.50, '2020-01-03', false, 'NaN', '25 hours', '[10]', '\x0001'),
    (3, 'bob', null, null, -1, null, null, null, null, null, null),
    (4, 'bob', 'B', 'Z', 100, '2019-12-31', true, '-Infinity', '-1 mon', '{"a": 1}', '\xff'),
    (5, 'bob', 'b', 'x', 9.5, '2020-01-02 00:00+01', true, -0.5, '1 mon', '"s"', '\x'),
    (6, null, 'c', 'a', null, 'infinity', false, 7, '30 days', 'null', '\x01');
select string_agg(what, ',' order by id desc), string_agg(what, ',' order by what) from sales;
select array_agg(id order by price) from sales where id <> 2;
select array_agg(id order by price desc nulls last, id), array_agg(id order by price nulls first, id desc) from sales;
select array_agg(id order by at, id), array_agg(id order by ok, id), array_agg(id order by size, id) from sales;
select array_agg(id order by long::interval, id), array_agg(id order by doc, id) from sales;
select array_agg(id order by raw, id) from sales;
select array_agg(id order by code, id), array_agg(code order by code desc, id) from sales;
select who, string_agg(what, '-' order by what desc), array_agg(price order by id) from sales group by who order by who;
select who, json_agg(price order by price desc) from sales group by who order by who;
select who, jsonb_agg(what order by what, id) from sales group by 1 order by 1;
select json_agg(at order by at), jsonb_agg(size order by id) from sales where size is null or size <> 'NaN' and id < 6;
select array_agg(at order by at desc) from sales;
select string_agg(distinct what, ','), string_agg(distinct who, ', '), array_agg(distinct price) from sales;
select array_agg(distinct ok), array_agg(distinct who order by who desc), jsonb_agg(distinct price) from sales;
select array_agg(distinct who order by who nulls first), array_agg(distinct length(what)) from sales;
select string_agg(distinct what || who, ',' order by what || who) from sales;
select string_agg(distinct what || 'x', ',' order by what || 'x') from sales;
select string_agg(distinct what || 'x', ',' order by what || 'y') from sales;
select string_agg(distinct what, ',' order by id) from sales;
select string_agg(what, ',' order by id) filter (where ok), array_agg(id order by id) filter (where false) from sales;
select string_agg(what, who order by id), string_agg(raw, '\x00' order by id) from sales;
select string_agg(what, ',' order by id) from sales where false;
select coalesce(array_agg(id order by id), '{}') from sales where id > 99;
select string_agg(id::text, ',' order by id % 2, id desc) from sales;
select string_agg(who, ',' order by (select 1), id) from sales;
select (select string_agg(s.what, ',' order by s.id desc) from sales s where s.who = t.who) from sales t order by t.id;
select string_agg(what, ',' order by id) over () from sales;
select array_agg(distinct id) over () from sales;
select array_agg(id order by id) || array_agg(id order by id desc) from sales;
select sum(price order by id), count(distinct who order by who), max(id order by id) from sales;
select array_agg(x order by y) from (values (1, 2), (2, 1), (3, null)) v(x, y);
select array_agg(x order by '1') from (values (3), (1), (2)) v(x);
select json_agg(x order by x) from (values ('1'::json)) v(x);
select json_agg(distinct x) from (values ('1'::json)) v(x);
select array_agg(x order by nothing) from (values (1)) v(x);
select array_agg(x order by max(x)) from (values (1)) v(x);
select length(order by 1) from sales;
select lower(what order by id) from sales;
