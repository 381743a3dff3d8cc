-- int2vector and oidvector: arrays counted from 0, which are shown as none
create view vectors as select n, v, o from
    (values (1, '1 2'::int2vector, '3 4'::oidvector), (2, '', ''), (4, '5 6', '7 8')) s (n, v, o);
select * from vectors order by n;
-- refused
select array_agg(v) from vectors;
-- refused
select array_agg(o) from vectors;
-- refused
select max(v), min(o) from vectors;
-- refused
select trim_array(v, 1) from vectors where n = 1;
select v[0], v[1], v[2], v[0:0], v[:1], o[0:0] from vectors where n = 1;
select pg_typeof(v[0:1]), v[0:1] = v::int2[] from vectors where n = 1;
select array_append(v, 3::int2), array_prepend(3::int2, v), array_cat(v, v), v || v, v || 3::int2 from vectors
    where n = 1;
select array_remove(v, 1::int2), array_replace(v, 1::int2, 9::int2), array_dims(v), cardinality(v) from vectors
    where n = 1;
select array_agg(v::int2[]), array_agg(v::text) from vectors where n <> 2;
select v::int2[], o::oid[], to_json(v), to_jsonb(o), 1 = any(v) from vectors where n = 1;
select unnest(v), generate_subscripts(v, 1) from vectors where n = 1;
drop view vectors;
