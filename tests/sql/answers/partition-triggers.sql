-- Triggers of partitioned tables and of partitions: row triggers are the partitions' too, a row that moves is deleted
-- and inserted, and statement triggers are those of the table that the statement names.
create table pl (n serial, t text);
create function pf() returns trigger language plpgsql as $$ begin
 insert into pl(t) values (tg_name || ' ' || tg_table_name || ' ' || tg_when || ' ' || tg_op || ' ' || tg_level ||
  coalesce(' o:' || old::text, '') || coalesce(' n:' || new::text, ''));
 if tg_op = 'DELETE' then return old; end if; return new; end $$;
create function ps() returns trigger language plpgsql as $$ begin
 insert into pl(t) values (tg_name || ' ' || tg_table_name || ' ' || tg_when || ' ' || tg_op || ' ' || tg_level);
    return null; end $$;
create table pp (a int, b text, c int default 0) partition by list (a);
create table pp1 partition of pp for values in (1, 2);
create table pp3 partition of pp for values in (3, 4) partition by range (c);
create table pp3a partition of pp3 for values from (0) to (10);
create table pp3b partition of pp3 for values from (10) to (20);
create trigger br before insert or update or delete on pp for each row execute function pf();
create trigger ar after insert or update or delete on pp for each row execute function pf();
create trigger own after insert or update or delete on pp1 for each row execute function pf();
create trigger mid after insert or update or delete on pp3 for each row execute function pf();
create trigger sb before insert or update or delete on pp for each statement execute function ps();
create trigger sa after insert or update or delete on pp for each statement execute function ps();
create trigger s1 after insert or update or delete on pp1 for each statement execute function ps();
create trigger s3 after insert or update or delete on pp3 for each statement execute function ps();
select tgrelid::regclass::text, tgname, tgparentid <> 0, tgtype, tgenabled, tgisinternal,
    pg_get_triggerdef(oid) from pg_trigger where tgrelid::regclass::text like 'pp%' order by 1, 2;
insert into pp values (1, 'one'), (3, 'three', 5), (4, 'four', 15);
select t from pl order by n; delete from pl;
insert into pp1 values (2, 'two'); insert into pp3 values (3, 'in3', 12); insert into pp3a values (4, 'in3a', 1);
select t from pl order by n; delete from pl;
update pp set b = b || '!' where a = 1;
select t from pl order by n; delete from pl;
update pp set a = 2, b = 'moved' where a = 3 and c = 5 returning tableoid::regclass, *;
select t from pl order by n; delete from pl;
update pp3 set c = 3 where c = 15 returning tableoid::regclass, *;
select t from pl order by n; delete from pl;
update pp3 set a = 1 where c = 3;
update pp1 set a = 3 where a = 1;
insert into pp values (9, 'none');
insert into pp1 values (3, 'wrong');
delete from pl;
delete from pp where a = 2;
delete from pp3a; delete from pp1;
select t from pl order by n; delete from pl;
select tableoid::regclass::text, * from pp order by 1, 2, 3;
insert into pp select 3, 'many', i from generate_series(0, 15, 5) i returning tableoid::regclass, c;
select count(*) from pl; delete from pl;
-- names
create trigger ar after insert on pp1 for each row execute function pf();
create or replace trigger ar after insert on pp1 for each row execute function pf();
drop trigger ar on pp1;
drop trigger ar on pp3a;
alter trigger ar on pp1 rename to ar2;
create trigger own after insert on pp for each row execute function pf();
create trigger tt after insert on pp referencing new table as n for each row execute function pf();
create trigger tt after insert on pp1 referencing new table as n for each row execute function pf();
create trigger tt instead of insert on pp for each row execute function pf();
alter trigger ar on pp rename to ax;
select tgrelid::regclass::text, tgname from pg_trigger where tgname like 'a%' and tgrelid::regclass::text like
    'pp%' order by 1, 2;
alter table pp disable trigger ax;
insert into pp values (1, 'disabled');
select t from pl order by n; delete from pl;
alter table pp enable trigger ax;
drop trigger ax on pp; drop trigger mid on pp3;
select tgrelid::regclass::text, tgname from pg_trigger where tgrelid::regclass::text like 'pp%' order by 1, 2;
-- what triggers change
create function pm() returns trigger language plpgsql as $$ begin
 if new.b = 'move' then new.a := 3; elsif new.b = 'skip' then return null; elsif new.b = 'same' then new.c := 7;
    end if; return new; end $$;
create trigger m before insert or update on pp for each row execute function pm();
insert into pp values (1, 'same'), (1, 'skip'), (4, 'plain', 1) returning *;
insert into pp values (1, 'move');
update pp set b = 'move' where a = 1 returning tableoid::regclass, *;
drop trigger m on pp;
create trigger m before insert or update on pp1 for each row execute function pm();
insert into pp values (1, 'move');
insert into pp1 values (1, 'move');
insert into pp values (1, 'plain'), (3, 'move', 2);
update pp set b = 'move' where b = 'plain' returning tableoid::regclass, *;
create function pn() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger pd before delete on pp3a for each row execute function pn();
delete from pp where a in (3, 4) returning tableoid::regclass, *;
update pp set a = 1, c = 0 where a in (3, 4) and c < 10 returning *;
select tableoid::regclass::text, * from pp order by 1, 2, 3, 4;
drop trigger pd on pp3a; drop trigger m on pp1;
-- tables of transitions
create function pr() returns trigger language plpgsql as $$ begin
 insert into pl(t) select tg_op || ' ' || string_agg(r::text, ',' order by r::text) from r; return null; end $$;
create trigger ti after insert on pp referencing new table as r for each statement execute function pr();
create trigger tu after update on pp referencing new table as r for each statement execute function pr();
create trigger to1 after update on pp referencing old table as r for each statement execute function pr();
create trigger td after delete on pp referencing old table as r for each statement execute function pr();
create trigger tp after insert on pp1 referencing new table as r for each statement execute function pr();
delete from pl; delete from pp;
insert into pp values (1, 'a'), (3, 'b'), (4, 'c', 11); insert into pp1 values (2, 'd');
update pp set a = 2 where a = 4;
delete from pp where a > 2;
select t from pl where t not like 'br%' and t not like 'own%' order by n; delete from pl;
-- partitions come and go
drop trigger sb on pp; drop trigger sa on pp; drop trigger s1 on pp1; drop trigger s3 on pp3; drop trigger own on pp1;
drop trigger ti on pp; drop trigger tu on pp; drop trigger to1 on pp; drop trigger td on pp; drop trigger tp on pp1;
create table pp5 partition of pp for values in (5);
insert into pp values (5, 'five'); select t from pl order by n; delete from pl;
create table pp6 (a int, b text, c int); create trigger mine before insert on pp6 for each row execute function pf();
alter table pp attach partition pp6 for values in (6);
insert into pp values (6, 'six'); select t from pl order by n; delete from pl;
alter table pp detach partition pp6;
insert into pp6 values (6, 'six'); select t from pl order by n; delete from pl;
select tgname from pg_trigger where tgrelid = 'pp6'::regclass;
alter table pp5 rename to pp7;
create trigger z after insert on pp7 for each row execute function pf();
alter table pp7 rename to pp8;
insert into pp values (5, 'eight'); select t from pl order by n; delete from pl;
drop table pp8; select count(*) from pg_trigger where tgname = 'z';
truncate pp; select t from pl order by n;
-- keys
create table pk (k int primary key, v text, w int) partition by range (k);
create table pk1 partition of pk for values from (0) to (10);
    create table pk2 partition of pk for values from (10) to (20);
create trigger k before insert or update on pk for each row execute function pf();
create trigger ka after insert or update on pk for each row when (new.w > 0) execute function pf();
insert into pk values (1, 'a', 1), (11, 'b', 0);
insert into pk values (1, 'c', 5), (12, 'd', 3) on conflict (k) do update set v = excluded.v, w = excluded.w
    returning *;
insert into pk values (1, 'c', 5) on conflict (k) do update set k = 15;
insert into pk values (1, 'x', 5), (13, 'y', 1) on conflict do nothing returning *;
select t from pl order by n; delete from pl;
-- may refuse
with u as (update pk set v = 'w' returning *) select * from u;
-- may refuse
merge into pk using (values (1)) s(i) on k = i when matched then update set v = 'm';
drop table pk; drop table pp; drop table pp6; drop table pl cascade;
drop function pf(); drop function ps(); drop function pm(); drop function pn(); drop function pr();
create table po (a int, b text, c numeric) partition by list (a);
create table po1 (c numeric, b text, a int); alter table po attach partition po1 for values in (1);
create table po2 (b text, a int, c numeric); alter table po attach partition po2 for values in (2);
create table ol (n serial, t text);
create function po() returns trigger language plpgsql as $$ begin
 insert into ol(t) values (tg_name || ' ' || tg_table_name || ' ' || tg_op || coalesce(' o:' || old::text, '')
    || coalesce(' n:' || new::text, ''));
 if tg_when = 'BEFORE' and tg_op <> 'DELETE' then new.b := new.b || '~'; end if;
 if tg_op = 'DELETE' then return old; end if; return new; end $$;
create function pot() returns trigger language plpgsql as $$ begin
 insert into ol(t) select tg_table_name || ' ' || string_agg(r::text, ',' order by r::text) from r; return null;
    end $$;
create trigger b before insert or update or delete on po for each row execute function po();
create trigger a after insert or update on po for each row when (new.c > 1) execute function po();
create trigger d after delete on po for each row when (old.a > 0) execute function po();
create trigger t after insert on po1 referencing new table as r for each statement execute function pot();
create trigger t after insert on po referencing new table as r for each statement execute function pot();
create trigger u after update on po1 referencing old table as r for each statement execute function pot();
insert into po values (1, 'x', 1.5), (2, 'y', 0);
insert into po1 values (2.5, 'z', 1) returning *;
insert into po2 values ('w', 2, 3);
update po1 set b = 'q' where c = 2.5 returning *;
update po set a = 3 - a returning *;
delete from po1 returning *; delete from po;
select t from ol order by n;
drop table po; drop table ol; drop function po(); drop function pot();
create table pn (a text, c numeric, d float8) partition by list (a);
create table pn1 partition of pn for values in ('x') partition by range (c);
create table pn1a (d float8, c numeric, a text); alter table pn1 attach partition pn1a for values from (1) to (100);
create table pn1b partition of pn1 for values from (100) to (200.5);
create table pn2 partition of pn for values in ('y') partition by range (d);
create table pn2a partition of pn2 for values from (0) to (10);
create function pnf() returns trigger language plpgsql as $$ begin new.c := new.c + 1; return new; end $$;
create trigger t before insert or update on pn for each row execute function pnf();
insert into pn values ('x', 96, 1), ('x', 97.5, 2), ('x', 105, 16), ('x', 2, 9), ('y', 5, 5), ('y', 6, 7.5);
insert into pn select 'x', i, i from generate_series(20, 22) i;
select tableoid::regclass, * from pn order by c;
update pn set c = c + 50 where a = 'x' returning c;
update pn set c = 700 where a = 'x';
insert into pn values ('x', 99.5, 1);
select tableoid::regclass, * from pn order by c;
drop table pn; drop function pnf();
