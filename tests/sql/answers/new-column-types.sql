-- A column with a new type: what names it follows, or stops it
create table nct (a int default 5 check (a < 9), b text default '7', c int default 3, g int unique, h varchar(9));
create index nct_i on nct ((a + 1));
create index nct_j on nct (c) where a > 3;
create index nct_k on nct (lower(h), g);
insert into nct values (1), (4);
alter table nct alter a type numeric(6,2);
insert into nct values (10);
insert into nct values (8.5);
insert into nct default values;
select * from nct order by a;
alter table nct alter b type varchar(3);
alter table nct alter h type text;
alter table nct alter c type text;
alter table nct alter c type timestamp using now();
alter table nct alter g type text;
insert into nct(a) values (2);
insert into nct(a, g) values (3, '10');
insert into nct(a, g) values (3, '10');
select a, b, c, g from nct order by 1, 2;
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'nct'::regclass order by adnum;
select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'nct'::regclass order by 1;
select pg_get_indexdef(indexrelid) from pg_index where indrelid = 'nct'::regclass order by 1;
select a from nct where a + 1 = 9.5;
-- a check that no longer can be
create table nct2 (d text check (length(d) < 3), e int default 4, f boolean default true);
alter table nct2 alter d type int using 3;
alter table nct2 alter e type boolean using e > 2;
alter table nct2 alter e drop default, alter e type boolean using e > 2, alter e set default true;
alter table nct2 alter f type int using 1;
insert into nct2 values ('ab'), ('abc');
insert into nct2 values ('ab');
select * from nct2;
-- generated columns
create table nct3 (a int, b int generated always as (a * 2) stored, c text);
insert into nct3 values (1, default, 'x');
alter table nct3 alter a type text;
alter table nct3 alter a type numeric;
alter table nct3 alter b type numeric;
alter table nct3 alter b drop default;
alter table nct3 alter b set default 3;
insert into nct3 values (3, default, 'y');
select * from nct3 order by a;
-- indexes
create table nct4 (d int, e int);
create index nct4_i on nct4 ((d + e));
alter table nct4 alter d type text;
alter table nct4 alter d type bigint, alter e type numeric;
select pg_get_indexdef('nct4_i'::regclass);
-- foreign keys
create table nct5 (id int primary key);
create table nct6 (id int references nct5);
alter table nct5 alter id type varchar using id::text;
alter table nct6 alter id type varchar using id::text;
alter table nct5 alter id type bigint;
alter table nct6 alter id type smallint;
insert into nct5 values (3000000000);
insert into nct6 values (1);
-- rows that there are, and a column that may not be NULL
alter table nct3 add column k int primary key;
alter table nct3 add column k int not null;
alter table nct3 add column k int not null, alter k add generated always as identity;
alter table nct3 add column k serial primary key;
alter table nct4 add column k int primary key;
select * from nct3 order by a;
create table nct7 (id integer generated always as identity null);
create table nct7 (id integer null generated always as identity);
select regexp_replace('foobarrbazz', E'(.)\\1', E'X\\Y\\1Z\\'), regexp_replace('ab', 'a', E'\\0\\\\\\&');
drop table nct, nct2, nct3, nct4, nct6, nct5;
-- from and to types of one's own
create type nct_mood as enum ('sad', 'ok');
create domain nct_small as int check (value < 100);
create table nct8 (m text check (m <> 'sad'),
    n nct_mood check (n <> 'sad'), s int check (s > 2), t nct_small check (t > 3));
insert into nct8 values ('ok', 'ok', 5, 5);
alter table nct8 alter m type nct_mood using m::nct_mood;
-- may refuse
alter table nct8 alter n type text;
alter table nct8 drop constraint nct8_n_check;
alter table nct8 alter n type text using n::text;
alter table nct8 alter s type nct_small;
alter table nct8 alter t type int;
insert into nct8 (s) values (1);
insert into nct8 (s) values (101);
insert into nct8 (t) values (3);
insert into nct8 (t) values (101);
select * from nct8;
drop table nct8;
drop type nct_mood;
drop domain nct_small;
