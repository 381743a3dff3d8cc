/*
 * The list of rights.
 */
#include "workers/sqlite/schema/rights.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define ADMIN (1U << ROLE_ADMIN)
#define WRITE (1U << ROLE_WRITE)
#define QUERY (1U << ROLE_QUERY)
#define AUDIT (1U << ROLE_AUDIT)
#define EVERYONE ((1U << ROLES) - 1)

static const struct right {
	enum right_kind kind;
	const char *name;
	unsigned roles;
	bool public;
} rights[] = {
	{ RIGHT_TABLE, "select", ADMIN | WRITE | QUERY, false },
	{ RIGHT_TABLE, "insert", ADMIN | WRITE, false },
	{ RIGHT_TABLE, "update", ADMIN | WRITE, false },
	{ RIGHT_TABLE, "delete", ADMIN | WRITE, false },
	{ RIGHT_TABLE, "truncate", ADMIN | WRITE, false },
	{ RIGHT_TABLE, "references", ADMIN, false },
	{ RIGHT_TABLE, "trigger", ADMIN, false },
	{ RIGHT_COLUMN, "select", ADMIN | WRITE | QUERY, false },
	{ RIGHT_COLUMN, "insert", ADMIN | WRITE, false },
	{ RIGHT_COLUMN, "update", ADMIN | WRITE, false },
	{ RIGHT_COLUMN, "references", ADMIN, false },
	{ RIGHT_SEQUENCE, "usage", ADMIN | WRITE, false },
	{ RIGHT_SEQUENCE, "select", ADMIN | WRITE | QUERY, false },
	{ RIGHT_SEQUENCE, "update", ADMIN | WRITE, false },
	{ RIGHT_OWN, "select", ADMIN | WRITE, false },
	{ RIGHT_OWN, "insert", ADMIN | WRITE, false },
	{ RIGHT_OWN, "update", ADMIN | WRITE, false },
	{ RIGHT_OWN, "delete", ADMIN | WRITE, false },
	{ RIGHT_OWN, "truncate", ADMIN | WRITE, false },
	{ RIGHT_OWN, "references", ADMIN | WRITE, false },
	{ RIGHT_OWN, "trigger", ADMIN | WRITE, false },
	{ RIGHT_OWN, "usage", ADMIN | WRITE, false },
	{ RIGHT_CATALOG, "select", EVERYONE, true },
	{ RIGHT_CATALOG, "insert", ADMIN, false },
	{ RIGHT_CATALOG, "update", ADMIN, false },
	{ RIGHT_CATALOG, "delete", ADMIN, false },
	{ RIGHT_CATALOG, "truncate", ADMIN, false },
	{ RIGHT_CATALOG, "references", ADMIN, false },
	{ RIGHT_CATALOG, "trigger", ADMIN, false },
	{ RIGHT_HIDDEN, "select", ADMIN, false },
	{ RIGHT_HIDDEN, "insert", ADMIN, false },
	{ RIGHT_HIDDEN, "update", ADMIN, false },
	{ RIGHT_HIDDEN, "delete", ADMIN, false },
	{ RIGHT_HIDDEN, "truncate", ADMIN, false },
	{ RIGHT_HIDDEN, "references", ADMIN, false },
	{ RIGHT_HIDDEN, "trigger", ADMIN, false },
	{ RIGHT_TRAIL, "select", ADMIN | AUDIT, false },
	{ RIGHT_TRAIL, "insert", 0, false },
	{ RIGHT_TRAIL, "update", 0, false },
	{ RIGHT_TRAIL, "delete", 0, false },
	{ RIGHT_TRAIL, "truncate", 0, false },
	{ RIGHT_TRAIL, "references", 0, false },
	{ RIGHT_TRAIL, "trigger", 0, false },
	{ RIGHT_SCHEMA, "usage", EVERYONE, true },
	{ RIGHT_SCHEMA, "create", ADMIN, false },
	{ RIGHT_DATABASE, "create", ADMIN, false },
	{ RIGHT_DATABASE, "connect", EVERYONE, true },
	{ RIGHT_DATABASE, "temporary", ADMIN | WRITE, true },
	{ RIGHT_DATABASE, "temp", ADMIN | WRITE, true },
	{ RIGHT_FUNCTION, "execute", EVERYONE, true },
	{ RIGHT_LANGUAGE, "usage", EVERYONE, true },
	{ RIGHT_TYPE, "usage", EVERYONE, true },
	{ RIGHT_ROLE, "member", EVERYONE, false },
	{ RIGHT_ROLE, "usage", EVERYONE, false },
};

/* An old privilege that nobody has any more, but that has_table_privilege() still takes. */
static bool
is_old(enum right_kind kind, const char *name)
{
	return kind == RIGHT_TABLE && strcasecmp(name, "rule") == 0;
}

static const struct right *
find(enum right_kind kind, const char *name)
{
	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if (rights[i].kind == kind && strcasecmp(rights[i].name, name) == 0)
			return &rights[i];
	return NULL;
}

const char *
right_name(enum right_kind kind, unsigned n)
{
	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if (rights[i].kind == kind && n-- == 0)
			return rights[i].name;
	return NULL;
}

bool
right_known(enum right_kind kind, const char *name)
{
	return find(kind, name) != NULL || is_old(kind, name);
}

bool
right_has(enum right_kind kind, const char *name, int role)
{
	const struct right *right = find(kind, name);

	if (right == NULL)
		return false;
	return role == ROLES ? right->public : (right->roles & 1U << role) != 0;
}

bool
right_hides_catalog(const char *name)
{
	static const char *const hidden[] = { "pg_authid", "pg_shadow", "pg_statistic", "pg_statistic_ext_data",
		"pg_subscription", "pg_largeobject", "pg_user_mapping", "pg_hba_file_rules", "pg_file_settings",
		"pg_ident_file_mappings", "pg_config", "pg_backend_memory_contexts", "pg_shmem_allocations" };

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (strcmp(hidden[i], name) == 0)
			return true;
	return false;
}
