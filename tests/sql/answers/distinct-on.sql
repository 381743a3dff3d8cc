-- DISTINCT ON: the first row of each group in the order that is asked for
create table orders (id int primary key, customer text not null, placed date, total numeric(8,2), note text);
insert into orders values (1, 'ann', '2020-01-02', 10, 'a'), (2, 'ann', '2020-01-03', 9, null),
    (3, 'bob', null, 100, 'B'), (4, 'bob', '2019-12-31', 9.5, 'b'), (5, 'Cyd', '2021-05-05', 11, null);
select distinct on (customer) * from orders order by customer, placed desc;
select distinct on (customer) * from orders order by customer, placed desc nulls last, id;
select distinct on (customer) customer, total from orders order by customer desc, total;
select distinct on (orders.customer) id, total from orders order by customer, total desc;
select distinct on (customer) id, customer as c from orders o order by o.customer, total desc limit 2;
select distinct on (c) id, customer as c from orders order by c, total desc limit 2 offset 1;
select distinct on (2, 1) id % 2, customer from orders order by 2;
select distinct on (lower(note)) lower(note), id from orders order by lower(note), id desc;
select distinct on (total > 10) total > 10 as big, total from orders order by 1, total;
select distinct on (note) note, id from orders order by note desc, id;
select distinct on (note) note as x, id as x from orders order by note, 2 desc;
select distinct on (customer, note) id, customer from orders order by note, customer, id;
select distinct on (total) id from orders where total < 100 order by total desc;
select distinct on (customer || 'x') id from orders order by customer || 'x', id desc;
select distinct on (customer || 'x') id from orders order by customer || 'y', id desc;
select distinct on (c) c, n from (select customer as c, count(*) as n from orders group by 1) s order by c;
select distinct on (count(*)) customer, count(*) from orders group by customer order by count(*), customer;
select distinct on (o.customer) o.customer, p.id from orders o join orders p on p.customer = o.customer and p.id <> o.id
    order by o.customer, p.id desc;
select id, (select distinct on (p.customer) p.total from orders p where p.customer = o.customer
    order by p.customer, p.total) from orders o order by id;
select * from (select distinct on (customer) customer, id from orders order by customer, id) a
    join (select distinct on (customer) customer, id from orders order by customer, id desc) b using (customer)
    order by 1;
(select distinct on (customer) id from orders order by customer, id) union all select 99 order by 1;
with q as (select distinct on (customer) * from orders order by customer, id) select max(total) from q;
select distinct on (customer) customer, row_number() over (order by id) from orders order by customer, id desc;
select distinct on (i::oid::regtype) i::oid::regtype as t, i from (values (25), (16), (25), (700)) v(i) order by 1;
select count(*) from (select distinct on (customer) id from orders) s;
select exists (select distinct on (customer) 1 from orders where id > 100 order by customer);
insert into orders select distinct on (customer) id + 10, customer, placed, total, note from orders
    order by customer, id;
select count(*) from orders;
create view firsts as select distinct on (customer) customer, id from orders order by customer, id;
select * from firsts;
select distinct on (customer) id from orders order by total;
select distinct on (customer) id from orders order by total, customer;
select distinct on (customer, id) id from orders order by customer, total;
select distinct on (customer, id) id from orders order by customer, total, id;
select distinct on (3) id from orders;
select distinct on (customer) id from orders for update;
select distinct on (customer) customer, count(*) from orders group by note;
select distinct on (id) customer, count(*) from orders group by customer;
select distinct on (nothing) id from orders;
select distinct on (a.id) a.id from orders a, orders b where a.id < 3 order by a.id, b.id desc;
