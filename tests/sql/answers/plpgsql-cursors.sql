-- Cursors in PL/pgSQL: bound and unbound, their names, and what the client reads from them
create table pc (a int, b int);
insert into pc values (1, 10), (2, 20), (3, 30), (50, 100), (500, 1000);
create function pc_unnamed() returns refcursor language plpgsql as $$ declare rc refcursor;
  begin open rc for select a from pc; return rc; end $$;
create function pc_use(refcursor) returns int language plpgsql as $$ declare rc refcursor; x record; begin
  rc := pc_unnamed(); fetch next from rc into x; return x.a; end $$;
select pc_use(pc_unnamed());
select pc_unnamed();
create function pc_named(rc refcursor) returns refcursor language plpgsql as $$ begin
  open rc for select a, b from pc order by a; return rc; end $$;
begin;
select pc_named('c1');
fetch next in c1;
fetch 2 from c1;
fetch backward 1 from c1;
move 1 in c1;
fetch all from c1;
fetch all from c1;
select name, is_holdable, is_binary, is_scrollable from pg_cursors where name = 'c1';
close c1;
fetch all from c1;
rollback;
begin;
select pc_named('c1');
select pc_named('c1');
rollback;
begin;
select pc_named('c1');
update pc set b = b + 1;
fetch all from c1;
rollback;
create function pc_bound(int, int) returns boolean language plpgsql as $$ declare
  c1 cursor (param1 int, param2 int) for select * from pc where a > param1 and b > param2; nonsense record; begin
  open c1($1, $2); fetch c1 into nonsense; close c1; return found; end $$;
select pc_bound(20000, 20000), pc_bound(20, 20);
create function pc_args(int, int) returns text language plpgsql as $$ declare
  c1 cursor (param1 int, param2 int) for select * from pc where a > param1 and b > c1.param2; r pc; s text := '';
  begin
  open c1(param2 := $2, param1 := $1); loop fetch c1 into r; exit when not found; s := s || r::text; end loop;
  return s || c1::text; end $$;
select pc_args(1, 20);
create function pc_bad0(a int) returns void language plpgsql as $$ declare c1 cursor (p1 int) for select 1;
  begin open c1(p1 => 20); end $$;
create function pc_bad1() returns void language plpgsql as $$ declare c1 cursor (p1 int, p2 int) for select 1;
  begin open c1(p2 := 20, 21); end $$;
create function pc_bad2() returns void language plpgsql as $$ declare c1 cursor (p1 int, p2 int) for select 1;
  begin open c1(p2 := 20, p2 := 21); end $$;
create function pc_bad3() returns void language plpgsql as $$ declare c1 cursor (p1 int, p2 int) for select 1;
  begin open c1(p2 := 20); end $$;
create function pc_bad4() returns void language plpgsql as $$ declare c1 cursor (p1 int, p2 int) for select 1;
  begin open c1; end $$;
create function pc_bad5() returns void language plpgsql as $$ declare c1 cursor for select 1; begin open c1(1);
  end $$;
create function pc_bad6() returns void language plpgsql as $$ declare c1 cursor for select 1;
  begin open c1 for select 2; end $$;
create function pc_bad7() returns void language plpgsql as $$ declare c1 int; begin open c1 for select 2; end $$;
create function pc_bad8() returns void language plpgsql as $$ declare c1 refcursor; begin for r in c1 loop null;
  end loop; end $$;
create function pc_bad9() returns void language plpgsql as $$ declare c1 refcursor; x int;
  begin fetch 2 from c1 into x; end $$;
create function pc_bad10() returns void language plpgsql as $$ declare c1 refcursor; x int;
  begin fetch next c1 into x; end $$;
create function pc_bad11() returns void language plpgsql as $$ declare c1 refcursor; x int;
  begin fetch all in c1 into x; end $$;
create function pc_bad12() returns void language plpgsql as $$ begin open nix for select 1; end $$;
create function pc_scroll() returns setof int language plpgsql as $$ declare c scroll cursor for select a from pc
  order by a; x int; begin
  open c; fetch last from c into x; while found loop return next x; fetch prior from c into x; end loop; close c;
  end $$;
select * from pc_scroll();
create function pc_no_scroll() returns setof int language plpgsql as $$ declare c no scroll cursor for select a
  from pc; x int; begin
  open c; fetch last from c into x; while found loop return next x; fetch prior from c into x; end loop; close c;
  end $$;
select * from pc_no_scroll();
create function pc_moves() returns setof text language plpgsql as $$ declare c refcursor; x int; n int; begin
  open c scroll for execute 'select a from pc where a <> $1 order by a' using 3;
  fetch relative 2 from c into x; return next x; fetch absolute -1 from c into x; return next x;
  move backward 2 from c; get diagnostics n = row_count; return next n || ' ' || found; fetch c into x; return next x;
  move forward all in c; get diagnostics n = row_count; return next n; fetch c into x;
  return next x is null and not found;
  fetch first from c into x; return next x; fetch relative 0 from c into x; return next x;
  fetch absolute 0 from c into x; return next x;
  move relative -1 from c; return next found; move 3 from c; fetch c into x; return next x; move absolute 2 in c;
  fetch backward from c into x; return next x;
  close c; end $$;
select * from pc_moves();
create function pc_forward() returns setof text language plpgsql as $$ declare c no scroll cursor for select a from
  pc order by a; x int; begin
  open c; fetch absolute 1 from c into x; return next x; fetch relative 1 from c into x; return next x;
  fetch forward from c into x; return next x; fetch absolute 4 from c into x; return next x;
  begin fetch prior from c into x; exception when others then return next sqlstate; end; 
  begin fetch absolute 1 from c into x; exception when others then return next sqlstate; end; close c;
  open c; fetch first from c into x; return next x; begin fetch relative 0 from c into x;
  exception when others then return next sqlstate; end; end $$;
select * from pc_forward();
create function pc_for() returns setof text language plpgsql as $$ declare c cursor (n int) for select a,
  b from pc where a > n order by a; d refcursor; s text; begin
  for r in c(1) loop return next r.a || ':' || r.b || ' ' || c; end loop;
  return next coalesce(c::text, 'null') || found;
  for r in c(1000) loop return next 'none'; end loop; return next found;
  c := null; for r in c(n := 40) loop return next r; exit; end loop; return next coalesce(c::text, 'null');
  for r in c(2) loop fetch c into d; return next r.a || ' ' || coalesce(d::text, 'x'); end loop;
  begin for r in c(2) loop close c; end loop; exception when others then return next sqlstate; end;
  begin for r in c(2) loop open c(1); end loop; exception when others then return next sqlstate; end;
  begin close c; exception when others then return next sqlstate; end;
  c := 'nix'; begin close c; exception when others then return next sqlstate; end;
  begin fetch c into d; exception when others then return next sqlstate; end;
  d := null; begin fetch d into s; exception when others then return next sqlstate; end; end $$;
select * from pc_for();
create function pc_errors() returns setof text language plpgsql as $$ declare c cursor for select 10 / (3 - a) from
  pc order by a; x int; begin
  open c; fetch c into x; return next x; fetch c into x; return next x;
  begin fetch c into x; return next x; exception when others then return next sqlstate; end;
  begin fetch c into x; return next x; exception when others then return next sqlstate; end;
  close c; end $$;
select * from pc_errors();
create function pc_blocks() returns setof text language plpgsql as $$ declare c refcursor := 'kept';
  d refcursor := 'gone'; x int; begin
  begin open c for select 1; end;
  begin open d for select 2; raise exception 'x'; exception when others then null; end;
  fetch c into x; return next x; begin fetch d into x; exception when others then return next sqlstate; end;
  begin open d for select 5; exception when others then null; end; fetch d into x; return next x; end $$;
select * from pc_blocks();
create function pc_constant() returns refcursor language plpgsql as $$ declare rc constant refcursor;
  begin open rc for select a from pc; return rc; end $$;
select pc_constant();
create or replace function pc_constant() returns refcursor language plpgsql as $$ declare rc constant refcursor :=
  'my_name'; begin open rc for select a from pc; return rc; end $$;
select pc_constant();
do $$ declare c refcursor; begin open c for insert into pc values (7, 7); end $$;
do $$ declare c refcursor; begin open c for execute 'create table zz(a int)'; end $$;
do $$ declare c refcursor; begin open c for select nix from pc; end $$;
do $$ begin for i in 1..2 loop for r in execute 'insert into pc values (1, 1)' loop null; end loop; end loop; end $$;
create function pc_snapshot() returns setof int language plpgsql as $$ declare c cursor for select a from pc order
  by a; x int; begin
  open c; delete from pc where a = 2; loop fetch c into x; exit when not found; return next x; end loop; end $$;
select * from pc_snapshot();
create function pc_types() returns setof text language plpgsql as $$ declare c refcursor; d date; n numeric(5,2);
  t text[]; j jsonb; begin
  open c for select '2024-02-29'::date, 1.5::numeric, array['a','b'], '{"a":1}'::jsonb; fetch c into d, n, t, j;
  return next d || ' ' || n || t::text || j::text; end $$;
select * from pc_types();
create table pc_rc (r refcursor);
insert into pc_rc values ('abc');
select r, r::text || 'x' from pc_rc;
select pg_typeof(r) from pc_rc;
select 'x'::refcursor = 'x'::refcursor;
create function pc_two(refcursor, refcursor) returns setof refcursor language plpgsql as $$ begin
  open $1 for select a from pc order by a; return next $1; open $2 for select b from pc order by b; return next $2;
  end $$;
begin;
select * from pc_two('one', 'two');
fetch all in one;
fetch all in two;
commit;
fetch all in one;
drop table pc, pc_rc;
drop function pc_unnamed;
drop function pc_use;
drop function pc_named;
drop function pc_bound;
drop function pc_args;
drop function pc_scroll;
drop function pc_no_scroll;
drop function pc_moves;
drop function pc_forward;
drop function pc_for;
drop function pc_errors;
drop function pc_blocks;
drop function pc_constant;
drop function pc_snapshot;
drop function pc_types;
drop function pc_two;
begin;
declare pc_c cursor for select * from generate_series(1, 3);
fetch all from pc_c;
fetch prior from pc_c;
rollback;
create type pc_mood as enum ('sad', 'ok');
create table pc_moods (m pc_mood[]);
insert into pc_moods values ('{sad}');
update pc_moods set m[2] = 'ok', m[3:4] = '{sad,sad}';
select m, m[2], m[3:4] from pc_moods;
update pc_moods set m[1] = 'nope';
insert into pc_moods (m[2]) values ('ok');
select m from pc_moods;
drop table pc_moods;
drop type pc_mood;
