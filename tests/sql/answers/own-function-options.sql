-- ALTER FUNCTION, and the settings and rights of a function
set work_mem = '3MB';
create function ofo_report_guc(text) returns text as $$ select current_setting($1) $$ language sql set work_mem =
  '1MB';
select ofo_report_guc('work_mem'), current_setting('work_mem');
alter function ofo_report_guc(text) set work_mem = '2MB';
select ofo_report_guc('work_mem'), current_setting('work_mem');
alter function ofo_report_guc(text) reset all;
select ofo_report_guc('work_mem'), current_setting('work_mem');
create or replace function ofo_myfunc(int) returns text as $$ begin set local work_mem = '2MB'; return
  current_setting('work_mem'); end $$ language plpgsql set work_mem = '1MB';
select ofo_myfunc(0), current_setting('work_mem');
create or replace function ofo_myfunc(int) returns text as $$ begin set work_mem = '2MB'; return
  current_setting('work_mem'); end $$ language plpgsql set work_mem = '1MB';
set work_mem = '3MB';
select ofo_myfunc(0), current_setting('work_mem');
set work_mem = '3MB';
create or replace function ofo_myfunc(int) returns text as $$ begin set work_mem = '2MB'; perform 1/$1; return
  current_setting('work_mem'); end $$ language plpgsql set work_mem = '1MB';
select ofo_myfunc(0);
select current_setting('work_mem');
select ofo_myfunc(1), current_setting('work_mem');
create function ofo_tz() returns text language sql set timezone = 'Asia/Tokyo' as $$ select '2024-01-01
  00:00:00+00'::timestamptz::text $$;
select ofo_tz();
select x, ofo_tz() from generate_series(1,2) x;
create function ofo_ds() returns text language plpgsql set datestyle = 'ISO, DMY' as $$ begin return
  '2024-01-02'::date::text; end $$;
select ofo_ds(), '2024-01-02'::date::text;
alter function ofo_ds() strict immutable cost 7 rename to ofo_ds2;
alter function ofo_ds() rename to ofo_ds2;
select ofo_ds2();
select ofo_ds();
alter function ofo_ds2() immutable strict cost 7;
alter function ofo_ds2() cost 0;
alter function ofo_nope() strict;
alter function ofo_ds2() security definer;
alter function ofo_tz() rename to ofo_ds2;
alter function ofo_report_guc owner to current_user;
alter function ofo_ds2() stable parallel safe;
create view ofo_vds as select ofo_ds2() as d;
alter function ofo_ds2() rename to ofo_ds3;
select * from ofo_vds;
drop function ofo_ds3();
drop view ofo_vds;
drop function ofo_ds3;
select proname, prosecdef, provolatile, proisstrict, procost, prorows, proparallel, pronargdefaults, proconfig from
  pg_proc where pronamespace = 2200 order by proname;
create function ofo_secd() returns name language sql security definer as 'select current_user';
select ofo_secd() is not null;
-- may refuse
create function ofo_dfv(a int, b int default 3, variadic c text[] default null) returns int language sql rows 5 as
  'select 1';
create function ofo_dfv(a int, b int default 3) returns setof int language sql rows 5 cost 3 as 'select 1';
select procost, prorows, pronargdefaults, provariadic from pg_proc where proname = 'ofo_dfv';
drop function ofo_report_guc, ofo_myfunc, ofo_tz, ofo_secd, ofo_dfv;
reset work_mem;
