/*
 * ALTER TABLE ... INHERIT and NO INHERIT: a table with what a parent has becomes its child, and is one no longer.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/alter.h"
#include "workers/sqlite/dialect/define/inherit.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/trigger.h"

static const char *
shown(const struct schema_table *table)
{
	return namespace_relation(table->name);
}

/* ---- what may be whose child ---- */

static int
wrong_kind(struct translator *t, const char *what)
{
	if (what == NULL)
		return -1;
	return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "%s", what);
}

static int
check_circle(struct translator *t, const struct schema_table *child, const struct schema_table *parent)
{
	unsigned n;
	const struct schema_table *const *below = schema_descendants(t->schema, child, &n);
	bool circle = child == parent;

	for (unsigned i = 0; below != NULL && i < n; i++)
		circle |= below[i] == parent;
	if (!circle)
		return 0;
	(void)translate_fail(t, -1, SQLSTATE_DUPLICATE_TABLE, "circular inheritance not allowed");
	report_detail(t->report, "\"%s\" is already a child of \"%s\".", shown(parent), shown(child));
	return -1;
}

static int
check_triggers(struct translator *t, const struct schema_table *child)
{
	unsigned n;
	const struct schema_trigger *all;

	if (schema_load_triggers(t->schema) == -1)
		return translate_out_of_memory(t);
	all = schema_triggers(t->schema, &n);
	for (unsigned i = 0; i < n; i++) {
		if (strcmp(all[i].relation, child->name) != 0 || (all[i].type & TRIGGER_ROW) == 0 ||
		    (all[i].old_table == NULL && all[i].new_table == NULL) || strcmp(child->schema, "public") != 0)
			continue;
		(void)translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "trigger \"%s\" prevents table \"%s\" from becoming an inheritance child", all[i].name,
		    shown(child));
		report_detail(t->report,
		    "ROW triggers with transition tables are not supported in inheritance hierarchies.");
		return -1;
	}
	return 0;
}

static int
check_parent(struct translator *t, const struct definition *d, const struct schema_table *child,
    const struct schema_table *parent)
{
	if (parent->partition_key != NULL)
		return wrong_kind(t,
		    translator_format(t, "cannot inherit from partitioned table \"%s\"", shown(parent)));
	if (parent->partition != NULL)
		return wrong_kind(t, "cannot inherit from a partition");
	if (parent->kind != 'r')
		return wrong_kind(t, translator_format(t, "\"%s\" is not a table or foreign table", shown(parent)));
	if (strcmp(parent->schema, "temp") == 0 && strcmp(child->schema, "temp") != 0)
		return wrong_kind(t,
		    translator_format(t, "cannot inherit from temporary relation \"%s\"", shown(parent)));
	if (strcmp(parent->schema, child->schema) != 0)
		return translate_refuse(t, -1, "a temporary table that inherits from one that is not");
	if (definition_names_has(&d->parents, parent->name))
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_TABLE,
		    "relation \"%s\" would be inherited from more than once", shown(parent));
	return check_circle(t, child, parent) == -1 ? -1 : check_triggers(t, child);
}

/* ---- what the child has ---- */

static int
check_column(struct translator *t, const struct definition *d, const char *child, const struct definition_column *from)
{
	const struct definition_column *own = definition_find_column(d, from->name);

	if (own == NULL)
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH, "child table is missing column \"%s\"",
		    from->name);
	if (own->oid != from->oid || own->typmod != from->typmod || own->domain != from->domain)
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
		    "child table \"%s\" has different type for column \"%s\"", child, from->name);
	if (from->not_null && !own->not_null)
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
		    "column \"%s\" in child table must be marked NOT NULL", from->name);
	if (from->generated != NULL && own->generated == NULL)
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
		    "column \"%s\" in child table must be a generated column", from->name);
	if (from->generated != NULL && !kept_same(from->generated, own->generated))
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
		    "column \"%s\" in child table has a conflicting generation expression", from->name);
	return 0;
}

static int
check_constraint(struct translator *t, const struct definition *d, const char *child,
    const struct definition_constraint *from)
{
	const struct definition_constraint *own = definition_find_constraint(d, from->name);

	if (own == NULL || own->kind != DEFINITION_CHECK)
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH, "child table is missing constraint \"%s\"",
		    from->name);
	if (!kept_same(own->expression, from->expression))
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
		    "child table \"%s\" has different definition for check constraint \"%s\"", child, from->name);
	if (own->not_valid && !from->not_valid)
		return translate_fail(t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "constraint \"%s\" conflicts with NOT VALID constraint on child table \"%s\"", from->name, child);
	return own->no_inherit
	    ? translate_fail(t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
		  "constraint \"%s\" conflicts with non-inherited constraint on child table \"%s\"", from->name, child)
	    : 0;
}

/* Whether it has the column of a parent already, and then perhaps not by its own word. */
static bool
is_inherited_column(const struct alter *alter, const char *name)
{
	const struct definition *d = &alter->rebuild.after;
	bool found = false;

	for (unsigned i = 0; !found && i < d->parents.count; i++) {
		const struct schema_table *parent =
		    schema_find_table(alter->t->schema, alter->rebuild.table->schema, d->parents.names[i]);

		found = parent != NULL && schema_find_column(parent, name) != NULL;
	}
	return found;
}

/* What it has by its own word it keeps when it is no child any more. */
static int
take_columns(struct alter *alter, const struct schema_table *parent)
{
	struct definition *d = &alter->rebuild.after;
	const char *child = shown(alter->rebuild.table);
	struct definition from;
	int result;

	if (define_load(alter->t, parent, &from) == -1)
		return -1;
	result = 0;
	for (unsigned i = 0; result == 0 && i < from.ncolumns; i++) {
		result = check_column(alter->t, d, child, &from.columns[i]);
		if (result == 0 && !is_inherited_column(alter, from.columns[i].name) &&
		    !definition_names_has(&d->own_columns, from.columns[i].name) &&
		    definition_add_name(&d->own_columns, from.columns[i].name) == -1)
			result = translate_out_of_memory(alter->t);
	}
	for (unsigned i = 0; result == 0 && i < from.nconstraints; i++)
		if (from.constraints[i].kind == DEFINITION_CHECK && !from.constraints[i].no_inherit &&
		    from.constraints[i].name != NULL)
			result = check_constraint(alter->t, d, child, &from.constraints[i]);
	definition_free(&from);
	return result;
}

int
alter_add_parent(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	struct definition *d = &alter->rebuild.after;
	const struct schema_table *parent = translate_find_changed(alter->t, command->def->range_var);

	if (alter->rebuild.table->partition_key != NULL)
		return wrong_kind(alter->t, "cannot change inheritance of partitioned table");
	if (parent == NULL || check_parent(alter->t, d, alter->rebuild.table, parent) == -1 ||
	    take_columns(alter, parent) == -1 || inherit_check_views(alter->t, parent) == -1)
		return -1;
	if (definition_add_name(&d->parents, parent->name) == -1)
		return translate_out_of_memory(alter->t);
	alter->changed = true;
	alter->native = false;
	return 0;
}

static void
remove_name(struct definition_names *names, const char *name)
{
	for (unsigned i = 0; i < names->count; i++)
		if (strcmp(names->names[i], name) == 0) {
			free(names->names[i]);
			memmove(&names->names[i], &names->names[i + 1], (names->count - i - 1) * sizeof(*names->names));
			names->count--;
			return;
		}
}

int
alter_drop_parent(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	struct definition *d = &alter->rebuild.after;
	const struct schema_table *parent = translate_find_table(alter->t, command->def->range_var);

	if (parent == NULL)
		return -1;
	if (strcmp(parent->schema, alter->rebuild.table->schema) != 0 ||
	    !definition_names_has(&d->parents, parent->name))
		return translate_fail(alter->t, -1, SQLSTATE_UNDEFINED_TABLE,
		    "relation \"%s\" is not a parent of relation \"%s\"", shown(parent), shown(alter->rebuild.table));
	if (inherit_check_views(alter->t, parent) == -1)
		return -1;
	remove_name(&d->parents, parent->name);
	alter->changed = true;
	alter->native = false;
	return 0;
}
