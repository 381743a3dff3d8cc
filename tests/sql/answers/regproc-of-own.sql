-- regproc and regprocedure of functions of the file's own; what \sf, \dL and \d of an index ask
create function rpf(i int, t text default 'x') returns int language sql as 'select $1';
create function rpg(int) returns int language sql as 'select $1';
create function rpg(text) returns text language sql as 'select $1';
create function "Rp h"(int[], varchar(20)) returns int language sql as 'select 1';
create type rpt as enum ('a');
create function rpe(rpt) returns rpt language sql as 'select $1';
create procedure rpp(int) language sql as 'select 1';
select 'rpf'::regproc, 'public.rpf'::regproc, 'rpf(int,text)'::regprocedure, 'rpg( text )'::regprocedure,
    '"Rp h"(integer[], character varying)'::regprocedure, 'public.rpe(rpt)'::regprocedure, 'rpp(int4)'::regprocedure;
select 'rpg'::regproc;
select 'rpnone'::regproc;
select 'rpf(int)'::regprocedure;
select 'rpf(text,int)'::regprocedure;
select 'rpf(int,text,text)'::regprocedure;
select 'other.rpf'::regproc;
select oid::regproc, oid::regprocedure from pg_proc 
where pronamespace = 2200 and proname ~* '^rp' order by oid::regprocedure::text;
set search_path to pg_catalog;
select oid::regproc, oid::regprocedure from pg_proc 
where pronamespace = 2200 and proname ~* '^rp' order by oid::regprocedure::text;
select 'rpf'::regproc;
reset search_path;
select pg_get_functiondef('rpf'::regproc), pg_get_function_arguments('rpf(int,text)'::regprocedure);
select lanname, lanpltrusted from pg_language where lanplcallfoid <> 0;
create table rpt1 (a int, b text, c int);
create index rpi on rpt1 (lower(b), a, (c + 1), upper(b));
select attname from pg_attribute where attrelid = 'rpi'::regclass order by attnum;
select 'lower(text)'::regprocedure::oid::regproc, 'sum(integer)'::regprocedure::oid::regproc;
drop table rpt1;
drop function rpf, rpg(int), rpg(text), "Rp h", rpe;
drop procedure rpp;
drop type rpt;
