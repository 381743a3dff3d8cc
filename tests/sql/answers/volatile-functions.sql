-- Functions that answer otherwise each time run as often as they stand there
create sequence ofv_seq;
create table ofv_tv (a int);
insert into ofv_tv values (1),(2),(3);
create function ofv_vs(i int, j int) returns table(g int, s bigint) language sql as $$ select g, nextval('ofv_seq')
  from generate_series(i, j) g $$;
create function ofv_vx() returns bigint language sql as $$ select nextval('ofv_seq') $$;
create function ofv_st(i int) returns setof int language plpgsql as $$ begin return query select a from ofv_tv where
  a <= i order by a; end $$;
select * from rows from
  (generate_series(1,2),generate_series(1,2),generate_series(1,2),generate_series(1,2),generate_series(1,3));
select generate_series(1,2),generate_series(1,2),generate_series(2,3),generate_series(3,4),generate_series(1,3);
select setval('ofv_seq', 1, false);
select * from ofv_tv left join ofv_vs(11, 13) on a + g < 100 order by 1, 2;
select setval('ofv_seq', 1, false);
select * from ofv_tv, ofv_vs(10 + a, 12) order by 1, 2;
select setval('ofv_seq', 1, false);
select * from ofv_vs(1, 2) x, ofv_vs(3, 4) y order by 1, 3;
select x, x from (select ofv_vx() as x from ofv_tv) s;
select x, x from (select ofv_vx() as x from ofv_tv) s where x > 0;
with c as (select ofv_vx() as x from ofv_tv) select c1.x = c2.x from c c1 join c c2 using (x);
select * from ofv_tv, ofv_st(2) s order by 1, 2;
select * from ofv_tv t1, ofv_tv t2, ofv_st(t1.a) s order by 1, 2, 3;
select a, sum(s) from ofv_tv, ofv_st(a) s group by rollup (a) order by 1, 2;
select * from rows from (ofv_st(1), ofv_st(2), ofv_st(3), ofv_st(1), ofv_st(2), ofv_st(3)) with ordinality;
drop function ofv_vs, ofv_vx, ofv_st;
drop table ofv_tv;
drop sequence ofv_seq;
