/*
 * ALTER TABLE: the table of commands, and constraints.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/alter.h"
#include "workers/sqlite/dialect/define/inherit.h"
#include "workers/sqlite/dialect/define/mark.h"
#include "workers/sqlite/dialect/define/parameter.h"
#include "workers/sqlite/dialect/define/type.h"
#include "workers/sqlite/dialect/define/view.h"
#include "workers/sqlite/schema/names.h"

static int
alter_owner(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	return define_accept_owner(alter->t, command->newowner);
}

/* Parameters of storage and planning change no rows. */
static int
alter_parameter(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	size_t from = alter->t->out.length;

	return parameter_alter(alter->t, alter->rebuild.table->name, &alter->rebuild.after, command,
		   &alter->parameters) == -1
	    ? -1
	    : alter_move_to_trailer(alter, from);
}

static int
alter_mark(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	size_t from = alter->t->out.length;
	const struct schema_table *table = alter->rebuild.table;
	int result;

	if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ReplicaIdentity)
		result = mark_identity(alter->t, table, command->def->replica_identity_stmt);
	else
		result = mark_clustered(alter->t, table,
		    command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn ? command->name : NULL);
	return result == -1 ? -1 : alter_move_to_trailer(alter, from);
}

/* NULL: accepted, and nothing to do on SQLite. */
static const struct {
	PgQuery__AlterTableType type;
	int (*run)(struct alter *alter, const PgQuery__AlterTableCmd *command);
} commands[] = {
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn, alter_add_column },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn, alter_drop_column },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault, alter_column_default },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull, alter_not_null },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull, alter_not_null },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType, alter_column_type },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity, alter_add_identity },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetIdentity, alter_set_identity },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity, alter_drop_identity },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint, alter_add_constraint },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint, alter_drop_constraint },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_AddInherit, alter_add_parent },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropInherit, alter_drop_parent },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner, alter_owner },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics, alter_parameter },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage, alter_parameter },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression, NULL },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions, alter_parameter },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions, alter_parameter },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions, alter_parameter },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions, alter_parameter },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_ReplicaIdentity, alter_mark },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn, alter_mark },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropCluster, alter_mark },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetLogged, alter_logged },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetUnLogged, alter_logged },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint, alter_validate },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_AlterConstraint, alter_deferral },
};

/* What means nothing on SQLite still names a column, or an index, that must be there. */
static int
accept(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	unsigned i;

	switch (command->subtype) {
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions:
		return command->name == NULL || *command->name == '\0' ? 0
								       : alter_find_column(alter, command->name, &i);
	default:
		return 0;
	}
}

static int
run_command(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	alter->nconstraints = alter->rebuild.after.nconstraints;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].type == command->subtype)
			return commands[i].run == NULL ? accept(alter, command) : commands[i].run(alter, command);
	}
	return translate_refuse(alter->t, -1, "this form of ALTER TABLE");
}

/* ALTER INDEX, VIEW, SEQUENCE: only what needs nothing to be done. */
static int
accept_other(struct translator *t, const PgQuery__AlterTableStmt *stmt)
{
	t->plan->tag = stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX ? "ALTER INDEX"
	    : stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE	    ? "ALTER SEQUENCE"
									    : "ALTER VIEW";
	for (size_t i = 0; i < stmt->n_cmds; i++) {
		bool accepted = false;

		for (size_t n = 0; n < sizeof(commands) / sizeof(commands[0]); n++)
			accepted |= commands[n].type == stmt->cmds[i]->alter_table_cmd->subtype &&
			    (commands[n].run == NULL || commands[n].run == alter_owner ||
				commands[n].run == alter_parameter);
		if (!accepted)
			return translate_refuse(t, -1, "this form of ALTER");
	}
	if (stmt->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_INDEX)
		return 0;
	return define_check_index_columns(t, stmt) == -1 ? -1 : define_alter_index_parameters(t, stmt);
}

/* ALTER TABLE may also name a sequence or a view, of which it can change the owner. */
static int
alter_no_table(struct translator *t, const PgQuery__AlterTableStmt *stmt)
{
	for (size_t i = 0; i < stmt->n_cmds; i++) {
		const PgQuery__AlterTableCmd *command = stmt->cmds[i]->alter_table_cmd;

		if (command->subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner)
			return translate_refuse(t, -1, "this form of ALTER TABLE on what is no table");
		if (define_accept_owner(t, command->newowner) == -1)
			return -1;
	}
	return 0;
}

static bool
changes_owner(const PgQuery__AlterTableStmt *stmt)
{
	return stmt->n_cmds > 0 &&
	    stmt->cmds[0]->alter_table_cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner;
}

int
define_drop_columns(struct translator *t, const struct schema_table *table, const struct definition_names *columns)
{
	struct alter alter = { .t = t };
	int result = define_rebuild_begin(t, table, &alter.rebuild);
	size_t from = t->out.length;

	for (unsigned i = 0; result == 0 && i < columns->count; i++) {
		PgQuery__AlterTableCmd command = PG_QUERY__ALTER_TABLE_CMD__INIT;

		command.subtype = PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn;
		command.behavior = PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
		command.name = columns->names[i];
		result = alter_drop_column(&alter, &command);
	}
	if (result == 0) {
		sql_text_cut(&t->out, from);
		result = define_rebuild_emit(t, &alter.rebuild);
	}
	if (result == 0 && alter.trailer != NULL)
		result = translate_emit(t, alter.trailer);
	free(alter.trailer);
	definition_names_free(&alter.dropped_views);
	definition_names_free(&alter.retyped);
	define_rebuild_free(&alter.rebuild);
	return result;
}

/* A column has one new type, and is not dropped besides: that would be done first. */
static int
check_types_once(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table)
{
	for (size_t i = 0; i < stmt->n_cmds; i++)
		for (size_t k = 0; k < stmt->n_cmds; k++) {
			const PgQuery__AlterTableCmd *type = stmt->cmds[i]->alter_table_cmd,
						     *other = stmt->cmds[k]->alter_table_cmd;

			if (i == k || type->subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType ||
			    strcmp(type->name, other->name) != 0)
				continue;
			if (other->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn)
				return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
				    "column \"%s\" of relation \"%s\" does not exist", type->name,
				    namespace_relation(table->name));
			if (other->subtype == type->subtype)
				return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "cannot alter type of column \"%s\" twice", type->name);
		}
	return 0;
}

static int
alter_table(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table)
{
	struct alter alter = { .t = t, .native = true };
	bool partitioned = table->partition_key != NULL;
	size_t from;
	int result = check_types_once(t, stmt, table);

	if (result == -1 || define_rebuild_begin(t, table, &alter.rebuild) == -1)
		return -1;
	if (partitioned)
		result = define_partitions_take(t, table, &alter.partitions) == -1
		    ? -1
		    : alter_check_partitioned(&alter, stmt);
	from = t->out.length;
	for (size_t i = 0; result == 0 && i < stmt->n_cmds; i++)
		result = run_command(&alter, stmt->cmds[i]->alter_table_cmd);
	if (result == 0)
		result = alter_retype_all(&alter);
	if (result == 0 && alter.changed && !alter.native) {
		sql_text_cut(&t->out, from);
		result = define_drop_views(t, &alter.dropped_views);
	}
	if (result == 0 && alter.changed && !alter.native)
		result = define_rebuild_emit(t, &alter.rebuild);
	if (result == 0 && partitioned)
		result = alter_make_partitions(&alter);
	if (result == 0 && alter.trailer != NULL)
		result = translate_emit(t, alter.trailer);
	definition_names_free(&alter.dropped_views);
	definition_names_free(&alter.retyped);
	define_partitions_free(&alter.partitions);
	free(alter.trailer);
	define_rebuild_free(&alter.rebuild);
	return result;
}

/* ---- ENABLE and DISABLE TRIGGER ---- */

static int
alter_children(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table)
{
	unsigned n;
	const struct schema_table *const *below = schema_descendants(t->schema, table, &n);

	for (unsigned i = 0; below != NULL && i < n; i++)
		if (alter_table(t, stmt, below[i]) == -1)
			return -1;
	return 0;
}

int
define_alter_table(struct translator *t, const PgQuery__AlterTableStmt *stmt)
{
	const struct schema_table *table;
	const char *schema, *name;

	if (stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE)
		return define_alter_row(t, stmt);
	if (stmt->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE &&
	    stmt->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_VIEW &&
	    stmt->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW)
		return accept_other(t, stmt);
	if (stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW)
		t->plan->tag = "ALTER MATERIALIZED VIEW";
	if (stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW)
		t->plan->tag = "ALTER VIEW";
	if (translate_relation_name(t, stmt->relation, &schema, &name) == -1 || define_set_target(t, name) == -1)
		return -1;
	if (stmt->missing_ok && (schema == NULL || schema_find_table(t->schema, schema, name) == NULL))
		return define_add_notice(t, "relation \"%s\" does not exist, skipping", name);
	if ((table = translate_find_changed(t, stmt->relation)) == NULL ||
	    (table->kind == 'r' && define_check_in_use(t, table, "ALTER TABLE") == -1))
		return -1;
	if (table->kind != 'r' && table->partition == NULL && stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE &&
	    changes_owner(stmt))
		return alter_no_table(t, stmt);
	if (schema_table_is_view(table) && stmt->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW)
		return define_alter_view(t, stmt, table);
	if (table->kind == 'm' && stmt->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_VIEW)
		return define_alter_matview(t, stmt, table);
	if (stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a materialized view",
		    table->name);
	if (stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a view", table->name);
	for (size_t i = 0, n; i < stmt->n_cmds; i++)
		if (alter_is_switch(stmt->cmds[i]->alter_table_cmd, &n))
			return alter_switch_triggers(t, stmt, table);
	if (stmt->n_cmds == 1 &&
	    (stmt->cmds[0]->alter_table_cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition ||
		stmt->cmds[0]->alter_table_cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition))
		return alter_attach(t, table, stmt->cmds[0]->alter_table_cmd);
	if (table->partition != NULL)
		return alter_partition(t, stmt, table);
	if (inherit_check_alter(t, stmt, table) == -1 || alter_table(t, stmt, table) == -1)
		return -1;
	return inherit_reaches_children(t, stmt, table) ? alter_children(t, stmt, table) : 0;
}
