-- NEW.* and OLD.* in a routine's SQL.
create table sr (a int, b text, c numeric(6,2)); create table sc1 (a int, b text, c numeric(6,2));
    create table sl (op text, a int, b text, c numeric, n serial);
create function sf() returns trigger language plpgsql as $$ begin
 if new.a < 10 then insert into sc1 values (new.*); else insert into sc1 select new.*; end if;
 insert into sl(op, a, b, c) values ('first', new.*), (tg_op, new.a + 1, 'two', 3);
 return null; end $$;
create trigger t before insert on sr for each row execute function sf();
insert into sr values (1, 'x', 1.5), (12, 'y', 2.25), (null, null, null);
select * from sr; select * from sc1 order by a; select op, a, b, c from sl order by n;
create function so() returns trigger language plpgsql as $$ begin
 insert into sl(op, a, b, c) select tg_op, old.*;
    insert into sl(op, a, b, c) select x.op, new.* from (values ('n')) x(op); return new; end $$;
create trigger u before update on sc1 for each row execute function so();
update sc1 set b = b || '!';
select op, a, b, c from sl order by n;
do $$ declare r sc1%rowtype; q sc1; begin select * into r from sc1 where a = 1; insert into sl(a, b, c) values (r.*);
 for q in select * from sc1 order by a loop insert into sl(op, a, b, c) values ('loop', q.*); end loop; end $$;
select op, a, b, c from sl order by n;
create function sbad() returns trigger language plpgsql as $$ begin insert into sl(a) values (new.*); return new;
    end $$;
create trigger z before delete or insert on sc1 for each row execute function sbad();
insert into sc1 values (1);
create function snone() returns trigger language plpgsql as $$ begin insert into sl(a) values (nothing.*);
    return new; end $$;
create trigger y before insert on sc1 for each row execute function snone();
drop trigger z on sc1; insert into sc1 values (1);
drop table sr, sc1, sl; drop function sf(); drop function so(); drop function sbad(); drop function snone();
