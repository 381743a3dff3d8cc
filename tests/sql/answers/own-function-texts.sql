-- What pg_get_functiondef() and its like say of one's own functions
create table oftx (a int, b text);
create function oftx_1(i int, t text default 'x', n numeric default 1.5, d date default '2024-01-02') returns int
  language
  sql immutable strict as 'select 1';
create function oftx_2(inout a int, out b text) language plpgsql stable cost 7 as $$ begin b := 'x'; end $$;
create function oftx_3(int, variadic r text[]) returns setof oftx language sql rows 5 parallel safe as $$ select *
  from
  oftx $$;
create function oftx_4() returns table (x int, "Y" text) language sql security definer as 'select 1, ''$function$''';
create function oftx_5(a anyelement) returns anyelement language plpgsql set work_mem = '1MB' as $$ begin return a;
  end $$;
create procedure oftx_6(a int default null) language plpgsql as $$ begin null; end $$;
create function oftx_7() returns void language sql leakproof as 'select 1';
select pg_get_functiondef(oid) from pg_proc where proname like 'oftx%' order by proname;
select proname, pg_get_function_arguments(oid), pg_get_function_identity_arguments(oid), pg_get_function_result(oid)
  from
  pg_proc where proname like 'oftx%' order by proname;
drop procedure oftx_6;
drop function oftx_1, oftx_2, oftx_3, oftx_4, oftx_5, oftx_7;
drop table oftx;
