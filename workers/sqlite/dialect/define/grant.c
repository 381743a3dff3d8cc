/*
 * GRANT, REVOKE and what else says who may do what. Roles and their rights are in bibd's configuration: a statement
 * that says what they say already is accepted; a GRANT of more is accepted with a WARNING, since it leaves a door
 * shut; a REVOKE of what a role keeps is refused, since it would leave one open that its author believes to be shut.
 */
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/schema/rights.h"
#include "workers/sqlite/schema/routine.h"

/* The list of rights that a kind of object has; -1: none is kept. */
static int
kind_of(PgQuery__ObjectType type)
{
	static const struct {
		PgQuery__ObjectType type;
		enum right_kind kind;
	} kinds[] = {
		{ PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, RIGHT_TABLE },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE, RIGHT_SEQUENCE },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA, RIGHT_SCHEMA },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE, RIGHT_DATABASE },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION, RIGHT_FUNCTION },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE, RIGHT_FUNCTION },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE, RIGHT_FUNCTION },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_LANGUAGE, RIGHT_LANGUAGE },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_TYPE, RIGHT_TYPE },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN, RIGHT_TYPE },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type)
			return (int)kinds[i].kind;
	return -1;
}

int
define_find_role(struct translator *t, const PgQuery__RoleSpec *spec, const char **name)
{
	*name = "public";
	switch (spec->roletype) {
	case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC:
		return ROLES;
	case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING:
		break;
	default: /* CURRENT_USER and its kind: only admin may come here */
		*name = role_names[ROLE_ADMIN];
		return ROLE_ADMIN;
	}
	*name = spec->rolename;
	for (int role = 0; role < ROLES; role++)
		if (strcmp(role_names[role], spec->rolename) == 0)
			return role;
	return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "role \"%s\" does not exist", spec->rolename);
}

/* The rights that are named, of that kind: all of them, or any. -1: one is none of this kind's. */
static int
judge(struct translator *t, const PgQuery__GrantStmt *stmt, const char *privilege, int role, bool *all, bool *any)
{
	int kind = kind_of(stmt->objtype);
	bool known = false;
	const char *name;

	for (unsigned i = 0; kind != -1 && (name = right_name((enum right_kind)kind, i)) != NULL; i++) {
		if (privilege != NULL && strcmp(name, privilege) != 0)
			continue;
		known = true;
		*all &= right_has((enum right_kind)kind, name, role);
		*any |= right_has((enum right_kind)kind, name, role);
	}
	if (known)
		return 0;
	return translate_refuse(t, -1,
	    privilege == NULL ? "GRANT and REVOKE on this kind of object" : "GRANT and REVOKE of this privilege");
}

static int
check_grantee(struct translator *t, const PgQuery__GrantStmt *stmt, const PgQuery__RoleSpec *spec)
{
	bool all = true, any = false;
	const char *name;
	int role = define_find_role(t, spec, &name);

	if (role == -1)
		return -1;
	if (stmt->n_privileges == 0 && judge(t, stmt, NULL, role, &all, &any) == -1)
		return -1;
	for (size_t i = 0; i < stmt->n_privileges; i++)
		if (judge(t, stmt, stmt->privileges[i]->access_priv->priv_name, role, &all, &any) == -1)
			return -1;
	if (!stmt->is_grant && any)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "REVOKE is not supported on SQLite for what role \"%s\" has by bibd's configuration", name);
	if (stmt->is_grant && (!all || stmt->grant_option))
		return define_add_warning(t,
		    "nothing was granted to role \"%s\": what it may do is in bibd's configuration", name);
	return 0;
}

static int
check_relation(struct translator *t, const PgQuery__RangeVar *relation)
{
	const char *schema, *name;

	if (translate_relation_name(t, relation, &schema, &name) == -1)
		return -1;
	if (schema != NULL)
		return 0;
	return translate_fail(t, -1, SQLSTATE_UNDEFINED_TABLE, "relation \"%s\" does not exist", relation->relname);
}

/* What is named must be there, as far as it can be told. */
static int
check_objects(struct translator *t, const PgQuery__GrantStmt *stmt)
{
	bool schemas = stmt->targtype == PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_ALL_IN_SCHEMA ||
	    stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA;

	for (size_t i = 0; i < stmt->n_objects; i++) {
		const PgQuery__Node *node = stmt->objects[i];
		const char *name = translate_string(node);

		if (node->node_case == PG_QUERY__NODE__NODE_RANGE_VAR && check_relation(t, node->range_var) == -1)
			return -1;
		if (stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_LANGUAGE && name != NULL &&
		    (strcmp(name, "c") == 0 || strcmp(name, "internal") == 0)) {
			(void)translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "language \"%s\" is not trusted", name);
			report_detail(t->report, "%s",
			    "GRANT and REVOKE are not allowed on untrusted languages, because only "
			    "superusers can use untrusted languages.");
			return -1;
		}
		if (schemas && name != NULL && !schema_has_namespace(t->schema, name))
			return translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist",
			    name);
	}
	return 0;
}

static int
accept(struct translator *t, const char *tag)
{
	t->plan->kind = DIALECT_ACCEPT;
	t->plan->tag = tag;
	return 0;
}

static int
check_grant(struct translator *t, const PgQuery__GrantStmt *stmt)
{
	if (check_objects(t, stmt) == -1)
		return -1;
	for (size_t i = 0; i < stmt->n_grantees; i++)
		if (check_grantee(t, stmt, stmt->grantees[i]->role_spec) == -1)
			return -1;
	return 0;
}

int
define_grant(struct translator *t, const PgQuery__GrantStmt *stmt)
{
	return check_grant(t, stmt) == -1 ? -1 : accept(t, stmt->is_grant ? "GRANT" : "REVOKE");
}

int
define_default_privileges(struct translator *t, const PgQuery__AlterDefaultPrivilegesStmt *stmt)
{
	return check_grant(t, stmt->action) == -1 ? -1 : accept(t, "ALTER DEFAULT PRIVILEGES");
}

/* Nobody is a member of another role, and nobody becomes one. */
int
define_grant_role(struct translator *t, const PgQuery__GrantRoleStmt *stmt)
{
	for (size_t i = 0; i < stmt->n_granted_roles; i++) {
		const char *role = stmt->granted_roles[i]->access_priv->priv_name;
		PgQuery__RoleSpec named = PG_QUERY__ROLE_SPEC__INIT;
		const char *name, *member;

		named.roletype = PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING;
		named.rolename = (char *)(uintptr_t)role;
		if (define_find_role(t, &named, &name) == -1)
			return -1;
		for (size_t n = 0; n < stmt->n_grantee_roles; n++) {
			if (define_find_role(t, stmt->grantee_roles[n]->role_spec, &member) == -1 ||
			    define_add_warning(t,
				stmt->is_grant
				    ? "role \"%s\" was not made a member of role \"%s\": roles are in bibd's "
				      "configuration"
				    : "role \"%s\" is not a member of role \"%s\"",
				member, name) == -1)
				return -1;
		}
	}
	return accept(t, stmt->is_grant ? "GRANT ROLE" : "REVOKE ROLE");
}

static bool
is_role(const char *name)
{
	for (int role = 0; role < ROLES; role++)
		if (strcmp(role_names[role], name) == 0)
			return true;
	return false;
}

int
define_create_role(struct translator *t, const PgQuery__CreateRoleStmt *stmt)
{
	if (is_role(stmt->role))
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT, "role \"%s\" already exists", stmt->role);
	return translate_refuse(t, -1, "CREATE ROLE (roles are in bibd's configuration)");
}

int
define_alter_role(struct translator *t, const PgQuery__AlterRoleStmt *stmt)
{
	const char *name;

	if (define_find_role(t, stmt->role, &name) == -1)
		return -1;
	return translate_refuse(t, -1, "ALTER ROLE (roles are in bibd's configuration)");
}

int
define_drop_role(struct translator *t, const PgQuery__DropRoleStmt *stmt)
{
	for (size_t i = 0; i < stmt->n_roles; i++) {
		const char *name = stmt->roles[i]->role_spec->rolename;

		if (stmt->roles[i]->role_spec->roletype != PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING || is_role(name))
			return translate_refuse(t, -1, "DROP ROLE (roles are in bibd's configuration)");
		if (!stmt->missing_ok)
			return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "role \"%s\" does not exist", name);
		if (define_add_notice(t, "role \"%s\" does not exist, skipping", name) == -1)
			return -1;
	}
	return accept(t, "DROP ROLE");
}

/* Everything belongs to admin. */
int
define_accept_owner(struct translator *t, const PgQuery__RoleSpec *owner)
{
	const char *name =
	    owner != NULL && owner->roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING ? owner->rolename : "admin";

	if (strcmp(name, role_names[ROLE_ADMIN]) == 0)
		return 0;
	return define_add_warning(t, "the owner was not changed to \"%s\": everything belongs to role \"admin\"", name);
}

static bool
is_routine(PgQuery__ObjectType type)
{
	return type == PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION || type == PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE ||
	    type == PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE;
}

/* With a function that runs with its owner's rights they would change. */
static int
check_routine_owner(struct translator *t, const PgQuery__AlterOwnerStmt *stmt)
{
	const PgQuery__ObjectWithArgs *object = stmt->object->object_with_args;
	const PgQuery__RoleSpec *owner = stmt->newowner;
	struct schema_routine *all;
	bool definer = false;
	unsigned n;

	if (translate_check_routine(t, object) < 0)
		return -1;
	all =
	    schema_routines(schema_database(t->schema), translate_own_name(t, object->objname, object->n_objname), &n);
	for (unsigned i = 0; i < n; i++)
		definer |= schema_routine_option(&all[i], SCHEMA_ROUTINE_DEFINER) != NULL;
	schema_routines_free(all, n);
	return definer && owner != NULL && owner->roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING &&
		strcmp(owner->rolename, role_names[ROLE_ADMIN]) != 0
	    ? translate_refuse(t, -1, "another owner of a SECURITY DEFINER function")
	    : 0;
}

int
define_alter_owner(struct translator *t, const PgQuery__AlterOwnerStmt *stmt)
{
	static const struct {
		PgQuery__ObjectType type;
		const char *tag;
	} tags[] = {
		{ PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA, "ALTER SCHEMA" },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE, "ALTER DATABASE" },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_TYPE, "ALTER TYPE" },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN, "ALTER DOMAIN" },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION, "ALTER FUNCTION" },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE, "ALTER PROCEDURE" },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE, "ALTER ROUTINE" },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_AGGREGATE, "ALTER AGGREGATE" },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_LANGUAGE, "ALTER LANGUAGE" },
	};
	const char *tag = "ALTER TABLE";

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (tags[i].type == stmt->object_type)
			tag = tags[i].tag;
	if (is_routine(stmt->object_type) && check_routine_owner(t, stmt) < 0)
		return -1;
	return define_accept_owner(t, stmt->newowner) == -1 ? -1 : accept(t, tag);
}
