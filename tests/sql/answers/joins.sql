-- Columns of USING and NATURAL come first, in the order in which they are named or stand on the left
create table a(x int, y int, z int);
create table b(z int, y int, w int);
insert into a values (1,2,3); insert into b values (3,2,9);
select * from a join b using (y, z);
select * from a natural join b;
select * from a left join b using (z, y);
create table c(y int, q int, x int);
insert into c values (2, 5, 1);
select * from a join b using (z, y) join c using (x, y);
select * from a join b using (y, z) natural join c;
select * from (a join b using (z)) join c on c.y = a.y;
select a.*, b.* from a join b using (y, z);
select * from a join (b join c using (y)) using (y);
