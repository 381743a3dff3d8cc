-- char(n) beside other texts: in IN, ANY, CASE, NULLIF and subqueries, blanks at the end count for nothing
create table e (id int primary key, c char(5), v varchar(5), w char(8), x text, n varchar);
insert into e values (1, 'ab', 'ab', 'ab', 'ab', 'ab'), (2, 'ab', 'ab ', 'ab ', 'ab ', 'ab '), (3, '', '', '', '', ''),
  (4, 'b', 'a', 'b', 'B', 'a'), (5, null, 'x', 'y', 'z', null);
select id, c = v, c = w, c = x, c = n, v = c, w = c, x = c, n = c, c < v, c >= w, c <> x, c is distinct from v
  from e order by id;
select id, nullif(c, v), nullif(c, w), nullif(c, x), nullif(x, c), nullif(w, c) from e order by id;
select id, c = any('{ab,"b "}'), c <> all('{ab}'), c = any(array['ab', 'b ']), c = any(array['ab']),
  c = any(array[c, w]), c in ('ab', 'b '), c in ('ab'), c not in ('b', 'x'), w in ('ab', 'b'),
  case c when 'ab' then 1 when 'b' then 2 else 0 end from e order by id;
select id, v = any(array['ab'::char(3)]), x = any(array['ab'::char(3)]), c = any(array['ab'::varchar, 'b ']),
  c < any(array['b'::char(3)]), v < all(array['b'::char(3)]) from e order by id;
-- with {ab,x}
select id from e where c = any($1) order by id;
-- with {ab,x}
select id from e where c = any($1::text[]) order by id;
-- with {ab,x}
select id from e where c = any($1::varchar[]) order by id;
-- with {ab,x}
select id from e where c = any($1::char(5)[]) order by id;
-- with {"ab        ",x}
select id from e where c = any($1::bpchar[]) order by id;
-- with {ab,x}
select id from e where c <> all($1) order by id;
-- with ab | b
select id from e where c in ($1, $2) order by id;
-- with ab | b
select id from e where c between $1 and $2 order by id;
-- with ab
select case c when $1 then 1 end, nullif(c, $1), c is distinct from $1, coalesce(c, $1), c || $1 from e order by id;
select id from e where (c, id) in (('ab', 1), ('b', 4)) order by id;
select id from e where (c, id) = ('ab', 1);
select id from e where (c, id) >= ('ab', 2) order by id;
-- refused
select id from e where (c, id) in ((w, 1), ('b', 4)) order by id;
select id from e where c in (select w from e) order by id;
select id from e where c not in (select w from e where id = 1) order by id;
select id from e where c in (select x from e) order by id;
select id from e where x in (select c from e) order by id;
select id from e where v in (select c from e) order by id;
select id from e where 'b' in (select c from e) order by id;
-- refused
select id from e where c in (select v from e);
select id from e where exists (select 1 from e f where f.w = e.c) order by id;
select id from e where c = (select w from e where id = 1) order by id;
select id from e where c = any(select 'ab') order by id;
select id from e where 'ab' in (c, w) order by id;
select id, c in (w), c in (w, 'x'), c in (v), v in (c), x in (c), x in (c, w), c in (x), c in (x, 'b'), c in (v, 'q'),
  c between v and w, c between 'a' and 'ab ', v between c and c from e order by id;
-- refused
select id from e where v in (c, 'q');
select id, v = 'ab'::char(5), n = 'ab '::char(9), x = 'ab'::char(5), v = 'ab   '::bpchar from e order by id;
select id, c = 'ab'::varchar, c = 'ab '::varchar(9), c = 'ab '::text, 'ab '::text = c, 'ab '::char(4) = c
  from e order by id;
select a.id, b.id from e a, e b where a.c = b.w order by 1, 2;
select a.id, b.id from e a join e b on a.c = b.v order by 1, 2;
select a.id, b.id from e a join e b on a.c = b.x order by 1, 2;
select a.id, b.id from e a join (select w as c, id from e) b using (c) order by 1, 2;
select case c when w then 1 else 0 end, case x when c then 1 else 0 end, case c when 'ab'::text then 1 else 0 end,
  case when c = 'ab' then 1 else 0 end, case 'ab' when c then 1 else 0 end, case c when v then 1 when 'b' then 2 end
  from e order by id;
-- refused
select case v when c then 1 else 2 end from e;
select c::bytea, c::text::bytea, to_json(c) from e order by id;
create index on e (c);
select id from e where c = any('{ab,b}') order by id;
update e set x = 'found' where c = any('{b}') returning id, x;
delete from e where c in ('ab ', 'q');
create view s as select id, c in ('b', 'q') as i, case c when 'b' then 'is' else 'not' end as k, c = any('{b}') as y
  from e;
select * from s order by id;
-- arrays of them
create table arrays_of_padded (a char(4)[], t text[], v varchar(3)[]); insert into arrays_of_padded values
    ('{ab,x}', '{ab,"x "}', '{ab,y}');
-- may refuse
select a from arrays_of_padded union all select t from arrays_of_padded;
-- may refuse
select t from arrays_of_padded union all select a from arrays_of_padded;
-- may refuse
select a from arrays_of_padded union select t from arrays_of_padded order by 1;
-- may refuse
select coalesce(a, t), pg_typeof(coalesce(t, a)), pg_typeof(coalesce(v, t)), case when true then t else a end,
    pg_typeof(case when true then t else v end) from arrays_of_padded;
-- may refuse
select v from arrays_of_padded union all select t from arrays_of_padded union all select a from
    arrays_of_padded;
-- may refuse
select x from (values ('{a}'::text[]), ('{"b  "}'::char(3)[])) w(x);
-- may refuse
select array[coalesce('a%b_c', 'B'::char(4)), 'a%b_c'] union all select string_to_array('a,b', ',') order by 1;
drop table arrays_of_padded;
