-- A key is changed to a value that is equal to the old one and looks different: rows that follow it look so too
create table pz (a float8, b float8, primary key (a, b));
create table fz (x float8, y float8, foreign key (x, y) references pz (a, b) on update cascade);
insert into pz values ('-0', '-0'), (0.5, 0);
insert into fz values ('-0', '-0'), (0.5, 0);
-- refused
update pz set a = '0' where a = '-0';
update pz set a = 7 where a = 0.5;
update pz set a = a, b = b;
select * from pz order by 1; select * from fz order by 1;
drop table fz, pz;
create table pn (a numeric primary key, t text);
create table fn (x numeric references pn on update cascade, n int);
insert into pn values (1.0, 'a'), (2.50, 'b');
insert into fn values (1.00, 1), (1, 2), (2.5, 3);
-- refused
update pn set a = 1.000 where a = 1;
-- refused
update pn set a = 2.5000, t = 'c' where a = 2.5;
-- refused
update pn set (a, t) = (select 2.5000, 'c') where a = 2.5;
-- refused
insert into pn values (1, 'x') on conflict (a) do update set a = excluded.a;
-- refused
merge into pn using (values (1.0000)) v (c) on pn.a = v.c when matched then update set a = v.c;
insert into pn values (1, 'x') on conflict (a) do update set a = excluded.a + 3, t = 'four';
update pn set a = 9.90 from fn where pn.a = fn.x and n = 3;
update pn set t = 'again', a = a;
select * from pn order by 1; select * from fn order by n;
create function twist() returns trigger language plpgsql as $$ begin new.a := new.a * 1.0; return new; end $$;
create trigger twist before update on pn for each row execute function twist();
-- refused
update pn set t = 'x';
drop trigger twist on pn;
create function count_it() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger count_it after update on pn for each row execute function count_it();
update pn set a = 6.0 where t = 'again';
update pn set a = a + n from fn where a = x and n = 1;
-- refused
update pn set a = 9.9000 where a = 9.9;
update pn set t = 'z';
select * from pn order by 1; select * from fn order by n;
drop table fn, pn;
drop function twist;
drop function count_it;
-- Nobody follows: it is as it was written
create table pn (a numeric primary key, i interval unique, d date unique);
create table fn (x numeric references pn, d date references pn (d) on update cascade);
insert into pn values (1.0, '1 day', '2024-01-01');
insert into fn values (1, '2024-01-01');
update pn set d = '2024-02-02';
select * from pn; select * from fn;
drop table fn;
create table fn (i interval references pn (i) on update set null);
insert into fn values ('24 hours');
-- refused
update pn set i = '24 hours';
update pn set i = '25 hours';
select * from pn; select * from fn;
drop table fn;
create table fn (x numeric references pn (a) on update restrict);
insert into fn values (1);
-- may refuse
update pn set a = 1.00;
update pn set a = 2.00;
drop table fn;
update pn set a = 1.00;
select * from pn;
drop table pn;
create table pa (a numeric[] primary key);
create table fa (x numeric[] references pa on update cascade);
insert into pa values ('{1.0,2}');
insert into fa values ('{1,2}');
-- refused
update pa set a = '{1.00,2}';
-- may refuse
update pa set a[2] = 3;
update pa set a = '{5,2}';
drop table fa, pa;
