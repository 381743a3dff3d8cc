/*
 * ALTER TABLE of tables that are partitioned, and of partitions.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/dialect/define/alter.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/partition.h"

/* ---- of the root ---- */

static int
check_key_column(struct alter *alter, const char *column, const char *verb)
{
	if (!define_partitions_use(&alter->partitions, column, false))
		return 0;
	return translate_fail(alter->t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
	    "cannot %s column \"%s\" because it is part of the partition key of relation \"%s\"", verb, column,
	    namespace_relation(alter->rebuild.table->name));
}

/* What is said of the table alone would not hold for its partitions. */
static int
check_only(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	static const struct {
		PgQuery__AlterTableType type;
		const char *message;
	} wrong[] = {
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn, "column must be added to child tables too" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn,
		    "cannot drop column from only the partitioned table when partitions exist" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType,
		    "type of inherited column must be changed in child tables too" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull, "constraint must be added to child tables too" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull,
		    "cannot remove constraint from only the partitioned table when partitions exist" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint,
		    "cannot remove constraint from only the partitioned table when partitions exist" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint, "constraint must be added to child tables too" },
	};
	const PgQuery__Constraint *constraint =
	    command->def != NULL && command->def->node_case == PG_QUERY__NODE__NODE_CONSTRAINT
	    ? command->def->constraint
	    : NULL;
	bool check = command->subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint || constraint == NULL ||
	    constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (wrong[i].type == command->subtype && check)
			return translate_fail(alter->t, -1, SQLSTATE_INVALID_TABLE_DEFINITION, "%s", wrong[i].message);
	return translate_refuse(alter->t, -1, "this form of ALTER TABLE ONLY of a partitioned table");
}

static int
check_command(struct alter *alter, const PgQuery__AlterTableCmd *command, bool only)
{
	const PgQuery__Constraint *constraint =
	    command->def != NULL && command->def->node_case == PG_QUERY__NODE__NODE_CONSTRAINT
	    ? command->def->constraint
	    : NULL;

	if (constraint != NULL && constraint->is_no_inherit)
		return translate_fail(alter->t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "cannot add NO INHERIT constraint to partitioned table \"%s\"",
		    namespace_relation(alter->rebuild.table->name));
	if (constraint != NULL && constraint->indexname != NULL && *constraint->indexname != '\0')
		return translate_fail(alter->t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables");
	if (only && alter->partitions.n > 0)
		return check_only(alter, command);
	if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn)
		return check_key_column(alter, command->name, "drop");
	if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType)
		return check_key_column(alter, command->name, "alter");
	return 0;
}

int
alter_check_partitioned(struct alter *alter, const PgQuery__AlterTableStmt *stmt)
{
	for (size_t i = 0; i < stmt->n_cmds; i++)
		if (check_command(alter, stmt->cmds[i]->alter_table_cmd, !stmt->relation->inh) == -1)
			return -1;
	return 0;
}

int
alter_make_partitions(struct alter *alter)
{
	const struct definition *after = &alter->rebuild.after;
	const struct schema_table *root = define_scope_table(alter->t, after);

	if (root == NULL || define_partitions_follow(alter->t, &alter->partitions, after) == -1 ||
	    define_check_keys(alter->t, after, after->partition) == -1)
		return -1;
	for (const struct partition *p = alter->partitions.tree.partitions; p != NULL; p = p->next)
		if (p->key != NULL && define_check_keys(alter->t, after, p->key) == -1)
			return -1;
	return define_partitions_make(alter->t, &alter->partitions, root);
}

/* ---- of a partition ---- */

static int
refuse_constraint(struct translator *t, const struct schema_table *table, const PgQuery__AlterTableCmd *command)
{
	struct definition d = { 0 };
	bool found = catalog_load_definition(schema_database(t->schema), table->schema, table->name, &d) == 0 &&
	    definition_find_constraint(&d, command->name) != NULL;
	bool own = table->partition->own != NULL && strstr(table->partition->own, command->name) != NULL;

	definition_free(&d);
	if (own)
		return translate_refuse(t, -1, "dropping a constraint of a partition's own");
	if (found)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "cannot drop inherited constraint \"%s\" of relation \"%s\"", command->name,
		    namespace_relation(table->name));
	if (command->missing_ok)
		return define_add_notice(t, "constraint \"%s\" of relation \"%s\" does not exist, skipping",
		    command->name, table->name);
	return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "constraint \"%s\" of relation \"%s\" does not exist",
	    command->name, namespace_relation(table->name));
}

static int
refuse_column(struct translator *t, const struct schema_table *table, const PgQuery__AlterTableCmd *command,
    const char *fmt)
{
	char message[256];

	if (schema_find_column(table, command->name) == NULL) {
		if (command->missing_ok)
			return define_add_notice(t, "column \"%s\" of relation \"%s\" does not exist, skipping",
			    command->name, table->name);
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
		    "column \"%s\" of relation \"%s\" does not exist", command->name, namespace_relation(table->name));
	}
	(void)snprintf(message, sizeof(message), "%s \"%s\"", fmt, command->name);
	return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION, "%s", message);
}

static int
drop_not_null(struct translator *t, const struct schema_table *table, const PgQuery__AlterTableCmd *command)
{
	const struct schema_table *root = partition_root(t, table);
	const struct schema_column *column = root == NULL ? NULL : schema_find_column(root, command->name);

	if (column == NULL)
		return root == NULL ? -1
				    : translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
					  "column \"%s\" of relation \"%s\" does not exist", command->name,
					  namespace_relation(table->name));
	if (column->not_null)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "column \"%s\" is marked NOT NULL in parent table", command->name);
	return translate_refuse(t, -1, "dropping NOT NULL of a partition");
}

static int
run(struct translator *t, const struct schema_table *table, const PgQuery__AlterTableCmd *command)
{
	switch (command->subtype) {
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "cannot add column to a partition");
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
		return refuse_column(t, table, command, "cannot drop inherited column");
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
		return refuse_column(t, table, command, "cannot alter inherited column");
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
		return refuse_constraint(t, table, command);
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
		return drop_not_null(t, table, command);
	case PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_ReplicaIdentity:
		return 0;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AddInherit:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropInherit:
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "cannot change inheritance of a partition");
	default:
		return translate_refuse(t, -1, "this form of ALTER TABLE of a partition");
	}
}

int
alter_partition(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table)
{
	for (size_t i = 0; i < stmt->n_cmds; i++)
		if (run(t, table, stmt->cmds[i]->alter_table_cmd) == -1)
			return -1;
	return 0;
}
