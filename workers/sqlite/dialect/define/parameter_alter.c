/*
 * Parameters of a table that is there: ALTER TABLE ... SET, RESET, SET STATISTICS and SET STORAGE.
 */
#include "workers/sqlite/dialect/define/parameter.h"

#include <string.h>

#include "workers/sqlite/dialect/define/define.h"

int
parameter_statistics(struct translator *t, enum schema_comment_kind kind, const char *table, const char *part,
    const PgQuery__AlterTableCmd *command)
{
	int target = command->def == NULL || command->def->node_case != PG_QUERY__NODE__NODE_INTEGER
	    ? -1
	    : (int)command->def->integer->ival;

	if (target < -1)
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "statistics target %d is too low",
		    target);
	if (target > 10000) {
		target = 10000;
		(void)define_add_notice(t, "lowering statistics target to %d", target);
	}
	return parameter_keep(t, kind, table, part, target < 0 ? NULL : translator_format(t, "%d", target));
}

static int
set_storage(struct translator *t, const char *table, const struct definition_column *column,
    const PgQuery__AlterTableCmd *command)
{
	static const char *const words[] = { "plain", "external", "extended", "main" };
	static const char letters[] = "pexm";
	const char *word = command->def != NULL && command->def->node_case == PG_QUERY__NODE__NODE_STRING
	    ? command->def->string->sval
	    : "";
	const struct type *type = type_by_oid(column->oid);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(words[i], word) != 0)
			continue;
		if (i > 0 && ((type != NULL && type->size > 0) || type_class(column->oid) == TYPE_CLASS_ENUM))
			return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "column data type %s can only have storage PLAIN", type == NULL ? "" : type->sql_name);
		return parameter_keep(t, COMMENT_STORAGE, table, command->name, translator_format(t, "%c", letters[i]));
	}
	return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid storage type \"%s\"", word);
}

const char *
parameter_storage(struct translator *t, const char *table, const struct definition_column *column)
{
	const char *kept = parameter_read(t, COMMENT_STORAGE, table, column->name);
	const struct type *type = type_by_oid(column->oid);

	if (kept != NULL)
		return kept;
	if ((type != NULL && type->size > 0) || type_class(column->oid) == TYPE_CLASS_ENUM)
		return "p";
	return column->oid == TYPE_NUMERIC || column->oid == TYPE_INET || column->oid == TYPE_CIDR ? "m" : "x";
}

int
parameter_alter(struct translator *t, const char *table, const struct definition *d,
    const PgQuery__AlterTableCmd *command, const char **now)
{
	bool reset = command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions ||
	    command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions;
	static const PgQuery__List none = PG_QUERY__LIST__INIT;
	const PgQuery__List *list = command->def == NULL || command->def->list == NULL ? &none : command->def->list;
	const struct definition_column *column;

	switch (command->subtype) {
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions:
		return parameter_check(t, 't', list->items, list->n_items, reset) == -1 || d->temporary
		    ? (d->temporary ? 0 : -1)
		    : parameter_set(t, COMMENT_OPTIONS, table, "", list->items, list->n_items, reset, now);
	default:
		break;
	}
	if ((column = definition_find_column(d, command->name)) == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
		    "column \"%s\" of relation \"%s\" does not exist", command->name, d->name);
	if (d->temporary)
		return 0;
	switch (command->subtype) {
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics:
		return parameter_statistics(t, COMMENT_STATISTICS, table, command->name, command);
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage:
		return set_storage(t, table, column, command);
	default:
		return parameter_check(t, 'c', list->items, list->n_items, reset) == -1
		    ? -1
		    : parameter_set(t, COMMENT_COLUMN_OPTIONS, table, command->name, list->items, list->n_items, reset,
			  NULL);
	}
}

bool
parameter_is(const PgQuery__AlterTableCmd *command)
{
	static const PgQuery__AlterTableType types[] = { PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics,
		PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage, PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions,
		PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions, PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions,
		PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i] == command->subtype)
			return true;
	return false;
}

int
parameter_alter_all(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table)
{
	struct definition d;
	const char *now = NULL;
	int result = define_load_rows(t, table, &d);

	for (size_t i = 0; result == 0 && i < stmt->n_cmds; i++)
		if (parameter_is(stmt->cmds[i]->alter_table_cmd))
			result = parameter_alter(t, table->name, &d, stmt->cmds[i]->alter_table_cmd, &now);
	definition_free(&d);
	return result;
}
