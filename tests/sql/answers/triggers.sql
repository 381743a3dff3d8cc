-- Triggers: what they make of rows, what they write elsewhere, what they refuse, and how they are defined
create table tg (id int primary key, a int, b text, n numeric(8,2), updated text);
create table tg_log (seq serial primary key, op text, lvl text, tim text, id int, olda int, newa int);
create function tg_touch() returns trigger language plpgsql as $$ begin new.updated := tg_op || tg_name; return new; end
  $$;
create function tg_note() returns trigger language plpgsql as $$
begin
  if tg_level = 'STATEMENT' then
    insert into tg_log(op, lvl, tim) values (tg_op, tg_level, tg_when);
    return null;
  end if;
  if tg_op = 'INSERT' then
    insert into tg_log(op, lvl, tim, id, newa) values (tg_op, tg_level, tg_when, new.id, new.a);
  elsif tg_op = 'UPDATE' then
    insert into tg_log(op, lvl, tim, id, olda, newa) values (tg_op, tg_level, tg_when, old.id, old.a, new.a);
  else
    insert into tg_log(op, lvl, tim, id, olda) values (tg_op, tg_level, tg_when, old.id, old.a);
  end if;
  return coalesce(new, old);
end $$;
create trigger tg_b before insert or update on tg for each row execute function tg_touch();
create trigger tg_b before insert or update on tg for each row execute function tg_touch();
create trigger tg_a after insert or update or delete on tg for each row execute function tg_note();
create trigger tg_s after insert or update or delete on tg for each statement execute function tg_note();
create trigger tg_sb before insert or update or delete on tg for each statement execute function tg_note();
insert into tg values (1, 10, 'one', 1.005, 'x'), (2, 20, 'two', 2, null);
insert into tg (id, a) values (3, 30) returning *;
insert into tg (id, b) select id + 10, b from tg where id < 3 returning id, updated;
select * from tg order by id;
update tg set a = a + 1 where id <= 2;
update tg set a = a * 2, b = upper(b) where id = 2 returning id, a, b, updated;
update tg set a = 0 where id = 99;
delete from tg where id = 13;
delete from tg where id = 3 returning id, a, updated;
select * from tg order by id;
select op, lvl, tim, id, olda, newa from tg_log order by seq;
truncate tg_log;
insert into tg values (1, 5, 'again') on conflict (id) do update set a = excluded.a + tg.a returning id, a, updated;
insert into tg values (1, 6, 'again'), (50, 1, 'fresh') on conflict (id) do update set b = excluded.b where tg.a < 0;
insert into tg values (1, 7, 'never'), (51, 2, 'first') on conflict do nothing returning id;
insert into tg values (60, 1, 'p'), (60, 2, 'q') on conflict (id) do update set a = excluded.a;
insert into tg values (1, 1, 'duplicate');
select * from tg order by id;
select op, lvl, tim, id, olda, newa from tg_log order by seq;
update tg set a = s.c from (values (1, 100), (2, 200)) as s(i, c) where tg.id = s.i returning tg.id, tg.a;
delete from tg using tg_log l where l.id = tg.id and tg.id = 50;
update tg set (a, b) = (7, 'both') where id = 1;
update tg set (a, b) = (select 8, 'sub') where id = 1 returning a, b;
with c as (select 2 as i) update tg set b = 'cte' from c where tg.id = c.i returning tg.b;
with c as (select 70 as i) insert into tg (id, a) select i, 1 from c returning id;
update tg set id = id + 1000 where id in (11, 12);
select * from tg order by id;
drop trigger tg_a on tg;
drop trigger tg_s on tg;
drop trigger tg_sb on tg;
drop trigger tg_sb on tg;
drop trigger if exists tg_sb on tg;
drop trigger tg_x on nowhere;
drop trigger if exists tg_x on nowhere;
-- a row that is left alone, one that is changed, one that is refused
create function tg_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.a = 8 then return null; end if;
    return old;
  end if;
  if new.a is null then return null; end if;
  if new.a < 0 then raise exception 'a is %', new.a using errcode = '23514'; end if;
  new.n := new.a / 3.0;
  return new;
end $$;
create trigger tg_a before insert or update or delete on tg for each row execute function tg_guard();
insert into tg (id, a) values (80, null), (81, 9) returning id, a, n, updated;
insert into tg (id, a) values (82, 1), (83, -1);
select count(*) from tg where id >= 80;
update tg set a = null where id = 81;
update tg set a = a + 1 where id = 81 returning a, n;
update tg set a = -5;
delete from tg where id in (1, 2);
select * from tg order by id;
delete from tg where a = 8 returning *;
-- WHEN, UPDATE OF, arguments
create table tw (k int primary key, v int, w text);
create table tw_log (what text);
create function tw_log() returns trigger language plpgsql as $$
begin insert into tw_log values (tg_argv[0] || ' ' || tg_nargs); return null; end $$;
create trigger w1 after update on tw for each row when (old.v is distinct from new.v)
  execute function tw_log('changed');
create trigger w2 after update of w on tw for each row execute function tw_log('of w', 'more');
create trigger w3 after insert on tw for each row when (new.v > 10) execute function tw_log('big');
create trigger w4 after insert on tw when (false) execute function tw_log('never');
create trigger w5 after insert on tw execute procedure tw_log(5);
insert into tw values (1, 5, 'a'), (2, 50, 'b');
update tw set v = v;
update tw set v = v + 1 where k = 1;
update tw set w = w;
update tw set v = 0, w = 'z' where k = 2;
select what, count(*) from tw_log group by what order by what;
select pg_get_triggerdef(oid) from pg_trigger where tgrelid = 'tw'::regclass order by tgname;
select pg_get_triggerdef(oid, true) from pg_trigger where tgrelid = 'tw'::regclass order by tgname;
select tgname, tgtype, tgenabled, tgnargs, tgattr::text, tgisinternal from pg_trigger where tgrelid = 'tw'::regclass
  order by tgname;
select trigger_name, event_manipulation, event_object_table, action_order, action_condition, action_statement,
  action_orientation, action_timing from information_schema.triggers where event_object_table in ('tg', 'tw')
  order by 1, 2;
select relname, relhastriggers from pg_class where relname in ('tw', 'tw_log') order by 1;
create trigger e1 before update on tw for each row when (old.nothing = 1) execute function tw_log();
create trigger e1 before insert on tw for each row when (old.v = 1) execute function tw_log();
create trigger e1 before delete on tw for each row when (new.v = 1) execute function tw_log();
create trigger e1 before update on tw when (new.v = 1) execute function tw_log();
create trigger e1 before update on tw for each row when (new.v) execute function tw_log();
create trigger e1 before update on tw for each row when (exists (select 1)) execute function tw_log();
create trigger e1 before update of nothing on tw for each row execute function tw_log();
create trigger e1 before update of v, v on tw for each row execute function tw_log();
create trigger e1 before update on nowhere for each row execute function tw_log();
create trigger e1 before update on tw for each row execute function nothing();
create trigger e1 before truncate on tw for each row execute function tw_log();
create trigger e1 instead of insert on tw for each row execute function tw_log();
create function tw_int() returns int language plpgsql as $$ begin return 1; end $$;
create trigger e1 before update on tw for each row execute function tw_int();
create function tw_args(x int) returns trigger language plpgsql as $$ begin return new; end $$;
create function tw_sql() returns trigger language sql as 'select 1';
select tw_log();
-- enabled and disabled, renamed, dropped with what they belong to
alter table tw disable trigger w1;
update tw set v = v + 1;
select what, count(*) from tw_log group by what order by what;
alter table tw disable trigger user;
insert into tw values (3, 100, 'c');
alter table tw enable trigger w3;
alter table tw enable always trigger w5;
alter table tw disable trigger nothing;
insert into tw values (4, 100, 'd');
select what, count(*) from tw_log group by what order by what;
select tgname, tgenabled from pg_trigger where tgrelid = 'tw'::regclass order by tgname;
alter table tw enable trigger all;
alter trigger w1 on tw rename to w9;
alter trigger w1 on tw rename to w8;
alter trigger w9 on tw rename to w2;
alter table tw rename to tx;
alter table tx rename column w to ww;
update tx set v = -1, ww = 'y' where k = 1;
select what, count(*) from tw_log group by what order by what;
select pg_get_triggerdef(oid) from pg_trigger where tgrelid = 'tx'::regclass order by tgname;
alter table tx drop column ww;
drop function tw_log();
create or replace trigger w3 after insert on tx for each row when (new.v < 0) execute function tw_log('replaced');
insert into tx values (5, 100, 'e'), (6, -1, 'f');
select what, count(*) from tw_log group by what order by what;
comment on trigger w3 on tx is 'three';
comment on trigger w33 on tx is 'none';
drop function tw_log() cascade;
select count(*) from pg_trigger where tgrelid = 'tx'::regclass;
drop table tx;
-- nothing of a statement stays that fails in a trigger
begin;
savepoint s;
insert into tg (id, a) values (90, 1), (91, -1);
rollback to s;
select count(*) from tg where id >= 90;
commit;
do $$ begin insert into tg (id, a) values (92, -1); exception when check_violation then
  insert into tg (id, a) values (93, 1); end $$;
select id, a from tg where id >= 90 order by id;
-- triggers that fire triggers, and their depth
create table td (i int);
create table td2 (i int, depth int);
create function td_on() returns trigger language plpgsql as $$
begin if new.i < 3 then insert into td values (new.i + 1); end if;
  insert into td2 values (new.i, pg_trigger_depth()); return null; end $$;
create trigger td_on after insert on td for each row execute function td_on();
insert into td values (0);
select i from td order by i;
select * from td2 order by i;
select pg_trigger_depth();
create function td_ever() returns trigger language plpgsql as $$ begin insert into td values (1); return null; end $$;
create trigger td_ever after insert on td for each row execute function td_ever();
insert into td values (5);
select count(*) from td;
-- a row that a trigger changes under the statement's hands
create table th (i int primary key, v int);
insert into th values (1, 1), (2, 2), (3, 3);
create function th_on() returns trigger language plpgsql as $$
begin update th set v = v + 100 where i = old.i + 1; return new; end $$;
create trigger th_on before update of i on th for each row execute function th_on();
update th set i = i + 10 where i = 1;
update th set i = i + 10 where i >= 2;
select * from th order by i;
create function th_gone() returns trigger language plpgsql as $$
begin delete from th where i = old.i; return old; end $$;
create trigger th_gone before delete on th for each row when (pg_trigger_depth() = 0) execute function th_gone();
delete from th where i = 3;
-- views with INSTEAD OF
create table tv (id int primary key, name text, hidden int default 7);
create view tvv as select id as key, upper(name) as label from tv;
create function tvv_on() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.label = 'no' then return null; end if;
    insert into tv (id, name) values (new.key, new.label); new.label := upper(new.label); return new;
  elsif tg_op = 'UPDATE' then
    update tv set id = new.key, name = new.label where id = old.key; return new;
  end if;
  delete from tv where id = old.key;
  return old;
end $$;
create trigger tvv_on instead of insert or update or delete on tvv for each row execute function tvv_on();
insert into tvv values (1, 'one'), (2, 'no'), (3, 'three') returning *;
insert into tvv (key) values (4);
update tvv set label = label || '!' where key < 4 returning key, label;
delete from tvv where key = 3 returning *;
delete from tvv where key = 33;
select * from tv order by id;
create trigger e1 before insert on tvv for each row execute function tvv_on();
create trigger e1 instead of insert on tvv for each statement execute function tvv_on();
create trigger e1 instead of update of key on tvv for each row execute function tvv_on();
create trigger e1 instead of update on tvv for each row when (true) execute function tvv_on();
drop view tvv;
-- changes through a view, and by keys
create view tgv as select id as i, a from tg where a > 0;
insert into tgv values (200, 4);
update tgv set a = 5 where i = 200 returning *;
select id, a, n, updated from tg where id = 200;
drop view tgv;
create table tp (id int primary key);
create table tc (id int primary key, p int references tp on delete cascade);
insert into tp values (1), (2);
insert into tc values (1, 1), (2, 2);
create trigger tc_on after delete on tc for each row execute function tg_note();
-- refused
delete from tp where id = 1;
drop trigger tc_on on tc;
delete from tp where id = 1;
select * from tc;
-- refused
create constraint trigger e1 after insert on tg deferrable for each row execute function tg_note();
create constraint trigger k1 after insert on tg for each row execute function tg_note();
create constraint trigger k2 before insert on tg for each row execute function tg_note();
select pg_get_triggerdef(oid) from pg_trigger where tgname = 'k1';
-- refused
create event trigger et on ddl_command_start execute function tg_note();
-- columns with defaults, generated ones, domains
create sequence ts_seq;
create domain ts_pos as int check (value > 0);
create table ts (id int default nextval('ts_seq') primary key, p ts_pos default 1, d date default '2020-02-02', g int
  generated always as (p * 2) stored);
create table ts_log (t text);
create function ts_before() returns trigger language plpgsql as $$ begin new.p := new.p + 1; return new; end $$;
create function ts_after() returns trigger language plpgsql as $$
begin insert into ts_log values (new.id || ' ' || new.p || ' ' || new.d || ' ' || new.g); return null; end $$;
create trigger b before insert or update on ts for each row execute function ts_before();
create trigger a after insert or update on ts for each row execute function ts_after();
insert into ts default values;
insert into ts (p) values (5), (6) returning *;
insert into ts (id, g) values (9, default);
update ts set d = default where id = 9 returning *;
insert into ts (id, p) values (77, -1);
select * from ts order by id;
select * from ts_log order by t;
drop table ts, ts_log, tp, tc, tv, th, td, td2, tw_log, tg, tg_log;
drop sequence ts_seq;
drop domain ts_pos;
drop function tg_touch(), tg_note(), tg_guard(), tw_int(), td_on(), td_ever(), th_on(), th_gone(), tvv_on(),
  ts_before(), ts_after();
select count(*) from pg_trigger;
-- OLD and NEW as a whole
create table tz (id int primary key, a int, b text, n numeric, seen int default 0);
create function tz_on() returns trigger language plpgsql as $$
begin
  new.seen := old.seen + 1;
  if row(old.*) = row(new.*) then new.b := 'never the same'; end if;
  if old.* is distinct from old then new.b := 'never'; end if;
  if old = old and old.* = old.* and not (old <> old) then new.seen := new.seen + 10; end if;
  if old is not distinct from new then new.b := 'never'; end if;
  if row(new.*) is distinct from row(old.*) then new.seen := new.seen + 100; end if;
  return new;
end $$;
create trigger tz_on before update on tz for each row when (old.* is distinct from new.*) execute function tz_on();
insert into tz values (1, 1, 'x', 1.0), (2, null, null, null);
update tz set a = a;
select * from tz order by id;
update tz set a = 5, n = 1.00;
select * from tz order by id;
update tz set n = 1;
select * from tz order by id;
select pg_get_triggerdef(oid), pg_get_triggerdef(oid, true) from pg_trigger where tgrelid = 'tz'::regclass;
set search_path = '';
select pg_get_triggerdef(oid), pg_get_triggerdef(oid, true) from pg_trigger where tgrelid = 'public.tz'::regclass;
reset search_path;
create table tself (id int primary key, up int references tself on delete cascade);
create trigger tself_on after delete on tself for each statement execute function tz_on();
insert into tself values (1, null);
-- refused
delete from tself;
drop table tself;
create table tself (id int primary key, up int references tself, n int default 0);
create function tself_on() returns trigger language plpgsql as $$ begin new.n := new.n + 1; return new; end $$;
create trigger tself_on before insert or update on tself for each row execute function tself_on();
insert into tself values (1, null);
insert into tself values (2, 1) returning *;
insert into tself values (3, 33);
insert into tself values (4, 4);
update tself set up = 44 where id = 2;
update tself set up = 2 where id = 4 returning *;
-- refused
insert into tself values (6, 5), (5, 1);
-- refused
update tself set n = 7;
delete from tself where id = 1;
delete from tself where id = 4;
select * from tself order by id;
drop table tself;
drop function tself_on();
drop table tz;
drop function tz_on();
-- a trigger can't change the definition of the table whose rows are being changed
create table tg_own (a int);
create table tg_other (b int);
create function tg_own_f() returns trigger as $$ begin
    alter table tg_own add column z int;
    return new;
end $$ language plpgsql;
create trigger tg_own_t before insert on tg_own for each row execute function tg_own_f();
insert into tg_own values (1);
create or replace function tg_own_f() returns trigger as $$ begin
    create index tg_own_i on tg_own (a);
    return new;
end $$ language plpgsql;
insert into tg_own values (1);
create or replace function tg_own_f() returns trigger as $$ begin
    truncate tg_own;
    return new;
end $$ language plpgsql;
insert into tg_own values (1);
create or replace function tg_own_f() returns trigger as $$ begin
    execute 'alter table tg_other add column c' || new.a || ' int';
    insert into tg_other (b) values (new.a);
    return new;
end $$ language plpgsql;
insert into tg_own values (1), (2);
select * from tg_other order by b;
select * from tg_own order by a;
alter table tg_own add column q int;
drop table tg_own, tg_other;
drop function tg_own_f;
