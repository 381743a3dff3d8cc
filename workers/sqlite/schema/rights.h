/*
 * What each role of bibd may do with each kind of object: the one list for GRANT and has_table_privilege().
 */
#ifndef BIBD_SQLITE_SCHEMA_RIGHTS_H
#define BIBD_SQLITE_SCHEMA_RIGHTS_H

#include <stdbool.h>

#include "common/roles.h"

enum right_kind {
	RIGHT_TABLE,
	RIGHT_COLUMN,
	RIGHT_SEQUENCE,
	RIGHT_OWN,     /* a temporary relation of the session that asks */
	RIGHT_CATALOG, /* a relation of pg_catalog or information_schema */
	RIGHT_HIDDEN,  /* a relation of pg_catalog that PUBLIC cannot read */
	RIGHT_TRAIL,   /* a relation of the schema bibd */
	RIGHT_SCHEMA,
	RIGHT_DATABASE,
	RIGHT_FUNCTION,
	RIGHT_LANGUAGE,
	RIGHT_TYPE,
	RIGHT_ROLE,
};

/* The n-th privilege of the kind, from 0, in lower case; NULL after the last. */
const char *right_name(enum right_kind kind, unsigned n);
/* Whether the kind has a privilege of that name, in whichever case. */
bool right_known(enum right_kind kind, const char *name);
/* Whether the role has that privilege; role ROLES stands for PUBLIC. */
bool right_has(enum right_kind kind, const char *name, int role);
/* Whether a relation of pg_catalog is one that PUBLIC can't read. */
bool right_hides_catalog(const char *name);

#endif
