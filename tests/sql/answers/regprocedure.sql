-- regprocedure: a function by its name and the types of its arguments
select 'lower(text)'::regprocedure, 'lower ( text )'::regprocedure::oid,
    'pg_catalog.round(numeric,integer)'::regprocedure;
select 'array_in(cstring,oid,integer)'::regprocedure::oid, 750::regprocedure, 0::regprocedure, 870::oid::regprocedure;
select 'now()'::regprocedure, 'to_char(timestamp with time zone, text)'::regprocedure;
select 'lower'::regprocedure;
select 'lower(integer)'::regprocedure;
select 'nothing(text)'::regprocedure;
select count(*) from pg_type where typinput = 'array_in(cstring,oid,integer)'::regprocedure
    and typname in ('_int4', 'int4', '_text');
select '870'::regprocedure, pg_typeof('lower(text)'::regprocedure), 'lower(text)'::regprocedure = 870;
select p.proname, p.oid::regprocedure from pg_proc p where p.proname = 'substr' order by p.oid;
