/*
 * What must hold of a managed server's roles, as queries that answer with the statements which make it so, in the order
 * in which they are to run: none when all is as it should be. They run with search_path = pg_catalog.
 */
#include "workers/postgres/store/roles.h"

#include "common/roles.h"

#define LOGINS \
	"logins(name, role, side) as (select format('bibd_%s_%s', r, n), r, n" \
	" from unnest(" ROLE_SQL_ARRAY ") r, unnest(array['a', 'b']) n)"

const char roles_check_logins[] =
    "with " LOGINS ", have as (select * from logins left join pg_roles on rolname = name)"
    " select part, statement from ("
    /* a login that is not there yet */
    "select 1, 'n', format('create role %I %s in role %I', name, case when side = $1 then 'login' else 'nologin' end,"
    " role) from have where oid is null union all select 2, 'n', format('alter role %I set role = %L', name, role) "
    "from have where oid is null"
    /* once, in a database that is older than the role: extensions show what they count there */
    " union all select distinct 2, 'n', 'grant usage on schema public to monitor' from have, pg_namespace"
    " where have.oid is null and role = 'monitor' and nspname = 'public' and pg_has_role(nspowner, 'usage')"
    /* attributes */
    " union all select 3, 'l', format('alter role %I %s inherit connection limit -1 valid until ''infinity''', name,"
    " case when side = $1 then 'login' else '' end) from have where oid is not null and (side = $1 and not rolcanlogin"
    " or not rolinherit or rolconnlimit <> -1 or rolvaliduntil <> 'infinity')"
    /* those that are not in use are closed */
    " union all select 3, 'c', format('alter role %I nologin password null', name) from have"
    " where $2::boolean and side <> $1 and rolcanlogin"
    /* its own settings: the role, and nothing else */
    " union all select 4, 'l', format('alter role %1$I reset all; alter role %1$I set role = %2$L', name, role)"
    " from have where oid is not null and not exists (select from pg_db_role_setting"
    " where setrole = oid and setdatabase = 0 and setconfig = array['role=' || role])"
    " union all select 5, 'l', format('alter role %I in database %I reset all', name, datname)"
    " from have join pg_db_role_setting on setrole = have.oid join pg_database d on d.oid = setdatabase"
    /* memberships: a login in its role, bibd_system in all, and no other */
    " union all select 6, 'l', format('grant %I to %I', role, name) from have where oid is not null and not exists"
    " (select from pg_auth_members m where m.member = have.oid and m.roleid = (select r.oid from pg_roles r"
    " where r.rolname = role)) union all select 7, 'l', format('revoke %I from %I', g.rolname, m.rolname)"
    " from pg_auth_members a join pg_roles g on g.oid = a.roleid join pg_roles m on m.oid = a.member"
    " where m.rolname <> 'bibd_system' and not exists (select from logins where name = m.rolname and role = g.rolname)"
    " and exists (select from logins where name in (m.rolname, g.rolname) or role = g.rolname)"
    ") s(step, part, statement) order by step, statement";

/* Rights are given only on objects that have none at all, so that rights that an administrator took away stay away. */
#define SCHEMAS \
	"schemas as (select n.oid, nspname, nspacl, nspowner from pg_namespace n" \
	" where nspname !~ '^pg_' and nspname not in ('information_schema', 'bibd'))"

/* Default privileges on what admin will make: the statement's word, the catalog's letter, the role, the privileges. */
#define DEFAULTS \
	"defaults(kind, letter, grantee, privileges) as (values" \
	" ('tables', 'r', 'write', 'select, insert, update, delete, truncate'), ('tables', 'r', 'query', 'select')," \
	" ('sequences', 'S', 'write', 'usage, select, update'), ('sequences', 'S', 'query', 'select')," \
	" ('functions', 'f', 'write', 'execute'), ('functions', 'f', 'query', 'execute')," \
	" ('schemas', 'n', 'write', 'usage'), ('schemas', 'n', 'query', 'usage'))"

const char roles_check_rights[] =
    "with " LOGINS ", " DEFAULTS " select part, statement from ("
    /* the database: nobody but our roles */
    "select 1, 'o', format('revoke all on database %I from public', datname) from pg_database"
    " where datname = current_database() and exists (select from aclexplode(coalesce(datacl, acldefault('d', datdba)))"
    " where grantee = 0) union all select 2, 'o', format('grant connect%s on database %I to %I', extra, datname, "
    "grantee) from (values ('write', ', temporary'), ('query', ''), ('audit', ''), ('monitor', '')) g(grantee, extra), "
    "pg_database where datname = current_database() and not exists (select from aclexplode(datacl) a"
    " where a.grantee = g.grantee::regrole and a.privilege_type = 'CONNECT')"
    /* what a client made under its login's own name belongs to the role */
    " union all select 3, 'o', format('grant %1$I to bibd_system; reassign owned by %1$I to %2$I; revoke %1$I from "
    "bibd_system', name, role) from logins where exists (select from pg_shdepend d join pg_roles r on r.oid = "
    "d.refobjid where r.rolname = name and d.deptype = 'o' and d.refclassid = 'pg_authid'::regclass"
    " and d.dbid = (select oid from pg_database where datname = current_database()))"
    /* what will be made */
    " union all select 4, 'o', 'alter default privileges for role admin revoke execute on functions from public'"
    " where not exists (select from pg_default_acl where defaclrole = 'admin'::regrole and defaclnamespace = 0"
    " and defaclobjtype = 'f') or exists (select from pg_default_acl, aclexplode(defaclacl) where grantee = 0"
    " and defaclrole = 'admin'::regrole and defaclnamespace = 0 and defaclobjtype = 'f')"
    " union all select 5, 'o', format('alter default privileges for role admin grant %s on %s to %I', privileges, kind,"
    " grantee) from defaults d where (select count(*) from pg_default_acl, aclexplode(defaclacl) a"
    " where defaclrole = 'admin'::regrole and defaclnamespace = 0 and defaclobjtype = letter::\"char\""
    " and a.grantee = d.grantee::regrole and a.privilege_type = any (string_to_array(upper(privileges), ', ')))"
    " < cardinality(string_to_array(privileges, ', '))) s(step, part, statement) order by step, statement";

const char roles_check_objects[] =
    "with " SCHEMAS " select part, statement from ("
    /* schemas that are there: public as PostgreSQL makes it, and those without any rights */
    "select 6, 'o', format('revoke all on schema %1$I from public; grant usage on schema %1$I to write,"
    " query', nspname) from schemas where pg_has_role(nspowner, 'usage')"
    " and exists (select from aclexplode(nspacl) where grantee = 0)"
    " union all select 7, 'o', format('grant usage on schema %I to write, query', nspname)"
    " from schemas where nspacl is null and pg_has_role(nspowner, 'usage')"
    /* what is in them */
    " union all select 8, 'o', format('grant select, insert, update, delete, truncate on %1$I.%2$I to write;"
    " grant select on %1$I.%2$I to query', nspname, relname) from pg_class c join schemas s on s.oid = relnamespace"
    " where relkind in ('r', 'v', 'm', 'f', 'p') and relacl is null and pg_has_role(relowner, 'usage')"
    " union all select 9, 'o', format('grant usage, select, update on sequence %1$I.%2$I to write;"
    " grant select on sequence %1$I.%2$I to query', nspname, relname) from pg_class c"
    " join schemas s on s.oid = relnamespace where relkind = 'S' and relacl is null and pg_has_role(relowner, 'usage')"
    " union all select 10, 'o', format('revoke execute on routine %1$s from public;"
    " grant execute on routine %1$s to write, query', p.oid::regprocedure) from pg_proc p"
    " join schemas s on s.oid = pronamespace where proacl is null and pg_has_role(proowner, 'usage')"
    /* bibd's own: the audit table is the role audit's to read, and nothing else is anybody's */
    " union all select 11, 'o', 'grant usage on schema bibd to audit; grant select on bibd.audit to audit'"
    " where to_regclass('bibd.audit') is not null and not has_table_privilege('audit', to_regclass('bibd.audit'), "
    "'select') union all select 12, 'o', 'grant select on bibd.audit_head to audit'"
    " where to_regclass('bibd.audit_head') is not null"
    " and not has_table_privilege('audit', to_regclass('bibd.audit_head'), 'select')"
    ") s(step, part, statement) order by step, statement";
