-- A text that is no aclitem is an error.
select 'admin=r/admin'::aclitem;
select '""=r*/""'::aclitem;
select 'admin=r/'::aclitem;
select 'admin'::aclitem;
select 'admin=q/admin'::aclitem;
select 'admin=r/admin x'::aclitem;
select '=r/admin'::aclitem;
select '{admin=r/admin,=U/admin}'::aclitem[];
select '{admin=r/admin,admin}'::aclitem[];
select acldefault('r', 10);
create table acl (a int);
select relacl from pg_class where relname = 'acl';
select nspacl from pg_namespace where nspname = 'public';
drop table acl;
-- Its roles must be there.
select 'nobody_here=r/admin'::aclitem;
select 'admin=r/nobody_here'::aclitem;
select '"no""body"=r*/"no""body"'::aclitem;
select 'nobody_here=q/admin'::aclitem;
select 'nobody_here=r/'::aclitem;
select 'nobody_here'::aclitem;
select '=r/nobody_here x'::aclitem;
select 'pg_monitor=arw*d/admin'::aclitem, '=r/admin'::aclitem, 'admin=/admin'::aclitem;
-- refused
select 'user admin=arw/admin'::aclitem;
-- refused
select 'admin=wr/admin'::aclitem;
-- refused
select '"admin"=r/admin'::aclitem;
-- refused
select 'admin=r'::aclitem;
select '{admin=r/admin,nobody_here=r/admin}'::aclitem[];
