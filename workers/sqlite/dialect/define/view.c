/*
 * CREATE VIEW. The types of its columns stand in a comment of its text: SQLite knows only those of plain columns.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/view.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/view_target.h"
#include "workers/sqlite/schema/kept.h"

static int
emit_columns(struct translator *t, const PgQuery__ViewStmt *stmt, const struct query_columns *columns)
{
	struct definition_names names = { 0 };
	int result = 0;

	if (stmt->n_aliases > columns->n)
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR,
		    "CREATE VIEW specifies more column names than "
		    "columns");
	for (unsigned i = 0; result == 0 && i < columns->n; i++) {
		const char *name = i < stmt->n_aliases ? translate_string(stmt->aliases[i]) : columns->columns[i].name;

		if (definition_names_has(&names, name))
			result = translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN,
			    "column \"%s\" specified more than once", name);
		else if (definition_add_name(&names, name) == -1)
			result = translate_out_of_memory(t);
		else
			result = translate_emit(t, i == 0 ? " (" : ", ") == -1 ? -1 : translate_identifier(t, name);
	}
	definition_names_free(&names);
	if (result == 0)
		result = translate_emit(t, ") AS " SCHEMA_VIEW_TYPES);
	for (unsigned i = 0; result == 0 && i < columns->n; i++) {
		uint32_t oid = columns->columns[i].oid == TYPE_UNKNOWN ? TYPE_TEXT : columns->columns[i].oid;

		if (type_category(oid) == 'P')
			return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
			    "column \"%s\" has pseudo-type %s",
			    i < stmt->n_aliases ? translate_string(stmt->aliases[i]) : columns->columns[i].name,
			    type_display(t, oid));
		result = translate_emit_format(t, "%u:%d ", (unsigned)oid, (int)columns->columns[i].typmod);
	}
	return result == 0 ? translate_emit(t, SCHEMA_VIEW_CANONICAL "*/ ") : -1;
}

/* What the view is made of. */
struct new_view {
	const PgQuery__ViewStmt *stmt;
	const char *schema, *name;
	const struct schema_table *old; /* that it replaces, or NULL */
	struct query_columns columns;
	const char **names; /* theirs, as the view has them */
	const char *options;
	char *query; /* SQLite's text */
};

/* Defaults that the columns had stay with them. */
static int
take_defaults(struct translator *t, const struct new_view *new, struct kept_view *kept)
{
	struct kept_texts texts;
	struct kept_view old = { .options = NULL };
	int result = 0;

	if ((kept->defaults = translator_alloc(t, (new->columns.n + 1) * sizeof(*kept->defaults))) == NULL)
		return -1;
	if (new->old != NULL && kept_read(new->old->sql, &texts) == KEPT_TEXT) {
		result = kept_view_read(texts.options, new->old->ncolumns, &old);
		for (unsigned i = 0; result == 0 && i < old.n; i++)
			if (old.defaults[i] != NULL &&
			    (kept->defaults[i] = translator_copy(t, old.defaults[i])) == NULL)
				result = -1;
		kept_view_free(&old);
		kept_free(&texts);
	}
	return result == 0 ? 0 : translate_out_of_memory(t);
}

/* What is kept beside the text; *text: "" where there is none. */
static int
describe(struct translator *t, const struct new_view *new, const char *plain, char **text)
{
	struct kept_view kept = { .options = (char *)(uintptr_t) new->options };
	const char *why = NULL;

	*text = NULL;
	if (plain == NULL)
		return kept_view_check(new->options) == '\0'
		    ? 0
		    : translate_refuse(t, -1, "WITH CHECK OPTION of a view of that query");
	if (take_defaults(t, new, &kept) == -1 || view_describe(t, plain, new->columns.n, &kept, &why) == -1 ||
	    define_check_option(t, new->options, why) == -1)
		return -1;
	return (*text = kept_view_print(&kept)) == NULL ? translate_out_of_memory(t) : 0;
}

/* PostgreSQL's own text of the query. */
static int
emit_kept(struct translator *t, const struct new_view *new)
{
	struct deparse_texts texts;
	char *comment, *options;
	int result;

	if (!deparse_view(t, new->stmt->query->select_stmt, new->names, new->columns.n, &texts))
		texts = (struct deparse_texts) { 0 };
	if (describe(t, new, texts.plain, &options) == -1)
		return -1;
	comment = kept_comment(texts.plain, texts.pretty, false, options, new->query);
	free(options);
	if (comment == NULL)
		return translate_out_of_memory(t);
	result = translate_emit(t, comment);
	free(comment);
	return result;
}

static int
fail_type(struct translator *t, const char *name, const struct schema_column *before, uint32_t oid, int32_t typmod)
{
	char *from = type_format(before->oid, before->typmod), *to = type_format(oid, typmod);

	(void)translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
	    "cannot change data type of view column \"%s\" from %s to %s", name,
	    from == NULL ? type_display(t, before->oid) : from, to == NULL ? type_display(t, oid) : to);
	free(from);
	free(to);
	return -1;
}

/* OR REPLACE may add columns at the end, and change nothing of those that others rely on. */
static int
check_replaced(struct translator *t, const PgQuery__ViewStmt *stmt, const struct schema_table *old,
    const struct query_columns *columns)
{
	if (columns->n < old->ncolumns)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION, "cannot drop columns from view");
	for (unsigned i = 0; i < old->ncolumns; i++) {
		const struct schema_column *before = &old->columns[i];
		const char *name = i < stmt->n_aliases ? translate_string(stmt->aliases[i]) : columns->columns[i].name;
		uint32_t oid = columns->columns[i].oid == TYPE_UNKNOWN ? TYPE_TEXT : columns->columns[i].oid;

		if (strcmp(before->name, name) != 0)
			return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
			    "cannot change name of view column \"%s\" to \"%s\"", before->name, name);
		if (before->oid != oid || before->typmod != columns->columns[i].typmod)
			return fail_type(t, name, before, oid, columns->columns[i].typmod);
	}
	return 0;
}

static int
emit_view(struct translator *t, const struct new_view *new)
{
	int result = new->old == NULL ? 0
	    : translate_emit(t, "DROP VIEW ") == -1 || define_emit_relation(t, new->schema, new->name) == -1
	    ? -1
	    : translate_emit(t, ";\n");

	if (result == 0)
		result =
		    translate_emit(t, "CREATE VIEW ") == -1 || define_emit_relation(t, new->schema, new->name) == -1
		    ? -1
		    : emit_columns(t, new->stmt, &new->columns);
	if (result == 0)
		result = emit_kept(t, new);
	return result == 0 && translate_emit(t, new->query) == 0 ? translate_emit(t, ";\n") : -1;
}

/* OR REPLACE: a view of that name goes first; a table of that name is no view. */
static int
find_old(struct translator *t, struct new_view *new)
{
	struct schema_object found;
	bool skip;
	char type;

	if (!new->stmt->replace)
		return define_check_free(t, new->schema, new->name, false, &skip);
	if (!schema_find_object(t->schema, new->schema, new->name, &found))
		return 0;
	type = found.type;
	schema_object_free(&found);
	if (type != 'v')
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a view", new->name);
	new->old = schema_find_table(t->schema, new->schema, new->name);
	return new->old == NULL ? translate_out_of_memory(t) : check_replaced(t, new->stmt, new->old, &new->columns);
}

/* The query's text, which is taken away; a view over temporary tables is one itself, and names all tables in full. */
static int
read_query(struct translator *t, struct new_view *new, bool temporary)
{
	size_t from = t->out.length;

	t->view = true;
	t->stored_view = !temporary;
	t->reads_temporary = false;
	new->columns = (struct query_columns) { 0 };
	t->unread = true;
	if (translate_select(t, new->stmt->query->select_stmt, &new->columns) == -1)
		return -1;
	t->view = t->stored_view = t->unread = false;
	return (new->query = define_take(t, from)) == NULL ? -1 : 0;
}

static int
read_names(struct translator *t, struct new_view *new)
{
	const PgQuery__ViewStmt *stmt = new->stmt;

	if ((new->names = translator_alloc(t, (new->columns.n + 1) * sizeof(const char *))) == NULL)
		return -1;
	for (unsigned i = 0; i < new->columns.n; i++)
		new->names[i] = i < stmt->n_aliases ? translate_string(stmt->aliases[i]) : new->columns.columns[i].name;
	return 0;
}

static int
read_options(struct translator *t, struct new_view *new)
{
	const PgQuery__ViewStmt *stmt = new->stmt;
	const char *check = stmt->with_check_option == PG_QUERY__VIEW_CHECK_OPTION__LOCAL_CHECK_OPTION ? "local"
	    : stmt->with_check_option == PG_QUERY__VIEW_CHECK_OPTION__CASCADED_CHECK_OPTION	       ? "cascaded"
												       : NULL;

	new->options = define_view_options(t, NULL, stmt->options, stmt->n_options);
	if (new->options != NULL && check != NULL)
		new->options =
		    translator_format(t, "%s%scheck_option=%s", new->options, *new->options == '\0' ? "" : ",", check);
	return new->options == NULL ? -1 : 0;
}

/* Where it goes. */
static int
place_view(struct translator *t, struct new_view *new, bool temporary)
{
	PgQuery__RangeVar relation = *new->stmt->view;
	char persistence[] = "t";

	if (temporary)
		relation.relpersistence = persistence;
	if (define_new_relation(t, &relation, &new->schema, &new->name) == -1)
		return -1;
	return define_set_target(t, new->name);
}

static int
create_view(struct translator *t, struct new_view *new)
{
	const PgQuery__RangeVar *relation = new->stmt->view;
	bool temporary = relation->relpersistence != NULL && relation->relpersistence[0] == 't';

	if (read_options(t, new) == -1 || read_query(t, new, temporary) == -1)
		return -1;
	if (!temporary && t->reads_temporary) {
		temporary = true;
		free(new->query);
		new->query = NULL;
		if (define_add_notice(t, "view \"%s\" will be a temporary view", relation->relname) == -1 ||
		    read_query(t, new, true) == -1)
			return -1;
	}
	if (place_view(t, new, temporary) == -1 || read_names(t, new) == -1 || find_old(t, new) == -1)
		return -1;
	return emit_view(t, new);
}

int
define_create_view(struct translator *t, const PgQuery__ViewStmt *stmt)
{
	struct new_view new = { .stmt = stmt };
	int result;

	if (stmt->query->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return translate_refuse(t, -1, "a view of that query");
	if (stmt->query->select_stmt->into_clause != NULL)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED, "views must not contain SELECT INTO");
	result = create_view(t, &new);
	free(new.query);
	return result;
}
