-- The lengths of what functions answer: of a row type's fields, a table's columns, and a column definition list.

create type lf as (a numeric(35,6), b numeric(35,2));
create function lf1() returns lf language sql as $$ select 7.136178319899999964, 7.136178319899999964 $$;
create function lf2() returns setof lf language sql as $$ select 1, 2 union select 3, 4 order by 1 $$;
select lf1();
select * from lf1();
select (lf1()).b;
select a, b from lf1() as x(a, b) where b = 7.14;
select lf2();
select * from lf2();
select l.* from (values (1)) v(n), lf2() l;
create table lt (id int, c varchar(3), d char(4), n numeric(4,1), t timestamp(0));
create function lt1() returns setof lt language sql as
	$$ select 1, 'ab', 'x', 2.25, timestamp '2024-01-01 10:00:00.7' $$;
select * from lt1();
select lt1();
create function lt2() returns setof lt language sql as $$ select 1, 'abcd', 'x', 2.25, null::timestamp $$;
select * from lt2();
create function lt3() returns lt language sql as $$ select row(1, 'abc', 'x', 2.25, null)::lt $$;
select * from lt3();
create function lr(numeric) returns setof record language sql as $$ select $1, 'two'::text $$;
select * from lr(1) as t(f1 numeric, f2 text);
select * from lr(1) as t(f1 numeric(4,2), f2 text);
select * from lr(1) as t(f1 int, f2 varchar(5));
select * from lr(1) as t(f1 int, f2 varchar(2));
select * from lr(1000) as t(f1 numeric(4,2), f2 text);
select f1, count(*) from lr(1.005) as t(f1 numeric(4,2), f2 char(5)) group by f1;
select f1 || '|' || f2 || '|' from lr(1.005) as t(f1 numeric(4,2), f2 char(5));
select x.* from (values (1.5), (2.25)) v(n), lr(v.n) as x(f1 numeric(4,1), f2 text);
-- In PL/pgSQL they must be the same already.
create function lp1() returns setof lf language plpgsql as $$ begin return query select 1.5, 2.5; end $$;
select * from lp1();
create function lp2() returns setof lf language plpgsql as
	$$ begin return query select 1.5::numeric(35,6), 2.5::numeric(35,2); end $$;
select * from lp2();
create function lp3() returns setof record language plpgsql as
	$$ declare r record; begin for r in select n, n as m from (values (1.25), (2.5)) v(n) loop return
	next r; end loop; end $$;
select * from lp3() as t(a numeric, b numeric);
select * from lp3() as t(a numeric(4,1), b numeric);
insert into lt values (1, 'ab', 'x', 2.5, '2024-01-01');
create function lp4() returns setof lt language plpgsql as $$ begin return query select * from lt; end $$;
select * from lp4();
create function lp5() returns setof lt language plpgsql as
	$$ declare r lt; begin for r in select * from lt loop r.c := 'q'; return next r; end loop; end $$;
select * from lp5();
create function lp6() returns setof lt language plpgsql as
	$$ declare r record; begin for r in select * from lt loop return next r; end loop; end $$;
select * from lp6();
create function lp7() returns lt language plpgsql as
	$$ declare r lt%rowtype; begin select * into r from lt limit 1; return r; end $$;
select * from lp7();
create function lp8() returns lt language plpgsql as
	$$ declare r lt; begin r.id := 3; r.n := 2.25; return r; end $$;
select * from lp8();
create function lp9() returns lt language plpgsql as $$ begin return row(1, 'ab', 'x', 2.25, null)::lt; end $$;
select * from lp9();
create function lp10() returns lf language plpgsql as $$ begin return row(1.5, 2.5); end $$;
select * from lp10();
create function lp11() returns lf language plpgsql as $$ begin return (1.5, 2.5); end $$;
select lp11();
create function lp12() returns lf language plpgsql as $$ begin return row(1.5, 2.5)::lf; end $$;
select lp12();
create function lp13() returns setof lt language plpgsql as
	$$ begin return query select l.id, l.c, l.d, l.n, l.t from lt l where l.id > 0 order by l.n; end $$;
select * from lp13();
create function lp14() returns setof lt language plpgsql as
	$$ begin return query insert into lt values (2, 'b', 'x', 2.5, '2024-01-01') returning *; end $$;
select * from lp14();
create function lp15() returns setof lt language plpgsql as
	$$ begin return query update lt set n = n + 1 where id = 2 returning *; end $$;
select * from lp15();
create function lp16() returns setof lt language plpgsql as
	$$ begin return query with w as (select * from lt) select * from w union all select * from lt; end $$;
select * from lp16();
create function lp17() returns setof lt language plpgsql as
	$$ begin return query execute 'select * from lt where id = $1' using 1; end $$;
select * from lp17();
create function lp18() returns setof lt language plpgsql as
	$$ begin return query select (l).* from (select lt as l from lt) x; end $$;
select * from lp18();
create function lp19() returns setof lt language plpgsql as
	$$ begin return query select distinct l.* from lt l left join lt m on m.id = l.id + 5 order by 1; end $$;
select * from lp19();
create function lp20() returns setof lt language plpgsql as
	$$ begin return query select l.id, max(l.c)::varchar(3), l.d, coalesce(l.n, l.n), l.t from lt l
	group by 1, 3, 4, 5; end $$;
select * from lp20();
-- One row of several that a changing statement answers.
create table li (f1 serial, data text);
create function li1(text) returns int language sql as
	$$ insert into li (data) values ($1), ($1 || $1) returning f1 $$;
select li1('a');
select * from li1('b');
select li1('c') + 0;
select * from li order by f1;
create function li2() returns li language sql as $$ delete from li where f1 in (1, 2) returning * $$;
select count(*) from li2();
select count(*) from li;
-- A row alone is what it is, where the function returns record.
create function lo1(out int, out numeric) language sql as $$ select (1, 2.1) $$;
select * from lo1();
create function lo2(out int, out numeric) language sql as $$ select (1, 2) $$;
select * from lo2();
create function lo4() returns lf language sql as $$ select row(1, 2)::lf $$;
select * from lo4();
create function lo5() returns lf language sql as $$ select row(1, 2) $$;
select * from lo5();
drop function lf1, lf2, lr, lp1, lp2, lp3, lp10, lp11, lp12, li1, lo1, lo2, lo4, lo5;
drop function lt1, lt2, lt3, lp4, lp5, lp6, lp7, lp8, lp9, lp13, lp14, lp15, lp16, lp17, lp18, lp19, lp20, li2;
drop table lt, li;
drop type lf;
