-- REFERENCING: the rows that a statement has changed, as tables of the trigger's function; and statement triggers on
-- views.
create table rt (id int primary key, a numeric, b text); create table rl (n serial, t text);
create function fi() returns trigger language plpgsql as $$ declare r record; begin
 insert into rl(t) select tg_op || ' new ' || string_agg(id || ':' || a || ':' || b, ',' order by id) from newtab;
 for r in select * from newtab n join rt on rt.id = n.id order by n.id loop insert into rl(t) values ('j '
    || r.id); end loop;
 return null; end $$;
create function fu() returns trigger language plpgsql as $$ begin
 insert into rl(t) select tg_op || ' old ' || coalesce(string_agg(id || ':' || a || ':'
    || b, ',' order by id), 'none') from o;
 insert into rl(t) select tg_op || ' new ' || coalesce(string_agg(id || ':' || a || ':'
    || b, ',' order by id), 'none') from n;
 insert into rl(t) select 'both ' || o.id || ' ' || o.b || '->'
    || n.b from o full join n using (id) where o.b is distinct from n.b;
 execute 'insert into rl(t) select ''dyn '' || count(*) from n where a > $1' using 1;
 return null; end $$;
create function fd() returns trigger language plpgsql as $$ begin
 insert into rl(t) select 'del ' || count(*) || ' ' || coalesce(sum(a), 0) from oldtab; return null; end $$;
create trigger ti after insert on rt referencing new table as newtab for each statement execute function fi();
create trigger tu after update on rt referencing old table as o new table as n for each statement execute function
    fu();
create trigger td after delete on rt referencing old table oldtab for each statement execute function fd();
insert into rt values (1, 1.50, 'x'), (2, 2, 'y');
insert into rt select 10 + i, i, 'g' from generate_series(1, 3) i returning *;
update rt set b = b || '!', a = a + 1 where id < 12;
update rt set b = 'none' where false;
insert into rt values (1, 9, 'c'), (20, 8, 'd') on conflict (id) do update set b = 'up', a = excluded.a;
delete from rt where id > 10;
delete from rt where false;
select t from rl order by n;
select tgname, tgoldtable, tgnewtable, pg_get_triggerdef(oid) from pg_trigger where tgrelid = 'rt'::regclass order
    by 1;
select trigger_name, action_reference_old_table, action_reference_new_table from information_schema.triggers where
    event_object_table = 'rt' order by 1;
create trigger bad before insert on rt referencing new table as nn for each statement execute function fi();
create trigger bad after insert or update on rt referencing new table as nn for each statement execute function fi();
create trigger bad after insert on rt referencing old table as nn for each statement execute function fi();
create trigger bad after delete on rt referencing new table as nn for each statement execute function fi();
create trigger bad after update of a on rt referencing new table as nn for each statement execute function fi();
create trigger bad after update on rt referencing new table as nn old table as nn for each statement execute
    function fi();
create trigger bad after update on rt referencing new table as nn new table as nm for each statement execute
    function fi();
create trigger bad after update on rt referencing new row as nn for each row execute function fi();
create trigger bad after truncate on rt referencing old table as nn for each statement execute function fi();
create view rv as select * from rt;
create trigger bad after update on rv referencing new table as nn for each statement execute function fi();
-- rows
delete from rl;
create function fr() returns trigger language plpgsql as $$ begin
 insert into rl(t) select 'row ' || new.id || ' of ' || count(*) || ' '
    || (select b from oo where id = old.id) from nn; return null; end $$;
create trigger tr after update on rt referencing old table as oo new table as nn for each row execute function fr();
update rt set a = 0;
update rv set b = 'v' where id = 2;
select t from rl order by t;
-- names
create function fm() returns trigger language plpgsql as $$ begin delete from o; return null; end $$;
create trigger tz after update on rt referencing old table as o for each statement execute function fm();
update rt set a = 1;
drop trigger tz on rt;
create function fw() returns trigger language plpgsql as $$ begin
 with n as (select 'cte' as b) insert into rl(t) select b from n;
 insert into rl(t) select 'sub ' || (select count(*) from n where id in (select id from n n2 where n2.a = n.a));
 insert into rl(t) select x.b from n as x(i, j, b);
 update rt set a = a + 1 from n where n.id = rt.id and rt.a < 3;
 return null; end $$;
drop trigger tu on rt; drop trigger tr on rt; delete from rl;
create trigger tw after update on rt referencing new table as n for each statement execute function fw();
update rt set a = 1;
select t from rl order by n; select * from rt order by id;
-- children
create table rp (a int, b text); create table rc (c int) inherits (rp); delete from rl;
create function fp() returns trigger language plpgsql as $$ begin
 insert into rl(t) select tg_table_name || ' ' || tg_op || ' ' || string_agg(o::text, ';' order by a) from o;
    return null; end $$;
create trigger t1 after update on rp referencing old table as o for each statement execute function fp();
create trigger t2 after delete on rp referencing old table as o for each statement execute function fp();
create trigger t3 after update on rc referencing old table as o for each statement execute function fp();
insert into rp values (1, 'p'); insert into rc values (2, 'c', 3);
update rp set b = 'z'; update rc set b = 'y'; delete from rp;
select t from rl order by n;
create trigger bad after update on rc referencing old table as o for each row execute function fp();
create table sm (id int, v numeric); create table ss (total numeric);
insert into ss values (0);
create function fsum() returns trigger language plpgsql as $$ begin update ss set total = total + coalesce((select
    sum(v) from nt), 0); return null; end $$;
create trigger tsum after insert on sm referencing new table as nt for each statement execute function fsum();
insert into sm values (1, 1.25), (2, 2.5);
insert into sm select i, i from generate_series(1, 100) i;
select * from ss;

-- statement triggers on views
create table vt (a int, b text); create view vv as select * from vt; create view va as select * from vt;
    delete from rl;
create function fv() returns trigger language plpgsql as $$ begin
 insert into rl(t) values (tg_table_name || ' ' || tg_when || ' ' || tg_op); return null; end $$;
create function fx() returns trigger language plpgsql as $$ begin
 insert into rl(t) values ('instead ' || tg_op); return new; end $$;
create trigger b before insert or update on vv for each statement execute function fv();
create trigger a after insert or update or delete on vv for each statement execute function fv();
create trigger a after insert on va for each statement execute function fv();
create trigger t before insert on vv for each row execute function fv();
create trigger t after truncate on vv for each statement execute function fv();
insert into vv values (1, 'x');
insert into va values (2, 'y');
create trigger i instead of insert or update on vv for each row execute function fx();
insert into vv values (3, 'z'), (4, 'q');
update vv set a = 0;
delete from vv;
select t from rl order by n; select * from vt order by a;
