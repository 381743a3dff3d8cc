-- What is shown by a name is sorted, grouped and told apart by its OID
select i::oid::regtype as t from (values (25), (16), (23), (700), (20)) v(i) order by t;
select i::oid::regtype as t from (values (25), (16), (23), (700), (20)) v(i) order by 1 desc;
select distinct i::oid::regtype, i % 2 as i from (values (25), (16), (23), (700), (20)) v(i) order by 1 limit 3;
select i::oid::regtype, count(*) as i from (values (25), (16), (25), (700), (20)) v(i) group by 1 order by 1;
select 'text'::regtype as t union select 'float4'::regtype union all select 'bool'::regtype order by t;
values ('text'::regtype, 1), ('float4'::regtype, 2), ('bool'::regtype, 3) order by 1;
with q as (select i::oid::regtype as t, i as t from (values (25), (700), (16)) v(i)) select * from q order by 1;
declare types cursor for select i::oid::regtype as t from (values (25), (16), (700)) v(i) order by 1;
begin;
declare types cursor for select i::oid::regtype as t from (values (25), (16), (700)) v(i) order by 1;
fetch 2 from types;
rollback;
