-- What pg_index says of how the parts of an index are sorted, as Django asks
create table ix(id serial primary key, a int, b text, c text, unique (a, b));
create index ix1 on ix(a desc, b);
create index ix2 on ix(a desc nulls last, (lower(b)) desc, c nulls first);
create index ix3 on ix(b text_pattern_ops desc, c collate "C" desc, a);
create unique index ix4 on ix(c) where a > 0;
select indexrelid::regclass::text, indkey, indoption, indnatts, indnkeyatts, indisunique, indisprimary
    from pg_index where indrelid = 'ix'::regclass order by 1;
select c.relname, o, k from (select *, unnest(i.indkey) as k, unnest(i.indoption) as o from pg_index i) i
    join pg_class c on c.oid = i.indexrelid where indrelid = 'ix'::regclass order by 1, 3, 2;
select count(*) from (select prorettype t from pg_proc union select unnest(proargtypes) from pg_proc) x
    where t not in (select oid from pg_type);
select count(*) from (select prorettype t from pg_proc union select unnest(proargtypes) from pg_proc) x
    where t not in (select oid from pg_type);
