/*
 * Tables that can't be changed yet: rows of the transaction break a deferred foreign key of theirs until its end.
 */
#include <sqlite3.h>
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/schema/names.h"

/* Whether a row of this transaction breaks a foreign key. */
static bool
has_broken(struct translator *t)
{
	int now = 0, highest;

	return sqlite3_db_status(schema_database(t->schema), SQLITE_DBSTATUS_DEFERRED_FKS, &now, &highest, 0) ==
	    SQLITE_OK &&
	    now > 0;
}

/* A foreign key of the table that is deferred; with a parent: one that refers to that. */
static bool
is_deferred(const struct schema_table *table, const char *parent)
{
	struct definition d;
	bool found = false;

	if (table == NULL || table->sql == NULL || definition_parse(table->sql, &d) == -1)
		return false;
	for (unsigned i = 0; !found && i < d.nconstraints; i++) {
		const struct definition_constraint *c = &d.constraints[i];

		found = c->kind == DEFINITION_FOREIGN_KEY && c->deferred &&
		    (parent == NULL || strcmp(c->parent, parent) == 0);
	}
	definition_free(&d);
	return found;
}

int
define_check_in_use(struct translator *t, const struct schema_table *table, const char *command)
{
	struct definition_names children = { 0 }, none = { 0 };
	int result;

	if (strcmp(table->schema, "public") != 0 || !has_broken(t))
		return 0;
	if (is_deferred(table, NULL))
		return translate_fail(t, -1, SQLSTATE_OBJECT_IN_USE,
		    "cannot %s \"%s\" because it has pending trigger events", command, namespace_relation(table->name));
	/* Whether rows of this one or of the other are looked at in the end is not told. */
	result = define_find_children(t, table->name, &none, &children);
	for (unsigned i = 0; result == 0 && i < children.count; i++)
		if (is_deferred(schema_find_table(t->schema, "public", children.names[i]), table->name))
			result = translate_refuse(t, -1, "changing a table while rows break a foreign key to it");
	definition_names_free(&children);
	return result;
}
