/*
 * ALTER VIEW: defaults of its columns and options, which stand beside its text: the view is made again with them.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/view.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"

static int
alter_default(struct translator *t, const struct schema_table *view, struct kept_view *kept,
    const PgQuery__AlterTableCmd *command)
{
	const struct schema_column *column = schema_find_column(view, command->name);
	struct definition_column target = { .typmod = -1 };
	char *text = NULL;
	unsigned i;

	if (column == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
		    "column \"%s\" of relation \"%s\" does not exist", command->name, view->name);
	if (!kept->updatable)
		return translate_refuse(t, -1, "a default of a view that is not automatically updatable");
	i = (unsigned)(column - view->columns);
	target.name = column->name;
	target.oid = column->oid;
	target.typmod = column->typmod;
	if (command->def != NULL &&
	    (text = define_keep(t, NULL, command->def, target.oid, target.typmod,
		 define_value(t, NULL, command->def, &target, false))) == NULL)
		return -1;
	if (text != NULL && strpbrk(text, "\4\5") != NULL) {
		free(text);
		return translate_refuse(t, -1, "this default of a view");
	}
	free(kept->defaults[i]);
	kept->defaults[i] = text;
	return 0;
}

static int
alter_options(struct translator *t, struct kept_view *kept, const PgQuery__AlterTableCmd *command)
{
	const PgQuery__List *list = command->def->list;
	const char *options = command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions
	    ? define_view_reset(t, kept->options, list->items, list->n_items)
	    : define_view_options(t, kept->options, list->items, list->n_items);
	char *copy = options == NULL ? NULL : define_copy(t, options);

	if (copy == NULL || define_check_option(t, copy, kept->updatable ? NULL : "") == -1) {
		free(copy);
		return -1;
	}
	free(kept->options);
	kept->options = copy;
	return 0;
}

/* PostgreSQL's name of what a view can't be told. */
static int
refuse_command(struct translator *t, const struct schema_table *view, const PgQuery__AlterTableCmd *command)
{
	static const struct {
		PgQuery__AlterTableType type;
		const char *words;
	} others[] = {
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn, "ADD COLUMN" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn, "DROP COLUMN" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull, "ALTER COLUMN ... SET NOT NULL" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull, "ALTER COLUMN ... DROP NOT NULL" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType, "ALTER COLUMN ... SET DATA TYPE" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint, "ADD CONSTRAINT" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint, "DROP CONSTRAINT" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetLogged, "SET LOGGED" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetUnLogged, "SET UNLOGGED" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity, "ALTER COLUMN ... ADD IDENTITY" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_SetIdentity, "ALTER COLUMN ... SET" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity, "ALTER COLUMN ... DROP IDENTITY" },
		{ PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint, "VALIDATE CONSTRAINT" },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (others[i].type != command->subtype)
			continue;
		translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
		    "ALTER action %s cannot be performed on relation \"%s\"", others[i].words, view->name);
		report_detail(t->report, "This operation is not supported for views.");
		return -1;
	}
	return translate_refuse(t, -1, "this form of ALTER");
}

static int
run_command(struct translator *t, const struct schema_table *view, struct kept_view *kept,
    const PgQuery__AlterTableCmd *command, bool *changed)
{
	if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner)
		return 0;
	*changed = true;
	if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault)
		return alter_default(t, view, kept, command);
	if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions ||
	    command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions)
		return alter_options(t, kept, command);
	return refuse_command(t, view, command);
}

/* The view again, with what is kept beside its text. */
static int
emit_again(struct translator *t, const struct schema_table *view, const struct kept_view *kept)
{
	char *options = kept_view_print(kept), *sql = options == NULL ? NULL : kept_with_options(view->sql, options);
	struct definition_lexer lexer;
	int result;

	free(options);
	if (sql == NULL)
		return translate_out_of_memory(t);
	definition_lex_begin(&lexer, sql);
	while (lexer.kind == DEFINITION_WORD)
		definition_lex_next(&lexer);
	result = translate_emit(t, "DROP VIEW ") == -1 || define_emit_relation(t, view->schema, view->name) == -1 ||
		translate_emit(t, ";\nCREATE VIEW ") == -1 || define_emit_relation(t, view->schema, view->name) == -1 ||
		translate_emit(t, sql + lexer.end) == -1
	    ? -1
	    : translate_emit(t, ";\n");
	free(sql);
	return result;
}

int
define_alter_view(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *view)
{
	struct kept_view kept = { .options = NULL };
	struct kept_texts texts;
	bool changed = false;
	int result = 0;

	if (kept_read(view->sql, &texts) != KEPT_TEXT)
		result = translate_refuse(t, -1, "altering a view whose text is not known");
	else if (kept_view_read(texts.options, view->ncolumns, &kept) == -1)
		result = translate_out_of_memory(t);
	for (size_t i = 0; result == 0 && i < stmt->n_cmds; i++)
		result = run_command(t, view, &kept, stmt->cmds[i]->alter_table_cmd, &changed);
	if (result == 0 && changed)
		result = emit_again(t, view, &kept);
	kept_view_free(&kept);
	kept_free(&texts);
	return result;
}
