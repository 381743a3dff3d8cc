-- The text of views over functions side by side
create view vfs as select * from unnest(array[10,20],array['foo','bar'],array[1.0]) as z(a,b,c);
select pg_get_viewdef('vfs'::regclass), pg_get_viewdef('vfs'::regclass, true);
select definition from pg_views where viewname = 'vfs';
drop view vfs;
create view vfs as select * from rows from(unnest(array[10,20],array['foo','bar'],array[1.0])) as z(a,b,c);
select pg_get_viewdef('vfs'::regclass), pg_get_viewdef('vfs'::regclass, true);
drop view vfs;
create view vfs as
  select * from rows from(unnest(array[10,20],array['foo','bar']), generate_series(1,2)) as z(a,b,c);
select pg_get_viewdef('vfs'::regclass), pg_get_viewdef('vfs'::regclass, true);
drop view vfs;
create view vfs as select z.b, v.x + z.ord as s from (values (1), (2)) v(x)
  join rows from(generate_series(1, 3), unnest(array[true, false])) with ordinality as z(a, b, ord) on v.x = z.a
  where z.ord < 3;
select pg_get_viewdef('vfs'::regclass), pg_get_viewdef('vfs'::regclass, true);
select * from vfs order by s;
drop view vfs;
create view vfs as select g from rows from(generate_series(1, 3)) g;
select pg_get_viewdef('vfs'::regclass), pg_get_viewdef('vfs'::regclass, true);
drop view vfs;
create view vfs as select q.a from unnest(array[1,2], array[3,4]) with ordinality as q(a, b, c);
select pg_get_viewdef('vfs'::regclass), pg_get_viewdef('vfs'::regclass, true);
drop view vfs;
create view vfs as select g.* from generate_series(1, 3) with ordinality g;
select pg_get_viewdef('vfs'::regclass), pg_get_viewdef('vfs'::regclass, true);
drop view vfs;
create view vfs as select * from generate_series(1, 3), unnest(array['a', 'b']) u(v), upper('x') up;
select pg_get_viewdef('vfs'::regclass), pg_get_viewdef('vfs'::regclass, true);
drop view vfs;
create view vfs as select count(*) from unnest(array[1,2], array[3,4]) q;
-- may refuse
select pg_get_viewdef('vfs'::regclass), pg_get_viewdef('vfs'::regclass, true);
drop view vfs;
-- What the catalog does not know of a view it does not tell.
create function vfo(int) returns int language sql as 'select $1 + 1';
create view vfk as select 1 as a;
create view vfu as select vfo(1) as a;
select schemaname, viewname from pg_views where schemaname = 'public' and viewname like 'vf%' order by 2;
select viewname, definition from pg_views where viewname = 'vfk';
select v.* from pg_views v where viewname = 'vfk';
select definition is null from pg_views where viewname = 'vfk' and definition like '%1 AS a%';
-- may refuse
select definition from pg_views where viewname = 'vfu';
select p.viewname from pg_views p join pg_class c on c.relname = p.viewname where p.viewname like 'vf%' order by 1;
select count(*) from pg_views where viewname like 'vf%';
drop view vfu, vfk;
drop function vfo;
