-- PL/pgSQL's #variable_conflict: what a name is that can be a column and a variable
create table vc (a int, b int);
insert into vc values (1, 10), (2, 20);
create function vc_error() returns int language plpgsql as $$
declare a int := 2; r int; begin select b into r from vc where vc.a = a; return r; end $$;
select vc_error();
create function vc_said() returns int language plpgsql as $$
#variable_conflict error
declare a int := 2; r int; begin select b into r from vc where vc.a = a; return r; end $$;
select vc_said();
create function vc_variable() returns int language plpgsql as $$
#variable_conflict use_variable
declare a int := 2; r int; begin select b into r from vc where vc.a = a; return r; end $$;
select vc_variable();
create function vc_column() returns bigint language plpgsql as $$
#variable_conflict use_column
declare a int := 2; r bigint; c int := 5;
begin select count(*) + c into r from vc where vc.a = a; return r; end $$;
select vc_column();
create function vc_out() returns table (a int, b int) language plpgsql as $$
#variable_conflict use_column
begin return query select a, b from vc order by a; end $$;
select * from vc_out();
do $$
#variable_conflict use_variable
declare b int := 7; begin update vc set b = b where vc.a = 1; end $$;
select * from vc order by a;
create function vc_wrong() returns int language plpgsql as $$
#variable_conflict nobody
begin return 1; end $$;
drop function vc_error(), vc_said(), vc_variable(), vc_column(), vc_out();
drop table vc;
