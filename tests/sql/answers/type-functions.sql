-- The functions by which types are read and written
select oid, typname, typinput, typoutput, typreceive, typsend from pg_type where typname in ('bool', 'bytea', 'name',
    'int8', 'int4', '_int4', 'text', '_text', 'varchar', 'numeric', 'timestamptz', 'uuid', 'jsonb', 'record', 'inet',
    'float8', 'interval', 'int2vector', 'void') order by oid;
select t.typname, i.proname, o.proname, r.proname, s.proname from pg_type t join pg_proc i on i.oid = t.typinput join
    pg_proc o on o.oid = t.typoutput join pg_proc r on r.oid = t.typreceive join pg_proc s on s.oid = t.typsend
    where t.typname in ('bool', 'int4', '_int4', 'text', 'bpchar', 'date', 'jsonb') order by 1;
select oid, proname, prorettype, proargtypes, pronargs, provolatile, proisstrict, prokind from pg_proc where proname in
    ('array_in', 'array_out', 'int4in', 'textsend', 'varcharin', 'timestamptz_out', 'enum_in', 'domain_in',
    'record_recv')
    order by oid;
create type colour as enum ('red');
create domain shade as colour;
create domain code as varchar(3);
select typname, typinput, typoutput, typreceive, typsend from pg_type where typname in ('colour', '_colour', 'shade',
    '_shade', 'code') order by typname;
select 'array_in'::regproc::oid, 'pg_catalog.int4in'::regproc, 2401::regproc, '"pg_catalog"."int4"'::regtype,
    '"text"'::regtype, 'int'::regtype;
select '"int"'::regtype;
select relname, heap_blks_read is null or heap_blks_read >= 0 from pg_statio_all_tables where relname = 'colour';
drop domain code;
drop domain shade;
drop type colour;
