-- JSON made from SQL has the types of its values
select json_build_object('c', true, 'n', 1.5, 'b', array[1,2], 't', timestamp '2024-01-01 10:00');
select jsonb_build_object('c', true, 'n', 1.50, 'b', array['x','y z'], 't', timestamp '2024-01-01 10:00:00.5', 'f',
    false);
select to_json(true), to_json(1), to_json(1.50), to_json(1.5::float8), to_json(2::numeric), to_json('{"a":1}'::json),
    to_json('x'::text), to_json(null::int);
select to_jsonb(false), to_jsonb(1.50), to_jsonb('{"b":1,"a":2}'::json), to_jsonb('{"a":1}'::text),
    to_jsonb(date '2024-01-02'), to_jsonb(time '10:20');
select to_json('NaN'::float8), to_json('-Infinity'::float8), to_json('NaN'::numeric), to_json(1e20::float8),
    to_json(1e-7::float8);
select to_json(timestamptz '2024-01-01 10:00+00'), to_json(timestamp 'infinity'), to_json(date '0044-03-15 BC'),
    to_json(timestamp '0044-03-15 10:00 BC');
set timezone = 'Asia/Kolkata';
select to_json(timestamptz '2024-01-01 10:00+00'), json_build_array(timestamptz '2024-01-01 10:00:00.25+00');
set timezone = 'America/St_Johns';
select to_jsonb(timestamptz '2024-01-01 10:00+00'), to_jsonb(array[timestamp '2024-01-01 10:00']);
set timezone = 'UTC';
select to_json('\x01ff'::bytea), to_json('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid), to_json('a'::char(3)),
    to_json('b'::varchar), to_json(5::oid), to_json('pg_class'::regclass);
select to_json(array[true,false,null]), to_json(array[1.5,2]), to_json('{}'::int[]), to_json(array['a"b','c\d']),
    to_json(array['{"x":1}'::json]), to_json(array[date '2024-01-02']);
select json_build_array(1, true, 'a', null, 2.5, '{"k":[1]}'::jsonb, '[1]'::json), json_build_array(),
    json_build_object();
select json_build_object(1, 2, true, 3, 1.5, 4, 'x', null), jsonb_build_object(1, true);
select json_build_object(null, 1);
select json_build_object('a');
create table t(k int, b bool, n numeric, s text, j jsonb, ts timestamp, a bigint);
insert into t values (1, true, 1.50, '{"looks":"like"}', '{"b":1,"a":[true]}', '2024-01-01 10:00', 10),
    (2, false, -2, null, null, null, null);
select json_agg(b), json_agg(n), json_agg(s), json_agg(j), json_agg(ts), json_agg(a) from t;
select jsonb_agg(b), jsonb_agg(n), jsonb_agg(s), jsonb_agg(j), jsonb_agg(ts) from t;
select json_agg(json_build_object('k', k, 'b', b, 'n', n)) from t;
select json_agg(n) filter (where b), json_agg(n + 1), json_agg(k > 1) from t;
select k, json_agg(b) over (order by k) from t;
select json_build_object('s', sum(n), 'm', max(n), 'a', avg(k), 'c', count(*), 'b', bool_and(b)) from t;
select to_json(n) ->> 'x', (json_build_object('n', n, 'b', b) ->> 'n')::numeric + 1, json_build_object('b', b) ->> 'b'
    from t order by k;
-- with 1.50 | t
select json_build_object('n', $1::numeric, 'b', $2::bool);
create view v as select json_build_object('b', b, 'n', n) as o from t where k = 1;
select o from v;
