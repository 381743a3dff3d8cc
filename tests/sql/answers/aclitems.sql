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
