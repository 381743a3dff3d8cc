/*
 * Views that read what is renamed: they are dropped before, and made again behind the definition, from PostgreSQL's
 * text of them with the new name in it. SQLite's own ALTER TABLE would write names into its text alone, minds views
 * that it does not need to touch, and has nothing for a view that is renamed.
 */
#include <pg_query.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/dialect/view_target.h"
#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/kept_view.h"
#include "workers/sqlite/schema/names.h"

/* One that is carried over. */
struct carried {
	const struct schema_table *view;
	const char *query; /* PostgreSQL's */
	bool written;
};

static PgQuery__Node *
wrap(struct translator *t, const PgQuery__SelectStmt *select)
{
	PgQuery__Node *node = translator_alloc(t, sizeof(*node));

	if (node == NULL)
		return NULL;
	pg_query__node__init(node);
	node->node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
	node->select_stmt = (PgQuery__SelectStmt *)(uintptr_t)select;
	return node;
}

/* The tree as a text, if that can be read back as the same tree; NULL: not, or memory is out. */
static const char *
tree_text(struct translator *t, const PgQuery__SelectStmt *select)
{
	PgQuery__ParseResult result = PG_QUERY__PARSE_RESULT__INIT;
	PgQuery__RawStmt raw = PG_QUERY__RAW_STMT__INIT, *stmts[] = { &raw };
	const PgQuery__SelectStmt *again;
	PgQueryDeparseResult deparsed;
	PgQueryProtobuf packed;
	const char *text = NULL;
	bool before;

	raw.stmt = wrap(t, select);
	result.n_stmts = 1;
	result.stmts = stmts;
	packed.len = pg_query__parse_result__get_packed_size(&result);
	if (raw.stmt == NULL || (packed.data = translator_alloc(t, packed.len + 1)) == NULL)
		return NULL;
	(void)pg_query__parse_result__pack(&result, (uint8_t *)packed.data);
	before = memory_guard(false);
	deparsed = pg_query_deparse_protobuf(packed);
	if (deparsed.error == NULL)
		text = translator_copy(t, deparsed.query);
	pg_query_free_deparse_result(deparsed);
	(void)memory_guard(before);
	again = text == NULL ? NULL : view_parse(t, text);
	return again != NULL && tree_equal(raw.stmt, wrap(t, again)) ? text : NULL;
}

/* PostgreSQL's text of a view, all names in full; NULL: it is not known. */
static const PgQuery__SelectStmt *
read_tree(struct translator *t, const struct schema_table *view)
{
	const PgQuery__SelectStmt *select = NULL;
	struct kept_texts texts;
	char *text;

	if (kept_read(view->sql, &texts) == KEPT_TEXT &&
	    (text = kept_resolve(schema_database(t->schema), texts.plain, "")) != NULL) {
		select = view_parse(t, text);
		free(text);
	}
	kept_free(&texts);
	return select;
}

/* The column's name, or that of the table before it. */
static bool
set_column(struct translator *t, PgQuery__ColumnRef *ref, const char *name, bool column)
{
	char *copy = translator_copy(t, name);

	ref->fields[ref->n_fields - (column ? 1 : 2)]->string->sval = copy;
	return copy != NULL;
}

/* An output column that is called as the column was goes on being called so. */
static int
name_target(void *arg, const PgQuery__Node *node)
{
	const struct deparse_renamed *renamed = arg;
	PgQuery__ResTarget *target = node->node_case == PG_QUERY__NODE__NODE_RES_TARGET ? node->res_target : NULL;

	if (target != NULL && target->val != NULL && target->val->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
	    (target->name == NULL || *target->name == '\0'))
		for (size_t i = 0; i < renamed->ncolumns; i++)
			if (target->val->column_ref == renamed->columns[i])
				target->name = (char *)(uintptr_t)renamed->column;
	return tree_each_child(node, name_target, arg);
}

static bool
set_relation(struct translator *t, PgQuery__RangeVar *relation, const char *schema, const char *name)
{
	relation->schemaname = translator_copy(t, schema);
	relation->relname = translator_copy(t, name);
	return relation->schemaname != NULL && relation->relname != NULL;
}

/* The view's text once the name is another; NULL: it is not known. schema: PostgreSQL's, of a relation. */
static const char *
renamed_text(struct translator *t, const struct schema_table *view, const struct schema_table *table,
    const char *column, const char *schema, const char *name)
{
	const PgQuery__SelectStmt *select = read_tree(t, view);
	struct deparse_renamed renamed = { .table = table, .column = column, .name = name };
	const char **names = translator_alloc(t, (view->ncolumns + 1) * sizeof(const char *));
	struct deparse_texts ignored;
	bool known;

	if (select == NULL || names == NULL)
		return NULL;
	for (unsigned i = 0; i < view->ncolumns; i++)
		names[i] = view->columns[i].name;
	t->renamed = &renamed;
	known = deparse_view(t, select, names, view->ncolumns, &ignored) && !renamed.unclear && !renamed.failed;
	t->renamed = NULL;
	if (known && column != NULL) {
		const PgQuery__Node *node = wrap(t, select);

		known = node != NULL && name_target(&renamed, node) == 0;
	}
	for (size_t i = 0; known && i < renamed.ncolumns; i++)
		known = set_column(t, renamed.columns[i], name, column != NULL);
	for (size_t i = 0; known && i < renamed.nrelations; i++)
		known = set_relation(t, renamed.relations[i], schema, name);
	free(renamed.columns);
	free(renamed.relations);
	return known ? tree_text(t, select) : NULL;
}

/* ---- which ---- */

/* Whether another view or the query of a materialized one, which stay, read one of those that are away meanwhile. */
static bool
is_read_besides(struct translator *t, const struct definition_names *views, const char *renamed)
{
	static const char *const schemas[] = { "public", "temp" };
	bool read = false;

	for (size_t n = 0; n < 2; n++) {
		struct schema_objects objects;

		if (schema_list_objects(schema_database(t->schema), schemas[n], NULL, &objects) == -1)
			return true;
		for (unsigned i = 0; !read && i < objects.count; i++) {
			const struct schema_object *object = &objects.items[i];

			if (object->type != 'q' && (object->type != 'v' || n == 0))
				continue;
			read = renamed != NULL && schema_text_names(object->sql, renamed);
			for (unsigned k = 0; !read && k < views->count; k++)
				read = schema_text_names(object->sql, views->names[k]);
		}
		schema_objects_free(&objects);
	}
	return read;
}

static int
find_views(struct translator *t, const char *name, struct definition_names *views)
{
	struct definition_names found = { 0 }, none = { 0 };
	int result = define_find_views(t, name, &none, &found);

	for (unsigned i = 0; result == 0 && i < found.count; i++) {
		const struct schema_table *view = schema_find_table(t->schema, "public", found.names[i]);

		if (view != NULL && view->kind == 'v' && !definition_names_has(views, view->name) &&
		    definition_add_name(views, view->name) == -1)
			result = translate_out_of_memory(t);
	}
	definition_names_free(&found);
	return result;
}

/* ---- writing ---- */

static void
put_columns(struct sql_text *out, const struct schema_table *view, const char *old, const char *name)
{
	for (unsigned i = 0; i < view->ncolumns; i++) {
		const char *own = view->columns[i].name;

		sql_text_put(out, i == 0 ? " (" : ", ");
		sql_text_put_identifier(out, old != NULL && strcmp(own, old) == 0 ? name : own);
	}
	sql_text_put(out, ")");
}

static void
put_view(struct sql_text *out, const struct schema_table *view)
{
	char schema[NAMESPACE_BYTES];

	namespace_of(view->name, schema);
	sql_text_put_identifier(out, schema);
	sql_text_put(out, ".");
	sql_text_put_identifier(out, namespace_relation(view->name));
}

/* WITH (...) of a view; false: it has more than that, or its text is not known. */
static bool
read_options(const struct schema_table *view, struct sql_text *with)
{
	struct kept_texts texts;
	struct kept_view kept = { .options = NULL };
	bool known =
	    kept_read(view->sql, &texts) == KEPT_TEXT && kept_view_read(texts.options, view->ncolumns, &kept) == 0;

	if (known && *kept.options != '\0')
		sql_text_format(with, " WITH (%s)", kept.options);
	for (unsigned i = 0; known && i < kept.n; i++)
		known = kept.defaults[i] == NULL;
	kept_view_free(&kept);
	kept_free(&texts);
	return known;
}

static int
follow(struct translator *t, const struct carried *carried, const char *old, const char *name)
{
	struct sql_text out = { 0 }, with = { 0 };
	int result;

	sql_text_put(&out, "CREATE VIEW ");
	put_view(&out, carried->view);
	put_columns(&out, carried->view, old, name);
	(void)read_options(carried->view, &with);
	sql_text_put(&out, with.data == NULL ? "" : with.data);
	sql_text_put(&out, " AS ");
	sql_text_put(&out, carried->query);
	result = out.failed || with.failed ? translate_out_of_memory(t) : translate_follow(t, out.data, out.length);
	sql_text_free(&out);
	sql_text_free(&with);
	return result;
}

/* Those that read no other that is still to be made come first. */
static int
follow_all(struct translator *t, struct carried *carried, unsigned n)
{
	for (unsigned left = n; left > 0;) {
		unsigned before = left;

		for (unsigned i = 0; i < n; i++) {
			bool ready = !carried[i].written;

			for (unsigned k = 0; ready && k < n; k++)
				ready = carried[k].written || k == i ||
				    !schema_text_names(carried[i].view->sql, carried[k].view->name);
			if (!ready)
				continue;
			if (follow(t, &carried[i], NULL, NULL) == -1)
				return -1;
			carried[i].written = true;
			left--;
		}
		if (left == before)
			return translate_refuse(t, -1, "renaming what these views read");
	}
	return 0;
}

/* A view cannot be carried over twice by one statement: its text is that of before. */
static int
emit_drops(struct translator *t, const struct carried *carried, unsigned n)
{
	for (unsigned i = n; i-- > 0;) {
		size_t start = t->out.length;

		if (translate_emit(t, "DROP VIEW ") == -1 ||
		    define_emit_relation(t, "public", carried[i].view->name) == -1 || translate_emit(t, ";\n") == -1)
			return -1;
		if (strstr(t->out.data, t->out.data + start) != t->out.data + start)
			return translate_refuse(t, -1, "renaming several relations that one view reads");
	}
	return 0;
}

/* The texts of those whose text is known; the others are left where they are, and SQLite writes the name into them. */
static unsigned
read_texts(struct translator *t, const struct deparse_renamed *what, const char *schema,
    const struct definition_names *views, struct carried *carried)
{
	unsigned n = 0;

	for (unsigned i = 0; i < views->count; i++) {
		const struct schema_table *view = schema_find_table(t->schema, "public", views->names[i]);
		struct sql_text with = { 0 };

		if (view != NULL && read_options(view, &with) &&
		    (carried[n].query = renamed_text(t, view, what->table, what->column, schema, what->name)) != NULL)
			carried[n++].view = view;
		sql_text_free(&with);
	}
	return n;
}

/* Whether what stays reads what is away meanwhile; or a view that is renamed, of which SQLite can't tell it. */
static bool
is_left_behind(struct translator *t, const struct schema_table *table, const struct definition_names *views,
    const struct carried *carried, unsigned n)
{
	struct definition_names away = { 0 };
	bool behind = table->kind == 'v' && n < views->count;

	for (unsigned i = 0; i < n; i++)
		behind |= definition_add_name(&away, carried[i].view->name) == -1;
	for (unsigned i = 0; !behind && i < views->count; i++) {
		const struct schema_table *view = schema_find_table(t->schema, "public", views->names[i]);

		for (unsigned k = 0; !definition_names_has(&away, views->names[i]) && k < away.count; k++)
			behind |= view == NULL || schema_text_names(view->sql, away.names[k]);
	}
	if (!behind)
		behind = is_read_besides(t, &away, table->kind == 'v' ? table->name : NULL);
	definition_names_free(&away);
	return behind;
}

int
define_carry_views(struct translator *t, const struct schema_table *table, const char *column, const char *schema,
    const char *name)
{
	const struct deparse_renamed what = { .table = table, .column = column, .name = name };
	struct definition_names views = { 0 };
	struct carried *carried = NULL;
	unsigned n = 0;
	int result = strcmp(table->schema, "public") == 0 ? find_views(t, table->name, &views) : 1;

	for (unsigned i = 0; result == 0 && i < views.count; i++)
		result = find_views(t, views.names[i], &views);
	if (result == 0 && (carried = translator_alloc(t, (views.count + 1) * sizeof(*carried))) == NULL)
		result = -1;
	if (result == 0)
		n = read_texts(t, &what, schema, &views, carried);
	if (result == 0 && is_left_behind(t, table, &views, carried, n))
		result = 1;
	if (result == 0)
		result = emit_drops(t, carried, n);
	if (result == 0)
		result = follow_all(t, carried, n);
	t->plan->leaves_views |= result == 0 && n == views.count;
	definition_names_free(&views);
	return result;
}

int
define_rename_view_column(struct translator *t, const struct schema_table *view, const char *old, const char *name)
{
	struct carried own = { .view = view };
	const PgQuery__SelectStmt *select = read_tree(t, view);
	struct sql_text with = { 0 };
	bool known = strcmp(view->schema, "public") == 0 && read_options(view, &with);
	unsigned first = t->plan->nfollowing;
	int result;

	sql_text_free(&with);
	own.query = select == NULL || !known ? NULL : tree_text(t, select);
	if (own.query == NULL || (result = define_carry_views(t, view, old, NULL, name)) == 1)
		return translate_refuse(t, -1,
		    "renaming a column of a view whose text, or whose reader's, is not known");
	if (result == -1 || translate_emit(t, "DROP VIEW ") == -1 ||
	    define_emit_relation(t, "public", view->name) == -1 || translate_emit(t, ";\n") == -1 ||
	    follow(t, &own, old, name) == -1)
		return -1;
	/* It comes before those that read it. */
	for (unsigned i = t->plan->nfollowing - 1; i > first; i--) {
		char *text = t->plan->following[i];

		t->plan->following[i] = t->plan->following[i - 1];
		t->plan->following[i - 1] = text;
	}
	return 0;
}

int
define_is_read(struct translator *t, const char *name)
{
	struct schema_objects objects;
	bool read = false;

	if (schema_list_objects(schema_database(t->schema), "temp", NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < objects.count; i++)
		read |= objects.items[i].type == 'v' && strcmp(objects.items[i].name, name) != 0 &&
		    schema_text_names(objects.items[i].sql, name);
	schema_objects_free(&objects);
	return read ? 1 : 0;
}
