-- Texts that differ in their literals alone: what a plan keeps of them is another's too only where it is the same.
create table stay (id serial primary key, t varchar(80), n numeric(8, 2), s int, d date, words varchar(20)[]);
insert into stay (t, n, s, d, words) values ('Book 1', 1.25, 1, '2024-02-29', array['x', 'y']::varchar(20)[]);
insert into stay (t, n, s, d, words) values ('Book 2', 2.25, 2, '2023-02-28', array['xyz', 'y']::varchar(20)[]);
insert into stay (t, n, s, d, words) values ('Book 3', 3.25, 3, '2022-01-28', array['xyz', 'y']::varchar(2)[]);
insert into stay (t, n, s, d, words) values ('Book 4', 4.25, 3, '2021-12-28',
    array['xyz', 'yz']::varchar(1)[]) returning words;
insert into stay (t, n, s, d, words) values ('Book 5', 5.25, 3, '2020-12-28',
    array['abc', 'yz']::varchar(1)[]) returning words;
insert into stay (t, n, s, d, words) values ('Book 6', 6.25, 3, '2020-12-28',
    array['abc', 'yz']::varchar(2)[]) returning words;
select id, t, n, s, d, words from stay order by 1;
select id, t, n, s, d, words from stay order by 4, 1 desc;
select id, t, n, s, d, words from stay order by 5, 2 desc;
select id, t, n, s, d, words from stay order by 7;
select 'abcdef'::varchar(3), 'abc'::varchar(2), 'q'::char(3) || 'x', 12.345::numeric(5, 1);
select 'ghijkl'::varchar(4), 'def'::varchar(1), 'r'::char(2) || 'y', 12.355::numeric(5, 2);
select 'ghijkl'::varchar(4), 'def'::varchar(1), 'r'::char(2) || 'y', 12.355::numeric(5, -1);
select 'ghijkl'::varchar(4), 'def'::varchar(1), 'r'::char(2) || 'y', 99999.355::numeric(5, 2);
select cast(s as varchar(1)), cast(t as varchar(4)), cast(n as numeric(3, 1)) from stay where s < 3 order by id;
select cast(s as varchar(9)), cast(t as varchar(5)), cast(n as numeric(2, 0)) from stay where s < 2 order by id;
select case when s > 2 then 'big' else 'small' end as size, count(*) from stay
    group by case when s > 2 then 'big' else 'small' end order by 1;
select case when s > 1 then 'big' else 'tiny' end as size, count(*) from stay
    group by case when s > 1 then 'big' else 'tiny' end order by 1;
select case when s > 1 then 'big' else 'tiny' end as size, count(*) from stay
    group by case when s > 2 then 'big' else 'tiny' end order by 1;
select s + 1, s + 2 from stay group by s + 1, s + 2 order by 1;
select s + 2, s + 1 from stay group by s + 1, s + 2 order by 1;
select s + 2, s + 2 from stay group by s + 2, s + 2 order by 1;
select s + 2, s + 1 from stay group by s + 1, s + 3 order by 1;
select distinct s + 1 from stay order by s + 1;
select distinct s + 2 from stay order by s + 2;
select distinct s + 2 from stay order by s + 3;
select extract(year from d), extract(month from d) from stay where id = 1;
select extract(year from d), extract(month from d) from stay where id = 2;
select extract(month from d), extract(day from d) from stay where id = 2;
select extract('year' from d), extract('month' from d) from stay where id = 1;
select extract('month' from d), extract('day' from d) from stay where id = 1;
select a, count(*) from (values (1, 2), (1, 3)) v(a, b) group by rollup(1) order by a;
select b, count(*) from (values (1, 2), (1, 3)) v(a, b) group by rollup(b) order by b;
select a, b from (values (1, 2), (1, 3)) v(a, b) group by rollup(1, 2) order by a, b;
select a, b from (values (1, 2), (1, 3)) v(a, b) group by rollup(2, 1) order by a, b;
select a, b from (values (1, 2), (1, 3)) v(a, b) group by rollup(2, 3) order by a, b;
select date_trunc('year', d), count(*) from stay group by date_trunc('year', d) order by 1;
select date_trunc('month', d), count(*) from stay group by date_trunc('month', d) order by 1;
select date_trunc('month', d), count(*) from stay group by date_trunc('year', d) order by 1;
select '1.5 seconds'::interval(0), '1.4567 seconds'::interval second(2);
select '1.5 seconds'::interval(1), '1.4567 seconds'::interval second(3);
create sequence stay_a;
create sequence stay_b start 50;
select nextval('stay_a');
select nextval('stay_b');
select nextval('stay_a'::regclass);
select nextval('stay_b'::regclass);
insert into stay (id, t) values (nextval('stay_b'), 'from b') returning id;
insert into stay (id, t) values (nextval('stay_b'), 'b again') returning id;
insert into stay (id, t) values (nextval('stay_a') + 100, 'from a') returning id;
insert into stay (id, t) values (nextval('stay_a') + 100, 'a again') returning id;
select id, s from stay where s > 1 order by s fetch first 2 rows with ties;
select id, s from stay where s > 0 order by s fetch first 1 rows with ties;
select id, (select x.t from stay x where x.s = stay.s order by x.id limit 1) from stay where id < 4 order by id;
select id, (select x.t from stay x where x.s = stay.s order by x.id limit 0) from stay where id < 4 order by id;
select id, (select count(stay.id) from stay x where x.s = stay.s limit 1) from stay
    where id < 4 group by id, s order by id;
select sum(s) over (order by id rows between 1 preceding and current row) from stay where id < 5 order by 1;
select sum(s) over (order by id rows between 2 preceding and current row) from stay where id < 5 order by 1;
drop table stay;
drop sequence stay_a, stay_b;
