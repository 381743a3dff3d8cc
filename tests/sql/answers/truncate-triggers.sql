-- Triggers for TRUNCATE: before and after all tables are emptied, in their order, with what they see; what they refuse
-- undoes all of it.
create table tl (n serial, t text);
create table ta (a int primary key, s serial);
create table tb (a int references ta);
create table tc (a int);
create function tt() returns trigger language plpgsql as $$ declare c bigint; begin
 execute 'select count(*) from ' || quote_ident(tg_table_name) into c;
 insert into tl(t) values (tg_name || ' ' || tg_when || ' ' || tg_op || ' ' || tg_level || ' '
  || tg_table_name || ' ' ||
  coalesce(tg_argv[0], '-') || ' ' || c || ' ' || coalesce(old::text, 'no old') || coalesce(new::text, 'no new'));
 return null; end $$;
create trigger b before truncate on ta for each statement execute function tt('x');
create trigger z after truncate on ta execute function tt();
create trigger a after truncate on ta for each statement execute function tt('y');
create trigger b before truncate on tb execute function tt('tb');
create trigger a after truncate on tb when (1 = 1) execute function tt('tb');
create trigger never after truncate on tb when (1 = 2) execute function tt('tb');
create trigger both before delete or truncate on tc execute function tt('tc');
insert into ta values (1), (2); insert into tb values (1), (1); insert into tc values (5);
truncate ta;
select t from tl order by n;
truncate ta, tb; select t from tl order by n; delete from tl;
insert into ta values (1), (2); insert into tb values (1), (1);
truncate ta restart identity cascade; select t from tl order by n; delete from tl;
insert into ta(a) values (7) returning s;
truncate tc; delete from tc; select t from tl order by n; delete from tl;
-- undone
create function no() returns trigger language plpgsql as $$ begin raise exception 'not %', tg_table_name; end $$;
create trigger no after truncate on tc execute function no();
insert into tc values (1), (2);
truncate ta, tb, tc;
select count(*) from ta; select count(*) from tc; select t from tl order by n;
begin; savepoint a; truncate tc, tb; rollback to a; select count(*) from tc; commit;
do $$ begin truncate tc; exception when others then raise notice '%', sqlerrm; end $$;
select count(*) from tc; select t from tl order by n;
alter table tc disable trigger no;
create function doit() returns bigint language plpgsql as $$
 begin truncate tc; return (select count(*) from tc); end $$;
select doit(); select t from tl order by n; delete from tl;
-- what is put into it before is gone, what is put into it after stays
create function puts() returns trigger language plpgsql as $$ begin insert into tc values (length(tg_when));
 return null; end $$;
create trigger p1 before truncate on tc execute function puts();
create trigger p2 after truncate on tc execute function puts();
insert into tc values (1), (2); truncate tc; select * from tc; delete from tl;
-- it empties the table itself
create function again() returns trigger language plpgsql as $$ begin truncate tb; return null; end $$;
create trigger again before truncate on tb execute function again();
insert into ta values (2); insert into tb values (2);
truncate tb;
-- children, and partitions
create table par (a int); create table chi () inherits (par);
create trigger p before truncate on par execute function tt();
create trigger c after truncate on chi execute function tt();
insert into par values (1); insert into chi values (2), (3);
truncate only par; select t from tl order by n; delete from tl;
truncate par; select t from tl order by n; delete from tl;
create table pt (a int) partition by list (a);
create table pt1 partition of pt for values in (1); create table pt2 partition of pt for values in (2);
create trigger p before truncate on pt execute function tt();
create trigger q after truncate on pt2 execute function tt();
insert into pt values (1), (1), (2);
truncate pt2; select t from tl order by n; delete from tl;
insert into pt values (2); truncate pt; select t from tl order by n; select count(*) from pt;
select tgname, tgtype, pg_get_triggerdef(oid) from pg_trigger where tgrelid = 'tc'::regclass order by 1;
prepare tr as truncate tc;
drop table tl, ta, tb, tc, chi, par, pt; drop function tt, no, puts, again, doit;
