-- Defaults, checks and indexes are told in the text that PostgreSQL has of them
create table t (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f float8,
d date,
ts timestamp, tz timestamptz, j jsonb, o bool, u uuid);
create table t2 (i int, x text, z int, n numeric);
create table "Odd Name" (id int, "select" int, "Ab" text, "user" text, key int);
create unique index ix223 on t ((i + 1)) where o;
select pg_get_indexdef('ix223'::regclass), pg_get_indexdef('ix223'::regclass, 0, true),
pg_get_indexdef('ix223'::regclass, 1, true), pg_get_indexdef('ix223'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix223'::regclass;
drop index ix223;
create index ix631 on t (coalesce(x, v)) where not o or i > 1;
select pg_get_indexdef('ix631'::regclass), pg_get_indexdef('ix631'::regclass, 0, true),
pg_get_indexdef('ix631'::regclass, 1, true), pg_get_indexdef('ix631'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix631'::regclass;
drop index ix631;
create table e339 (q int, c char(3) default 'a');
select pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef where adrelid =
'e339'::regclass;
select column_default::text from information_schema.columns where table_name = 'e339' and column_name = 'c';
drop table e339;
create unique index ix175 on t (i nulls first) where d = date '2020-02-02';
select pg_get_indexdef('ix175'::regclass), pg_get_indexdef('ix175'::regclass, 0, true),
pg_get_indexdef('ix175'::regclass, 1, true), pg_get_indexdef('ix175'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix175'::regclass;
drop index ix175;
create table e1015 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check (not (f in (1, 2, 3))));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e1015'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e1015_%' and
check_clause not like '%IS NOT NULL';
drop table e1015;
create table e231 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check (not (not (x like 'a%'))));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e231'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e231_%' and
check_clause not like '%IS NOT NULL';
drop table e231;
create index ix1267 on t (lower(x)) where i in (1, 2, 3);
select pg_get_indexdef('ix1267'::regclass), pg_get_indexdef('ix1267'::regclass, 0, true),
pg_get_indexdef('ix1267'::regclass, 1, true), pg_get_indexdef('ix1267'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix1267'::regclass;
drop index ix1267;
create table e939 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check (2.5 - -3 in (1, 2, 3)));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e939'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e939_%' and
check_clause not like '%IS NOT NULL';
drop table e939;
create index ix1507 on t (x text_pattern_ops) where x <> x;
select pg_get_indexdef('ix1507'::regclass), pg_get_indexdef('ix1507'::regclass, 0, true),
pg_get_indexdef('ix1507'::regclass, 1, true), pg_get_indexdef('ix1507'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix1507'::regclass;
drop index ix1507;
create table e415 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check ((i is null) or (i) between -3 and
2.5));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e415'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e415_%' and
check_clause not like '%IS NOT NULL';
drop table e415;
create table e615 (q int, c real default 1.5);
select pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef where adrelid =
'e615'::regclass;
select column_default::text from information_schema.columns where table_name = 'e615' and column_name = 'c';
drop table e615;
create index ix751 on t ((n * 2) desc, i) where v = 'b' or not o;
select pg_get_indexdef('ix751'::regclass), pg_get_indexdef('ix751'::regclass, 0, true),
pg_get_indexdef('ix751'::regclass, 1, true), pg_get_indexdef('ix751'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix751'::regclass;
drop index ix751;
create index ix1447 on t (upper(lower(x))) where (i is null);
select pg_get_indexdef('ix1447'::regclass), pg_get_indexdef('ix1447'::regclass, 0, true),
pg_get_indexdef('ix1447'::regclass, 1, true), pg_get_indexdef('ix1447'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix1447'::regclass;
drop index ix1447;
create table e563 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check ((not o)));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e563'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e563_%' and
check_clause not like '%IS NOT NULL';
drop table e563;
create unique index ix863 on t (date_trunc('day', ts)) where i is null;
select pg_get_indexdef('ix863'::regclass), pg_get_indexdef('ix863'::regclass, 0, true),
pg_get_indexdef('ix863'::regclass, 1, true), pg_get_indexdef('ix863'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix863'::regclass;
drop index ix863;
create table e519 (q int, c text default 'a' || 'b');
select pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef where adrelid =
'e519'::regclass;
select column_default::text from information_schema.columns where table_name = 'e519' and column_name = 'c';
drop table e519;
create table e807 (q int, c varchar(5) default 'abc'::varchar);
select pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef where adrelid =
'e807'::regclass;
select column_default::text from information_schema.columns where table_name = 'e807' and column_name = 'c';
drop table e807;
create unique index ix887 on t (upper(lower(x)));
select pg_get_indexdef('ix887'::regclass), pg_get_indexdef('ix887'::regclass, 0, true),
pg_get_indexdef('ix887'::regclass, 1, true), pg_get_indexdef('ix887'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix887'::regclass;
drop index ix887;
create table e603 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check (n in (1, 2, 3) or (s) between 2.5 and
i));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e603'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e603_%' and
check_clause not like '%IS NOT NULL';
drop table e603;
create table e103 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check ((b * 2.5) between b and f));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e103'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e103_%' and
check_clause not like '%IS NOT NULL';
drop table e103;
create table e287 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check ((o)));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e287'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e287_%' and
check_clause not like '%IS NOT NULL';
drop table e287;
create table e19 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check ((c < x)));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e19'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e19_%' and
check_clause not like '%IS NOT NULL';
drop table e19;
create table e491 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check ((n >= 10) is unknown and i > 1 or o));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e491'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e491_%' and
check_clause not like '%IS NOT NULL';
drop table e491;
create index ix1027 on t (coalesce(x, v)) where b in (1, 2, 3);
select pg_get_indexdef('ix1027'::regclass), pg_get_indexdef('ix1027'::regclass, 0, true),
pg_get_indexdef('ix1027'::regclass, 1, true), pg_get_indexdef('ix1027'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix1027'::regclass;
drop index ix1027;
create table e31 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check (((i > 1 and x like 'a%') and n >=
10)));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e31'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e31_%' and
check_clause not like '%IS NOT NULL';
drop table e31;
create unique index ix1515 on t (i nulls first) where i > 1 or true;
select pg_get_indexdef('ix1515'::regclass), pg_get_indexdef('ix1515'::regclass, 0, true),
pg_get_indexdef('ix1515'::regclass, 1, true), pg_get_indexdef('ix1515'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix1515'::regclass;
drop index ix1515;
create table e375 (q int, c numeric(10,2) default 1.5);
select pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef where adrelid =
'e375'::regclass;
select column_default::text from information_schema.columns where table_name = 'e375' and column_name = 'c';
drop table e375;
create table e915 (q int, c date default current_date);
select pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef where adrelid =
'e915'::regclass;
select column_default::text from information_schema.columns where table_name = 'e915' and column_name = 'c';
drop table e915;
create index ix1007 on t (i nulls first) where not (i is null);
select pg_get_indexdef('ix1007'::regclass), pg_get_indexdef('ix1007'::regclass, 0, true),
pg_get_indexdef('ix1007'::regclass, 1, true), pg_get_indexdef('ix1007'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix1007'::regclass;
drop index ix1007;
create table e1063 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check (-3 <> 3000000000 and (o) is true));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e1063'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e1063_%' and
check_clause not like '%IS NOT NULL';
drop table e1063;
create unique index ix203 on t (i);
select pg_get_indexdef('ix203'::regclass), pg_get_indexdef('ix203'::regclass, 0, true),
pg_get_indexdef('ix203'::regclass, 1, true), pg_get_indexdef('ix203'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix203'::regclass;
drop index ix203;
create table e1583 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check ((not o and o) and n >= 10 or true));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e1583'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e1583_%' and
check_clause not like '%IS NOT NULL';
drop table e1583;
create unique index ix1523 on t ((lower(x)), (i + 1)) where o;
select pg_get_indexdef('ix1523'::regclass), pg_get_indexdef('ix1523'::regclass, 0, true),
pg_get_indexdef('ix1523'::regclass, 1, true), pg_get_indexdef('ix1523'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix1523'::regclass;
drop index ix1523;
create table e447 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check (not o));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e447'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e447_%' and
check_clause not like '%IS NOT NULL';
drop table e447;
create index ix819 on t (i) where (o);
select pg_get_indexdef('ix819'::regclass), pg_get_indexdef('ix819'::regclass, 0, true),
pg_get_indexdef('ix819'::regclass, 1, true), pg_get_indexdef('ix819'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix819'::regclass;
drop index ix819;
create unique index ix127 on t (i) where n >= 10 or v = 'b';
select pg_get_indexdef('ix127'::regclass), pg_get_indexdef('ix127'::regclass, 0, true),
pg_get_indexdef('ix127'::regclass, 1, true), pg_get_indexdef('ix127'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix127'::regclass;
drop index ix127;
create table e859 (q int, c bool default 'f');
select pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef where adrelid =
'e859'::regclass;
select column_default::text from information_schema.columns where table_name = 'e859' and column_name = 'c';
drop table e859;
create index ix143 on t (date_trunc('day', ts));
select pg_get_indexdef('ix143'::regclass), pg_get_indexdef('ix143'::regclass, 0, true),
pg_get_indexdef('ix143'::regclass, 1, true), pg_get_indexdef('ix143'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix143'::regclass;
drop index ix143;
create table e1103 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check (not (m in (1, 2, 3))));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e1103'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e1103_%' and
check_clause not like '%IS NOT NULL';
drop table e1103;
create table e987 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check (v = 'b'));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e987'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e987_%' and
check_clause not like '%IS NOT NULL';
drop table e987;
create index ix263 on t (i);
select pg_get_indexdef('ix263'::regclass), pg_get_indexdef('ix263'::regclass, 0, true),
pg_get_indexdef('ix263'::regclass, 1, true), pg_get_indexdef('ix263'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix263'::regclass;
drop index ix263;
create index ix951 on t ((j ->> 'a')) where x = 'a' and i > 1;
select pg_get_indexdef('ix951'::regclass), pg_get_indexdef('ix951'::regclass, 0, true),
pg_get_indexdef('ix951'::regclass, 1, true), pg_get_indexdef('ix951'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix951'::regclass;
drop index ix951;
create index ix1439 on t ((i::text)) where m = f;
select pg_get_indexdef('ix1439'::regclass), pg_get_indexdef('ix1439'::regclass, 0, true),
pg_get_indexdef('ix1439'::regclass, 1, true), pg_get_indexdef('ix1439'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix1439'::regclass;
drop index ix1439;
create table e1531 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check (n * 0 in (1, 2, 3)));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e1531'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e1531_%' and
check_clause not like '%IS NOT NULL';
drop table e1531;
create unique index ix351 on t (upper(lower(x))) where i > all (select z from t2);
select pg_get_indexdef('ix351'::regclass), pg_get_indexdef('ix351'::regclass, 0, true),
pg_get_indexdef('ix351'::regclass, 1, true), pg_get_indexdef('ix351'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix351'::regclass;
drop index ix351;
create table e379 (q int, c text default null);
select pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef where adrelid =
'e379'::regclass;
select column_default::text from information_schema.columns where table_name = 'e379' and column_name = 'c';
drop table e379;
create table e163 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check (not (n >= 10) or i is null));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e163'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e163_%' and
check_clause not like '%IS NOT NULL';
drop table e163;
create unique index ix87 on t ((j ->> 'a'));
select pg_get_indexdef('ix87'::regclass), pg_get_indexdef('ix87'::regclass, 0, true),
pg_get_indexdef('ix87'::regclass, 1, true), pg_get_indexdef('ix87'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix87'::regclass;
drop index ix87;
create index ix715 on t ((x || v));
select pg_get_indexdef('ix715'::regclass), pg_get_indexdef('ix715'::regclass, 0, true),
pg_get_indexdef('ix715'::regclass, 1, true), pg_get_indexdef('ix715'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix715'::regclass;
drop index ix715;
create table e955 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check (c not in ('a', 'b') and not (i > 1)));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e955'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e955_%' and
check_clause not like '%IS NOT NULL';
drop table e955;
create table e1407 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check (ts + interval '1 day' > ts));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e1407'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e1407_%' and
check_clause not like '%IS NOT NULL';
drop table e1407;
create table e123 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check ((n >= 10 or not o)));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e123'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e123_%' and
check_clause not like '%IS NOT NULL';
drop table e123;
create table e503 (q int, c smallint default 3);
select pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef where adrelid =
'e503'::regclass;
select column_default::text from information_schema.columns where table_name = 'e503' and column_name = 'c';
drop table e503;
create table e91 (q int, c int default -5);
select pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef where adrelid = 'e91'::regclass;
select column_default::text from information_schema.columns where table_name = 'e91' and column_name = 'c';
drop table e91;
create table e607 (i int, b bigint, s smallint, x text, v varchar(10), c char(4), n numeric(10,2), m numeric, f
float8, d date, ts timestamp, tz timestamptz, j jsonb, o bool, u uuid, check ('abc' = c));
select pg_get_constraintdef(oid), pg_get_constraintdef(oid, true), conname from pg_constraint where conrelid =
'e607'::regclass;
select check_clause::text from information_schema.check_constraints where constraint_name like 'e607_%' and
check_clause not like '%IS NOT NULL';
drop table e607;
create unique index ix191 on t ((j ->> 'a')) where 'it''s' <> x;
select pg_get_indexdef('ix191'::regclass), pg_get_indexdef('ix191'::regclass, 0, true),
pg_get_indexdef('ix191'::regclass, 1, true), pg_get_indexdef('ix191'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix191'::regclass;
drop index ix191;
create unique index ix23 on t ((x || v));
select pg_get_indexdef('ix23'::regclass), pg_get_indexdef('ix23'::regclass, 0, true),
pg_get_indexdef('ix23'::regclass, 1, true), pg_get_indexdef('ix23'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix23'::regclass;
drop index ix23;
create unique index ix403 on t (x text_pattern_ops);
select pg_get_indexdef('ix403'::regclass), pg_get_indexdef('ix403'::regclass, 0, true),
pg_get_indexdef('ix403'::regclass, 1, true), pg_get_indexdef('ix403'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix403'::regclass;
drop index ix403;
create unique index ix623 on t (x, lower(v));
select pg_get_indexdef('ix623'::regclass), pg_get_indexdef('ix623'::regclass, 0, true),
pg_get_indexdef('ix623'::regclass, 1, true), pg_get_indexdef('ix623'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix623'::regclass;
drop index ix623;
create unique index ix1235 on t (date_trunc('day', ts)) where not o or x like 'a%';
select pg_get_indexdef('ix1235'::regclass), pg_get_indexdef('ix1235'::regclass, 0, true),
pg_get_indexdef('ix1235'::regclass, 1, true), pg_get_indexdef('ix1235'::regclass, 1, false);
select pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid, true) from pg_index where indexrelid =
'ix1235'::regclass;
drop index ix1235;
create table t3 (id int primary key);
create table k (id serial primary key, i int references t3, q text default 'q' check (q <> 'z'));
select conname, pg_get_constraintdef(oid), pg_get_constraintdef(oid, true) from pg_constraint
where conrelid = 'k'::regclass order by conname;
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'k'::regclass order by adnum;
set search_path = pg_catalog;
select conname, pg_get_constraintdef(oid) from pg_constraint
where conrelid = 'public.k'::regclass order by conname;
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'public.k'::regclass order by adnum;
select pg_get_indexdef('public.k_pkey'::regclass, 0, true);
reset search_path;
insert into k (i) values (null);
select * from k;
alter table k alter q set default 'new' || 'er';
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'k'::regclass and adnum = 3;
insert into k (i) values (null);
select * from k;
insert into k (q) values ('z');
alter table k add column r int default 7;
select * from k;
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'k'::regclass and adnum = 4;
