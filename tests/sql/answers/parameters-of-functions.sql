-- information_schema.parameters: what functions and procedures of the file take.
create type par_mood as enum ('sad', 'ok');
create table par_row (i int);
create function par_one(a int, b text default 'x', c numeric default 1.5) returns int language sql as $$ select $1 $$;
create function par_none() returns int language sql as $$ select 1 $$;
create function par_bare(int[], varchar, timestamptz) returns int language sql as $$ select 1 $$;
create function par_outs(a int, out b bigint, inout c text) language sql as $$ select 1::bigint, $2 $$;
create function par_table(a uuid) returns table (x int, y text) language sql as $$ select 1, 'a'::text $$;
create function par_many(variadic a int[]) returns int language sql as $$ select 1 $$;
create function par_mood(m par_mood, d date) returns int language sql as $$ select 1 $$;
create procedure par_do(a int, b jsonb) language plpgsql as $$ begin null; end $$;
-- any modifiers
select p.specific_catalog, p.specific_schema, regexp_replace(p.specific_name, '_[0-9]+$', ''), p.ordinal_position,
    p.parameter_mode, p.is_result, p.as_locator, p.parameter_name, p.data_type, p.udt_catalog, p.udt_schema, p.udt_name,
    p.dtd_identifier, p.parameter_default, p.character_maximum_length, p.numeric_precision, p.maximum_cardinality
from information_schema.parameters p where p.specific_schema = 'public' order by 3, 4;
select r.routine_name, p.parameter_name from information_schema.routines r join information_schema.parameters p
    on p.specific_name = r.specific_name and p.specific_schema = r.specific_schema
where r.routine_schema = 'public' order by 1, p.ordinal_position;
drop function par_one;
select count(*) from information_schema.parameters where specific_schema = 'public';
drop procedure par_do;
drop function par_none, par_bare, par_outs, par_table, par_many, par_mood;
drop table par_row;
drop type par_mood;
