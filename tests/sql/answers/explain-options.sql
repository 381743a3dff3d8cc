-- EXPLAIN looks at its options, and at what it explains, as PostgreSQL does
create table eo(a int primary key);
explain (format nothing) select 1;
explain (format) select 1;
explain (nothing) select 1;
explain (nothing off, format nothing) select 1;
explain (timing) select 1;
explain (wal, timing) select 1;
explain (analyze false, wal) select 1;
explain (format json) select nothing from eo;
explain (format yaml) insert into eo select nothing;
select count(*) from eo;
drop table eo;
