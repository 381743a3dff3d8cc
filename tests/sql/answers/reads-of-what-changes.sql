-- A statement reads the table that it changes as it was before
create table w (id int primary key, g text, n int, t text unique);
insert into w values (1, 'a', 1, 'x'), (2, 'a', 2, 'y'), (3, 'b', 3, 'z'), (4, 'b', 10, null);
update w set n = (select sum(v.n) from w v where v.g = w.g) returning id, n;
update w set n = n + (select max(v.n) from w v where v.id < w.id) where id > 1 returning id, n;
update w set (n, g) = (select v.n + 1, v.g || '!' from w v where v.id = w.id - 1) where id > 1 returning id, n, g;
update w set n = case when exists (select 1 from w v where v.n > w.n) then 0
    else (select count(*) from w v where v.n = 0) end where n is not null returning id, n;
update w as u set n = coalesce((select v.n + 1 from w v where v.id = u.id - 1), 0) where g like 'a%' returning *;
update w set t = (select max(v.t) from w v) || id where exists (select 1 from w v where v.id = w.id + 1)
    returning id, t;
with m as (select max(n) as n from w) update w set n = (select n from m) + w.id;
select id, n from w order by id;
update w set n = (select s.n from (select id, row_number() over (order by id desc) as n from w) s where s.id = w.id);
update w set id = id + 10, n = (select count(*) from w v where v.id > 10);
select id, n from w order by id;
insert into w values (11, 'c', 5, 'p') on conflict (id) do update set n = (select max(v.n) + 1 from w v);
insert into w select (select max(id) from w) + 1, 'd', (select count(*) from w), 'q';
insert into w select id + 100, g, (select count(*) from w), null from w;
delete from w where n < (select max(v.n) from w v where v.g = w.g);
delete from w where id = (select min(v.id) from w v) or exists (select 1 from w v where v.id = w.id - 1);
select * from w order by id;
