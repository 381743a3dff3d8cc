/*
 * ALTER TABLE's commands for constraints, and for UNLOGGED, which keys must agree about.
 */
#include <limits.h>
#include <string.h>

#include "workers/sqlite/dialect/define/alter.h"
#include "workers/sqlite/schema/inherit.h"

static struct definition_constraint *
find_constraint(struct alter *alter, const char *name)
{
	struct definition_constraint *c = definition_find_constraint(&alter->rebuild.after, name);

	if (c == NULL)
		(void)translate_fail(alter->t, -1, SQLSTATE_UNDEFINED_OBJECT,
		    "constraint \"%s\" of relation \"%s\" does not exist", name, alter->rebuild.table->name);
	return c;
}

/* What is there always holds, but where it was not to be looked at: the rows are written anew then. */
int
alter_validate(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	struct definition_constraint *c = find_constraint(alter, command->name);

	if (c == NULL)
		return -1;
	if (c->not_valid && c->kind == DEFINITION_CHECK && !c->no_inherit &&
	    schema_has_children(alter->t->schema, alter->rebuild.table))
		return translate_refuse(alter->t, -1, "VALIDATE CONSTRAINT of a table with children");
	if (c->not_valid) {
		c->not_valid = false;
		alter->changed = true;
		alter->native = false;
	}
	if (c->kind == DEFINITION_FOREIGN_KEY || c->kind == DEFINITION_CHECK)
		return 0;
	return translate_fail(alter->t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
	    "constraint \"%s\" of relation \"%s\" is not a foreign key or check constraint", command->name,
	    alter->rebuild.table->name);
}

int
alter_deferral(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	const PgQuery__Constraint *wanted = command->def->constraint;
	struct definition_constraint *c = find_constraint(alter, wanted->conname);

	if (c == NULL)
		return -1;
	if (c->kind != DEFINITION_FOREIGN_KEY)
		return translate_fail(alter->t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
		    "constraint \"%s\" of relation \"%s\" is not a foreign key constraint", wanted->conname,
		    alter->rebuild.table->name);
	alter->changed = true;
	alter->native = false;
	return define_set_deferral(alter->t, c, wanted->deferrable, wanted->initdeferred);
}

/* Whether the foreign key refers to the key of this table. */
static bool
uses_key(const struct definition_constraint *c, const char *table, const struct definition_constraint *key)
{
	if (c->kind != DEFINITION_FOREIGN_KEY || strcmp(c->parent, table) != 0)
		return false;
	return c->parent_columns.count == 0 ? key->kind == DEFINITION_PRIMARY_KEY
					    : definition_names_has(&key->columns, c->parent_columns.names[0]);
}

static int
refuse_key_use(struct alter *alter, const struct definition_constraint *key, const struct definition_constraint *c,
    const char *child, bool cascade)
{
	if (cascade)
		return translate_refuse(alter->t, -1, "CASCADE to foreign keys");
	translate_fail(alter->t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
	    "cannot drop constraint %s on table %s because other objects depend on it",
	    key->name == NULL ? "" : key->name, alter->rebuild.table->name);
	report_detail(alter->t->report, "constraint %s on table %s depends on index %s", c->name == NULL ? "" : c->name,
	    child, key->name == NULL ? "" : key->name);
	report_hint(alter->t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	return -1;
}

int
alter_check_key_use(struct alter *alter, const struct definition_constraint *key, bool cascade)
{
	struct definition_names children = { 0 }, none = { 0 };
	const char *table = alter->rebuild.table->name;
	int result = 0;

	if (key->kind != DEFINITION_PRIMARY_KEY && key->kind != DEFINITION_UNIQUE)
		return 0;
	if (define_find_children(alter->t, table, &none, &children) == -1)
		return -1;
	for (unsigned i = 0; result == 0 && i < children.count; i++) {
		const struct schema_table *child = schema_find_table(alter->t->schema, "public", children.names[i]);
		struct definition d;

		if (child == NULL || definition_parse(child->sql, &d) == -1)
			continue;
		for (unsigned n = 0; result == 0 && n < d.nconstraints; n++)
			if (uses_key(&d.constraints[n], table, key))
				result = refuse_key_use(alter, key, &d.constraints[n], children.names[i], cascade);
		definition_free(&d);
	}
	definition_names_free(&children);
	/* The table's own foreign keys, as far as they are to stay. */
	for (unsigned n = 0; result == 0 && n < alter->rebuild.after.nconstraints; n++)
		if (uses_key(&alter->rebuild.after.constraints[n], table, key))
			result = refuse_key_use(alter, key, &alter->rebuild.after.constraints[n], table, cascade);
	return result;
}

/* A key's columns must not be NULL: SQLite would number NULLs of a rowid column by itself. */
static void
guard_key(struct alter *alter, const struct definition_constraint *key)
{
	for (unsigned i = 0; i < alter->rebuild.after.ncolumns; i++) {
		if (definition_names_has(&key->columns, alter->rebuild.after.columns[i].name) &&
		    alter->rebuild.sources[i] != NULL && !alter->rebuild.after.columns[i].not_null)
			alter->rebuild.guarded[i] = true;
	}
}

int
alter_add_constraint(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	struct definition *d = &alter->rebuild.after;
	unsigned before = d->nconstraints;
	struct definition_constraint *key;
	const PgQuery__Constraint *wanted;

	if (command->def == NULL || command->def->node_case != PG_QUERY__NODE__NODE_CONSTRAINT)
		return translate_refuse(alter->t, -1, "this ALTER TABLE");
	if (command->def->constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN &&
	    command->def->constraint->skip_validation && d->partition != NULL)
		return translate_fail(alter->t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
		    "cannot add NOT VALID foreign key on partitioned table \"%s\" referencing relation \"%s\"",
		    alter->rebuild.table->name, command->def->constraint->pktable->relname);
	wanted = command->def->constraint;
	if ((wanted->indexname != NULL && *wanted->indexname != '\0'
		    ? alter_add_using(alter, wanted)
		    : define_add_constraint(alter->t, d, alter->rebuild.table->schema, wanted, UINT_MAX)) == -1)
		return -1;
	key = &d->constraints[d->nconstraints - 1];
	if (key->kind == DEFINITION_CHECK && before < d->nconstraints && wanted->skip_validation)
		key->not_valid = true;
	if (key->kind == DEFINITION_PRIMARY_KEY)
		guard_key(alter, key);
	alter->changed = true;
	alter->native = false;
	alter->nconstraints = d->nconstraints;
	return 0;
}

/* A view whose GROUP BY relies on the key can't do without it. */
static int
check_key_views(struct alter *alter, const struct definition_constraint *key, bool cascade)
{
	struct definition_names views = { 0 };
	const struct schema_table *table = alter->rebuild.table;
	const char *name = key->name == NULL ? "" : key->name;
	int result = alter_find_views(alter, &views);

	for (unsigned i = 0; result == 0 && i < views.count; i++) {
		const struct schema_table *view = schema_find_table(alter->t->schema, table->schema, views.names[i]);

		if (view == NULL || !define_view_needs_key(alter->t, view, table))
			continue;
		if (cascade) {
			result = alter_drop_view(alter, view);
			continue;
		}
		result = translate_fail(alter->t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
		    "cannot drop constraint %s on table %s because other objects depend on it", name, table->name);
		report_detail(alter->t->report, "%s %s depends on constraint %s on table %s", alter_view_word(view),
		    view->name, name, table->name);
		report_hint(alter->t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	}
	definition_names_free(&views);
	return result;
}

int
alter_drop_constraint(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	struct definition *d = &alter->rebuild.after;
	const struct definition_constraint *c = definition_find_constraint(d, command->name);
	const char *table = alter->rebuild.table->name;
	bool cascade = command->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
	struct definition_column *column;

	if (c == NULL) {
		if (!command->missing_ok)
			return translate_fail(alter->t, -1, SQLSTATE_UNDEFINED_OBJECT,
			    "constraint \"%s\" of relation \"%s\" does not exist", command->name, table);
		return define_add_notice(alter->t, "constraint \"%s\" of relation \"%s\" does not exist, skipping",
		    command->name, table);
	}
	if (alter_check_key_use(alter, c, cascade) == -1)
		return -1;
	if (c->kind == DEFINITION_PRIMARY_KEY && check_key_views(alter, c, cascade) == -1)
		return -1;
	column = definition_rowid_column(d);
	if (c->kind == DEFINITION_PRIMARY_KEY && column != NULL)
		column->not_null = true;
	definition_remove_constraint(d, (unsigned)(c - d->constraints));
	alter->changed = true;
	alter->native = false;
	alter->nconstraints = d->nconstraints;
	return 0;
}

static int
fail_logged(struct alter *alter, bool unlogged, const char *other)
{
	return translate_fail(alter->t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
	    unlogged ? "could not change table \"%s\" to unlogged because it references logged table \"%s\""
		     : "could not change table \"%s\" to logged because it references unlogged table \"%s\"",
	    alter->rebuild.table->name, other);
}

static bool
is_unlogged(struct alter *alter, const char *name)
{
	const struct schema_table *table = schema_find_table(alter->t->schema, "public", name);
	struct definition d;
	bool unlogged;

	if (table == NULL || definition_parse(table->sql, &d) == -1)
		return false;
	unlogged = d.unlogged;
	definition_free(&d);
	return unlogged;
}

/* A table that outlives a crash has no keys to one that does not. */
static int
check_logged_keys(struct alter *alter, bool unlogged)
{
	const struct definition *d = &alter->rebuild.after;
	struct definition_names children = { 0 }, none = { 0 };
	int result = 0;

	for (unsigned i = 0; !unlogged && i < d->nconstraints; i++)
		if (d->constraints[i].kind == DEFINITION_FOREIGN_KEY &&
		    strcmp(d->constraints[i].parent, d->name) != 0 && is_unlogged(alter, d->constraints[i].parent))
			return fail_logged(alter, unlogged, d->constraints[i].parent);
	if (unlogged && define_find_children(alter->t, alter->rebuild.table->name, &none, &children) == -1)
		return -1;
	for (unsigned i = 0; result == 0 && i < children.count; i++)
		if (strcmp(children.names[i], alter->rebuild.table->name) != 0 &&
		    !is_unlogged(alter, children.names[i]))
			result = fail_logged(alter, unlogged, children.names[i]);
	definition_names_free(&children);
	return result;
}

int
alter_logged(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	bool unlogged = command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetUnLogged;
	struct definition *d = &alter->rebuild.after;

	if (d->temporary)
		return translate_fail(alter->t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "cannot change logged status of table \"%s\" because it is temporary", alter->rebuild.table->name);
	if (d->unlogged == unlogged)
		return 0;
	if (check_logged_keys(alter, unlogged) == -1)
		return -1;
	d->unlogged = unlogged;
	alter->changed = true;
	alter->native = false;
	return 0;
}
