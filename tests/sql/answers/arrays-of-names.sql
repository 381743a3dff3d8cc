-- Arrays of what is shown by a name, and the catalog's vectors as arrays
create table nm(a int, b text);
select array['pg_class'::regclass], array['nm'::regclass, null], array['int4'::regtype], array['now'::regproc],
    array[array['pg_class'::regclass]];
select array['pg_class'::regclass]::text, array_agg(x) from (values ('pg_class'::regclass)) v(x);
select array_to_string(array['pg_class'::regclass], ','), (array['pg_class'::regclass])[1], '{pg_class}'::regclass[],
    unnest(array['pg_class'::regclass]);
select '{int4,text}'::regtype[], ('{int4,text}'::regtype[])[2], '{pg_class}'::regclass[] = array['pg_class'::regclass];
select '{}'::regclass[], null::regclass[], '{nosuch}'::regclass[];
select '{}'::regclass[], null::regclass[], '{NULL,nm}'::regclass[], '[0:1]={nm,pg_class}'::regclass[];
select '{23,25}'::oid[]::regtype[], array['int4'::regtype]::oid[], array['int4'::regtype]::text[],
    '{int4}'::text[]::regtype[];
select proargtypes::regtype[] from pg_proc where proname = 'convert_to';
select '17 25'::oidvector::regtype[], '1 2'::int2vector::int[], '17 25'::oidvector::oid[], '1 2'::int2vector::int2[];
select ''::oidvector::regtype[], '17 25'::oidvector::regtype[]::text[], array_lower('17 25'::oidvector::regtype[], 1);
select 'nm'::regclass = any(array['pg_class'::regclass, 'nm']), 'nm'::regclass = any('{nm}'::regclass[]);
select x, y from (values (array['nm'::regclass], 1)) v(x, y) order by x;
select array_agg(attrelid::regclass order by attnum), count(*) from pg_attribute
    where attrelid = 'nm'::regclass and attnum > 0;
select array_append('{nm}'::regclass[], 'pg_class'), '{nm}'::regclass[] || 'pg_type'::regclass;
select indkey::int2[], indkey[0], 1 = any(indkey) from pg_index where indrelid = 'pg_class'::regclass limit 0;
-- refused
create table nt(a regtype[], b regclass[]);
drop table nm;
