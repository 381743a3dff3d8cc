/*
 * ALTER TABLE and RENAME of parents and children.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/inherit.h"
#include "workers/sqlite/schema/names.h"

/* Whether a parent of the table has the column, or a CHECK of that name. */
static bool
is_inherited(struct translator *t, const struct schema_table *table, const char *column, const char *check)
{
	struct definition d = { 0 };
	bool found = false;

	if (!table->inherits || definition_parse(table->sql, &d) == -1)
		return false;
	for (unsigned i = 0; !found && i < d.parents.count; i++) {
		const struct schema_table *parent = schema_find_table(t->schema, table->schema, d.parents.names[i]);
		const struct definition_constraint *c;
		struct definition from = { 0 };

		if (parent == NULL || definition_parse(parent->sql, &from) == -1)
			continue;
		c = check == NULL ? NULL : definition_find_constraint(&from, check);
		found = (column != NULL && definition_find_column(&from, column) != NULL) ||
		    (c != NULL && c->kind == DEFINITION_CHECK && !c->no_inherit);
		definition_free(&from);
	}
	definition_free(&d);
	return found;
}

static int
refuse_inherited(struct translator *t, const struct schema_table *table, const PgQuery__AlterTableCmd *command)
{
	switch (command->subtype) {
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
		return is_inherited(t, table, command->name, NULL)
		    ? translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION, "cannot drop inherited column \"%s\"",
			  command->name)
		    : 0;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
		return is_inherited(t, table, command->name, NULL)
		    ? translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION, "cannot alter inherited column \"%s\"",
			  command->name)
		    : 0;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
		return is_inherited(t, table, NULL, command->name)
		    ? translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
			  "cannot drop inherited constraint \"%s\" of relation \"%s\"", command->name,
			  namespace_relation(table->name))
		    : 0;
	default:
		return 0;
	}
}

/* What of a parent's would be its children's too. */
static bool
reaches_children(const PgQuery__AlterTableCmd *command, bool only)
{
	const PgQuery__Constraint *constraint =
	    command->def != NULL && command->def->node_case == PG_QUERY__NODE__NODE_CONSTRAINT
	    ? command->def->constraint
	    : NULL;

	switch (command->subtype) {
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
		return true;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
		return !only;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
		return constraint == NULL ||
		    (constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK && !constraint->is_no_inherit);
	default:
		return false;
	}
}

/* Said of the parent alone, it would not hold for what its children have of it. */
static int
refuse_only(struct translator *t, const PgQuery__AlterTableCmd *command)
{
	if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "column must be added to child tables too");
	if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "constraint must be added to child tables too");
	if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "type of inherited column \"%s\" must be changed in child tables too", command->name);
	return 0;
}

/* ---- what children are made to do with their parent ---- */

/* A column whose constraints are all such as children have too. */
static bool
is_plain_column(const PgQuery__ColumnDef *column)
{
	for (size_t i = 0; i < column->n_constraints; i++) {
		const PgQuery__Constraint *constraint = column->constraints[i]->constraint;

		if (column->constraints[i]->node_case != PG_QUERY__NODE__NODE_CONSTRAINT ||
		    (constraint->contype != PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT &&
			constraint->contype != PG_QUERY__CONSTR_TYPE__CONSTR_NULL &&
			constraint->contype != PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL))
			return false;
	}
	return strstr(translate_last_string(column->type_name->names, column->type_name->n_names), "serial") == NULL;
}

/* Whether the command can be run for a child as it stands. */
static bool
is_same_for(const struct definition *child, const PgQuery__AlterTableCmd *command)
{
	bool only_parent = child->parents.count == 1 && !definition_names_has(&child->own_columns, command->name);
	const PgQuery__Constraint *constraint;

	switch (command->subtype) {
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
		return is_plain_column(command->def->column_def) && child->parents.count == 1 &&
		    definition_find_column(child, command->def->column_def->colname) == NULL;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
		return only_parent;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
		constraint = command->def->constraint;
		return constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK && constraint->conname != NULL &&
		    *constraint->conname != '\0' && definition_find_constraint(child, constraint->conname) == NULL;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
		return true;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
		return child->parents.count == 1;
	default:
		return false;
	}
}

bool
inherit_reaches_children(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table)
{
	bool reaches = stmt->n_cmds > 0 && stmt->relation->inh && schema_has_children(t->schema, table);

	for (size_t i = 0; reaches && i < stmt->n_cmds; i++)
		reaches = reaches_children(stmt->cmds[i]->alter_table_cmd, false);
	return reaches;
}

/* Whether all that is said can be done for each table below. */
static bool
can_propagate(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table)
{
	unsigned n;
	const struct schema_table *const *below = schema_descendants(t->schema, table, &n);
	bool can = inherit_reaches_children(t, stmt, table);

	for (unsigned i = 0; can && below != NULL && i < n; i++) {
		struct definition child;

		if (definition_parse(below[i]->sql, &child) == -1)
			return false;
		for (size_t k = 0; can && k < stmt->n_cmds; k++)
			can = is_same_for(&child, stmt->cmds[k]->alter_table_cmd);
		definition_free(&child);
	}
	return can;
}

int
inherit_check_alter(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table)
{
	bool parent = schema_has_children(t->schema, table), only = !stmt->relation->inh;

	for (size_t i = 0; i < stmt->n_cmds; i++) {
		const PgQuery__AlterTableCmd *command = stmt->cmds[i]->alter_table_cmd;

		if (refuse_inherited(t, table, command) == -1)
			return -1;
		if (!parent || !reaches_children(command, only))
			continue;
		if (only && refuse_only(t, command) == -1)
			return -1;
		if (!can_propagate(t, stmt, table))
			return translate_refuse(t, -1, "this ALTER TABLE of a table with children");
	}
	return 0;
}

int
inherit_check_rename(struct translator *t, const PgQuery__RenameStmt *stmt, const struct schema_table *table)
{
	bool column = stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN;
	bool constraint = stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT;

	if (column && is_inherited(t, table, stmt->subname, NULL))
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION, "cannot rename inherited column \"%s\"",
		    stmt->subname);
	if (constraint && is_inherited(t, table, NULL, stmt->subname))
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "cannot rename inherited constraint \"%s\"", stmt->subname);
	if (!schema_has_children(t->schema, table))
		return 0;
	if (column && !stmt->relation->inh)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "inherited column \"%s\" must be renamed in child tables too", stmt->subname);
	return translate_refuse(t, -1, "this RENAME of a table with children");
}
