/*
 * What a column's new type means to what names the column: defaults, checks, generated columns and indexes are written
 * again out of PostgreSQL's texts of them, and what does not fit the type is its error; foreign keys must still have
 * something to compare by.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/dialect/define/alter.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/dialect/view_target.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/sequence.h"

/* ---- expressions ---- */

/* The expression that is kept in SQLite's text. NULL: reported. */
static const PgQuery__Node *
read_expression(struct translator *t, const char *sql, const char *refusal)
{
	const PgQuery__SelectStmt *select = NULL;
	struct kept_texts texts = { 0 };
	char *text;

	if (kept_read(sql, &texts) == KEPT_TEXT &&
	    (text = kept_resolve(schema_database(t->schema), texts.plain, "\"\"")) != NULL) {
		const char *query = translator_format(t, "SELECT %s", text);

		free(text);
		select = query == NULL ? NULL : view_parse(t, query);
	}
	kept_free(&texts);
	if (select != NULL && select->n_target_list == 1)
		return select->target_list[0]->res_target->val;
	if (t->report->state == SQLSTATE_SUCCESSFUL_COMPLETION)
		(void)translate_refuse(t, -1, refusal);
	return NULL;
}

/* 42804 by the words that PostgreSQL has for it here. */
static int
fail_cast(struct translator *t, const struct definition_column *column, const char *what)
{
	char *name;

	if (t->report->state != SQLSTATE_DATATYPE_MISMATCH)
		return -1;
	name = type_format(column->oid, column->typmod);
	report_reset(t->report);
	(void)translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
	    "%s for column \"%s\" cannot be cast automatically to type %s", what, column->name,
	    name == NULL ? "" : name);
	free(name);
	return -1;
}

/* What a serial column's default is: the call of nextval() that it was made with. NULL: reported, unless *drawn is
 * false, for another default. */
static const PgQuery__Node *
read_draw(struct translator *t, const struct definition_column *column, bool *drawn)
{
	char *schema = NULL, *name = NULL, *draw = NULL, *query = NULL;
	char shown[NAMESPACE_BYTES];
	const PgQuery__SelectStmt *select = NULL;

	*drawn = schema_sequence_drawn(column->default_sql, &schema, &name) &&
	    (draw = schema_sequence_draw(schema, name)) != NULL && strcmp(draw, column->default_sql) == 0;
	if (*drawn) {
		namespace_of(name, shown);
		query = sqlite3_mprintf("SELECT pg_catalog.nextval('\"%w\".\"%w\"'::regclass)", shown,
		    namespace_relation(name));
		select = query == NULL ? NULL : view_parse(t, query);
		if (select == NULL && t->report->state == SQLSTATE_SUCCESSFUL_COMPLETION)
			(void)translate_out_of_memory(t);
	}
	sqlite3_free(query);
	free(draw);
	free(schema);
	free(name);
	return select == NULL ? NULL : select->target_list[0]->res_target->val;
}

static bool
is_integer(uint32_t oid)
{
	return oid == TYPE_INT2 || oid == TYPE_INT4 || oid == TYPE_INT8;
}

static int
retype_default(struct translator *t, struct definition_column *column)
{
	const PgQuery__Node *node;
	bool drawn;
	char *text;

	if (column->default_sql == NULL || column->identity != DEFINITION_PLAIN)
		return 0;
	node = read_draw(t, column, &drawn);
	/* It fits any integer, and is checked when it is stored. */
	if (drawn && is_integer(column->oid))
		return 0;
	if (!drawn)
		node = read_expression(t, column->default_sql,
		    "changing the type of a column whose default's text is not known");
	if (node == NULL)
		return -1;
	if ((text = define_keep(t, NULL, node, column->oid, column->typmod,
		 define_value(t, NULL, node, column, false))) == NULL)
		return fail_cast(t, column, "default");
	free(column->default_sql);
	column->default_sql = text;
	return 0;
}

static int
retype_generated(struct translator *t, const struct definition *d, struct definition_column *column)
{
	const PgQuery__Node *node;
	char *text;

	if (column->generated == NULL)
		return 0;
	if ((node = read_expression(t, column->generated,
		 "changing the type of a generated column whose text is not known")) == NULL)
		return -1;
	if ((text = define_keep(t, d, node, column->oid, column->typmod, define_value(t, d, node, column, true))) ==
	    NULL)
		return fail_cast(t, column, "generation expression");
	free(column->generated);
	column->generated = text;
	return 0;
}

static int
check_generated_users(struct alter *alter, const struct definition_column *column)
{
	const struct definition *d = &alter->rebuild.after;

	for (unsigned i = 0; i < d->ncolumns; i++) {
		const struct definition_column *other = &d->columns[i];

		if (other == column || other->generated == NULL || !schema_text_names(other->generated, column->name))
			continue;
		(void)translate_fail(alter->t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot alter type of a column used by a generated column");
		report_detail(alter->t->report, "Column \"%s\" is used by generated column \"%s\".", column->name,
		    other->name);
		return -1;
	}
	return 0;
}

/* What PostgreSQL forbids for the sake of a trigger, or of a view over a function of the table's rows. */
static int
check_users(struct alter *alter, const char *column)
{
	const struct schema_table *table = alter->rebuild.table;
	const char *what = NULL;

	if (!alter->rebuild.after.temporary && define_check_trigger_column(alter->t, table->name, column, false) == -1)
		what = "cannot alter type of a column used in a trigger definition";
	else if (routine_check_row_column(alter->t, table->schema, table->name, column, false) == -1)
		what = "cannot alter type of a column used by a view or rule";
	if (what == NULL || alter->t->report->state != SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST)
		return what == NULL ? 0 : -1;
	report_reset(alter->t->report);
	return translate_fail(alter->t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s", what);
}

static void
end_texts(struct alter *alter, const char *source, int result)
{
	alter->t->source = source;
	if (result == -1 && alter->t->report != NULL)
		alter->t->report->position = 0;
}

int
alter_retype(struct alter *alter, unsigned i)
{
	struct definition *d = &alter->rebuild.after;
	struct definition_column *column = &d->columns[i];
	const char *source = alter->t->source;
	int result;

	if (definition_add_name(&alter->retyped, column->name) == -1)
		return translate_out_of_memory(alter->t);
	if (check_generated_users(alter, column) == -1 || check_users(alter, column->name) == -1)
		return -1;
	alter->t->source = ""; /* what is read here stands in no statement */
	result = retype_default(alter->t, column) == -1 ? -1 : retype_generated(alter->t, d, column);
	end_texts(alter, source, result);
	return result;
}

/* ---- constraints and indexes, once all columns have their types ---- */

static bool
names_retyped(const struct alter *alter, const char *sql)
{
	for (unsigned i = 0; i < alter->retyped.count; i++)
		if (schema_text_names(sql, alter->retyped.names[i]))
			return true;
	return false;
}

static bool
shares_retyped(const struct alter *alter, const struct definition_names *columns)
{
	for (unsigned i = 0; i < alter->retyped.count; i++)
		if (definition_names_has(columns, alter->retyped.names[i]))
			return true;
	return false;
}

static int
retype_check(struct alter *alter, struct definition_constraint *c)
{
	const PgQuery__Node *node = read_expression(alter->t, c->expression,
	    "changing the type of a column that a CHECK names whose text is not known");
	const struct definition *d = &alter->rebuild.after;
	char *text;

	if (node == NULL ||
	    (text = define_keep(alter->t, d, node, TYPE_BOOL, -1, define_condition(alter->t, d, node, "CHECK"))) ==
		NULL)
		return -1;
	free(c->expression);
	c->expression = text;
	return 0;
}

/* Foreign keys of other tables to this one. */
static int
check_children(struct alter *alter)
{
	struct definition_names children = { 0 }, none = { 0 };
	const struct schema_table *table = alter->rebuild.table;
	int result = define_find_children(alter->t, table->name, &none, &children);

	for (unsigned i = 0; result == 0 && i < children.count; i++) {
		const struct schema_table *child =
		    schema_find_table(alter->t->schema, table->schema, children.names[i]);
		struct definition d;

		if (child == NULL || child == table || definition_parse(child->sql, &d) == -1)
			continue;
		for (unsigned n = 0; result == 0 && n < d.nconstraints; n++) {
			const struct definition_constraint *c = &d.constraints[n];

			if (c->kind == DEFINITION_FOREIGN_KEY && strcmp(c->parent, table->name) == 0 &&
			    (c->parent_columns.count == 0 || shares_retyped(alter, &c->parent_columns)))
				result = define_check_key_types(alter->t, &d, &alter->rebuild.after, c);
		}
		definition_free(&d);
	}
	definition_names_free(&children);
	return result;
}

static int
check_parent(struct alter *alter, const struct definition_constraint *c)
{
	const struct definition *d = &alter->rebuild.after;
	const struct schema_table *parent;
	struct definition theirs;
	int result;

	if (strcmp(c->parent, d->name) == 0)
		return define_check_key_types(alter->t, d, d, c);
	parent = schema_find_table(alter->t->schema, alter->rebuild.table->schema, c->parent);
	if (parent == NULL || definition_parse(parent->sql, &theirs) == -1)
		return 0;
	result = define_check_key_types(alter->t, d, &theirs, c);
	definition_free(&theirs);
	return result;
}

/* Whether an index of SQLite's text has more than columns: then that text knows their types. */
static bool
has_expression(const char *sql)
{
	bool found = strstr(sql, ") WHERE ") != NULL;
	char *part;

	for (unsigned n = 1; !found && (part = describe_index_source(sql, n)) != NULL; n++) {
		found = *part == '(';
		free(part);
	}
	return found;
}

static int
retype_index(struct alter *alter, const struct schema_object *index)
{
	struct describe_how how = { .db = schema_database(alter->t->schema), .path = "\"\"" };
	const struct schema_table *table = alter->rebuild.table;
	char *text = describe_index(table->schema, table->name, index->sql, &how);
	const PgQuery__Node *stmt = text == NULL ? NULL : view_parse_statement(alter->t, text);
	size_t from = alter->t->out.length;
	int result;

	free(text);
	if (stmt == NULL || stmt->node_case != PG_QUERY__NODE__NODE_INDEX_STMT)
		return alter->t->report->state != SQLSTATE_SUCCESSFUL_COMPLETION
		    ? -1
		    : translate_refuse(alter->t, -1,
			  "changing the type of a column that an index names whose text is not known");
	result = define_emit_index(alter->t, stmt->index_stmt, table, &alter->rebuild.after, index->name);
	if (result == 0 && definition_add_name(&alter->rebuild.dropped_indexes, index->name) == -1)
		result = translate_out_of_memory(alter->t);
	return result == -1 ? -1 : alter_move_to_trailer(alter, from);
}

static int
retype_indexes(struct alter *alter)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(alter->t->schema), alter->rebuild.table->schema,
		alter->rebuild.table->name, &objects) == -1)
		return translate_out_of_memory(alter->t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		const struct schema_object *object = &objects.items[i];

		if (object->type == 'i' && object->sql != NULL && has_expression(object->sql) &&
		    names_retyped(alter, object->sql) &&
		    !definition_names_has(&alter->rebuild.dropped_indexes, object->name))
			result = retype_index(alter, object);
	}
	schema_objects_free(&objects);
	return result;
}

int
alter_retype_all(struct alter *alter)
{
	struct definition *d = &alter->rebuild.after;
	const char *source = alter->t->source;
	int result = 0;

	if (alter->retyped.count == 0)
		return 0;
	alter->t->source = "";
	for (unsigned i = 0; result == 0 && i < d->nconstraints; i++) {
		struct definition_constraint *c = &d->constraints[i];

		if (c->kind == DEFINITION_CHECK && names_retyped(alter, c->expression))
			result = retype_check(alter, c);
		else if (c->kind == DEFINITION_FOREIGN_KEY && shares_retyped(alter, &c->columns))
			result = check_parent(alter, c);
	}
	if (result == 0)
		result = check_children(alter);
	if (result == 0)
		result = retype_indexes(alter);
	end_texts(alter, source, result);
	return result;
}
