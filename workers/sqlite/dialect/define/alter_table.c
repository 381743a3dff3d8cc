/*
 * ALTER TABLE: the table of commands, and constraints.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/alter.h"
#include "workers/sqlite/dialect/define/inherit.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/dialect/define/type.h"
#include "workers/sqlite/dialect/define/view.h"

static int
alter_owner(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	return define_accept_owner(alter->t, command->newowner);
}

static struct definition_constraint *
find_constraint(struct alter *alter, const char *name)
{
	struct definition_constraint *c = definition_find_constraint(&alter->rebuild.after, name);

	if (c == NULL)
		(void)translate_fail(alter->t, -1, SQLSTATE_UNDEFINED_OBJECT,
		    "constraint \"%s\" of relation \"%s\" does not exist", name, alter->rebuild.table->name);
	return c;
}

/* What is there always holds. */
static int
alter_validate(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	const struct definition_constraint *c = find_constraint(alter, command->name);

	if (c == NULL)
		return -1;
	if (c->kind == DEFINITION_FOREIGN_KEY || c->kind == DEFINITION_CHECK)
		return 0;
	return translate_fail(alter->t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
	    "constraint \"%s\" of relation \"%s\" is not a foreign key or check constraint", command->name,
	    alter->rebuild.table->name);
}

static int
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
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner, alter_owner },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics, NULL },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage, NULL },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression, NULL },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions, NULL },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions, NULL },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions, NULL },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions, NULL },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_ReplicaIdentity, NULL },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn, NULL },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropCluster, NULL },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetLogged, alter_logged },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetUnLogged, alter_logged },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint, alter_validate },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_AlterConstraint, alter_deferral },
};

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
		for (unsigned n = 0; result == 0 && n < d.nconstraints; n++) {
			const struct definition_constraint *c = &d.constraints[n];

			if (c->kind != DEFINITION_FOREIGN_KEY || strcmp(c->parent, table) != 0 ||
			    (c->parent_columns.count > 0 &&
				!definition_names_has(&key->columns, c->parent_columns.names[0])))
				continue;
			if (cascade) {
				result = translate_refuse(alter->t, -1, "CASCADE to foreign keys");
				break;
			}
			result = translate_fail(alter->t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
			    "cannot drop constraint %s on table %s because other objects depend on it",
			    key->name == NULL ? "" : key->name, table);
			report_detail(alter->t->report, "constraint %s on table %s depends on index %s",
			    c->name == NULL ? "" : c->name, children.names[i], key->name == NULL ? "" : key->name);
			report_hint(alter->t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
		}
		definition_free(&d);
	}
	definition_names_free(&children);
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
	const struct definition_constraint *key;

	if (command->def == NULL || command->def->node_case != PG_QUERY__NODE__NODE_CONSTRAINT)
		return translate_refuse(alter->t, -1, "this ALTER TABLE");
	if (define_add_constraint(alter->t, d, alter->rebuild.table->schema, command->def->constraint, UINT_MAX) == -1)
		return -1;
	key = &d->constraints[d->nconstraints - 1];
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
	d->unlogged = unlogged;
	alter->changed = true;
	alter->native = false;
	return 0;
}

static int
run_command(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	alter->nconstraints = alter->rebuild.after.nconstraints;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].type == command->subtype)
			return commands[i].run == NULL ? 0 : commands[i].run(alter, command);
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
			    (commands[n].run == NULL || commands[n].run == alter_owner);
		if (!accepted)
			return translate_refuse(t, -1, "this form of ALTER");
	}
	return stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX ? define_check_index_columns(t, stmt) : 0;
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
	define_rebuild_free(&alter.rebuild);
	return result;
}

static int
alter_table(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table)
{
	struct alter alter = { .t = t, .native = true };
	bool partitioned = table->partition_key != NULL;
	size_t from;
	int result = define_rebuild_begin(t, table, &alter.rebuild);

	if (result == -1)
		return -1;
	if (partitioned)
		result = define_partitions_take(t, table, &alter.partitions) == -1
		    ? -1
		    : alter_check_partitioned(&alter, stmt);
	from = t->out.length;
	for (size_t i = 0; result == 0 && i < stmt->n_cmds; i++)
		result = run_command(&alter, stmt->cmds[i]->alter_table_cmd);
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
	define_partitions_free(&alter.partitions);
	free(alter.trailer);
	define_rebuild_free(&alter.rebuild);
	return result;
}

/* ---- ENABLE and DISABLE TRIGGER ---- */

static const struct {
	PgQuery__AlterTableType type;
	char enabled; /* pg_trigger.tgenabled */
	bool all;
} switches[] = {
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrig, 'O', false },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_EnableAlwaysTrig, 'A', false },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_EnableReplicaTrig, 'R', false },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrig, 'D', false },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll, 'O', true },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll, 'D', true },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigUser, 'O', true },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser, 'D', true },
};

static bool
is_switch(const PgQuery__AlterTableCmd *command, size_t *i)
{
	for (*i = 0; *i < sizeof(switches) / sizeof(switches[0]); ++*i)
		if (switches[*i].type == command->subtype)
			return true;
	return false;
}

/* PostgreSQL's foreign keys are triggers too, and ALL means them. */
static int
check_keys(struct translator *t, const struct schema_table *table)
{
	struct definition_names children = { 0 }, none = { 0 };
	struct definition d;
	bool found = false;

	if (define_load(t, table, &d) == -1)
		return -1;
	for (unsigned i = 0; i < d.nconstraints; i++)
		found |= d.constraints[i].kind == DEFINITION_FOREIGN_KEY;
	definition_free(&d);
	if (define_find_children(t, table->name, &none, &children) == -1)
		return -1;
	found |= children.count > 0;
	definition_names_free(&children);
	return found ? translate_refuse(t, -1, "DISABLE TRIGGER ALL of a table with foreign keys") : 0;
}

static int
switch_triggers(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table)
{
	size_t n;

	for (size_t i = 0; i < stmt->n_cmds; i++) {
		const PgQuery__AlterTableCmd *command = stmt->cmds[i]->alter_table_cmd;

		if (!is_switch(command, &n))
			return translate_refuse(t, -1, "ENABLE or DISABLE TRIGGER among other changes");
		if ((command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll && check_keys(t, table) == -1) ||
		    define_enable_trigger(t, table, switches[n].all ? NULL : command->name, switches[n].enabled) == -1)
			return -1;
	}
	t->plan->own = true;
	return 0;
}

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
	if ((table = translate_find_changed(t, stmt->relation)) == NULL)
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
		if (is_switch(stmt->cmds[i]->alter_table_cmd, &n))
			return switch_triggers(t, stmt, table);
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
