/*
 * Functions that answer rows in a select list: they are moved into FROM. Those that stand side by side run in step, as
 * long as any has rows; one whose arguments have such functions too runs for each row of theirs.
 */
#include <string.h>

#include "workers/sqlite/dialect/set_function.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/schema/routine.h"

struct set_item {
	struct set_call call;
	const char *text; /* as arguments of bibd_rows() */
	unsigned level;	  /* from 1: those of the same level are in step */
	unsigned place;	  /* among them */
	struct set_item *next;
};

static const char *
alias_of(struct translator *t, unsigned level)
{
	return translator_format(t, "bibd_sets_%u_%u", t->scope->sets_number, level);
}

/* Appends it, or finds the same call. */
static struct set_item *
add_item(struct translator *t, const struct set_call *call, const char *text, unsigned level)
{
	struct set_item **end = &t->scope->sets, *item;
	unsigned place = 0, narguments = call->narguments;

	for (; *end != NULL; end = &(*end)->next) {
		if ((*end)->level != level)
			continue;
		if (strcmp((*end)->text, text) == 0)
			return *end;
		place++;
		narguments += (*end)->call.narguments;
	}
	if (translate_check_sets(t, place + 1, narguments) < 0 || (item = translator_alloc(t, sizeof(*item))) == NULL)
		return NULL;
	*item = (struct set_item) { .call = *call, .text = text, .level = level, .place = place };
	*end = item;
	return item;
}

/* Those of one level, one behind the other; false: there are none. */
static bool
put_level(struct translator *t, struct sql_text *series, unsigned level)
{
	unsigned sets = 0, narguments = 0;
	bool packed, any = false;

	for (const struct set_item *item = t->scope->sets; item != NULL; item = item->next)
		if (item->level == level) {
			sets++;
			narguments += item->call.narguments;
		}
	packed = translate_packs_sets(sets, narguments);
	for (const struct set_item *item = t->scope->sets; item != NULL; item = item->next) {
		if (item->level != level)
			continue;
		if (!any && level > 1)
			sql_text_put(series, " CROSS JOIN ");
		sql_text_put(series, any ? ", " : packed ? "bibd_rows(bibd_arguments(" : "bibd_rows(");
		sql_text_put(series, item->text);
		any = true;
	}
	if (any)
		sql_text_format(series, "%s) AS \"bibd_sets_%u_%u\"", packed ? ")" : "", t->scope->sets_number, level);
	return any;
}

/* Writes the call's arguments, takes them out of the text, and says of which level it is. */
static struct set_item *
move_call(struct translator *t, const PgQuery__FuncCall *call)
{
	struct scope *scope = t->scope;
	size_t start = t->out.length;
	unsigned beside = scope->sets_level, level;
	struct set_call set;
	const char *text;

	if (scope->sets_number == 0)
		scope->sets_number = ++t->serial;
	scope->sets_level = 0;
	if ((translate_is_own(t, translate_own_name(t, call->funcname, call->n_funcname))
		    ? translate_own_set(t, call, NULL, 0, &set)
		    : translate_set_call(t, call, &set)) < 0 ||
	    (text = translator_copy(t, t->out.data + start)) == NULL)
		return NULL;
	sql_text_cut(&t->out, start);
	level = scope->sets_level + 1;
	scope->sets_level = beside > level ? beside : level;
	return add_item(t, &set, text, level);
}

static int
emit_column(struct translator *t, const struct set_item *item, unsigned column)
{
	const char *alias = alias_of(t, item->level);
	const char *name = translate_set_column(t, &item->call.columns[column], item->place);

	if (alias == NULL || name == NULL || (item->call.before != NULL && translate_emit(t, item->call.before) < 0) ||
	    translate_emit_format(t, "\"%s\".\"%s\"", alias, name) < 0)
		return -1;
	return item->call.after == NULL ? 0 : translate_emit(t, item->call.after);
}

/* A row of several columns as a value. */
static int
emit_row(struct translator *t, const struct set_item *item, struct expression *type)
{
	struct row_shape *shape = translator_alloc(t, sizeof(*shape));
	struct row_field *fields = translator_alloc(t, SET_COLUMNS_MAX * sizeof(*fields));

	if (shape == NULL || fields == NULL)
		return -1;
	for (unsigned i = 0; i < 2; i++)
		fields[i] = (struct row_field) { .name = item->call.columns[i].name,
			.oid = item->call.columns[i].oid,
			.typmod = -1 };
	*shape = (struct row_shape) { .n = 2, .fields = fields };
	type->shape = shape;
	if (translate_emit_format(t, "bibd_row_make('%u,%u', ", fields[0].oid, fields[1].oid) < 0 ||
	    emit_column(t, item, 0) < 0 || translate_emit(t, ", ") < 0 || emit_column(t, item, 1) < 0)
		return -1;
	return translate_emit(t, ")");
}

static int
find_field(struct translator *t, const struct set_item *item, const char *field, int location, unsigned *column)
{
	for (*column = 0; *column < item->call.ncolumns; (*column)++)
		if (item->call.ncolumns > 1 && strcmp(item->call.columns[*column].name, field) == 0)
			return 0;
	return translate_fail(t, location, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" not found in data type record",
	    field);
}

/* Such a row as a value. */
static int
emit_own_row(struct translator *t, const struct set_item *item, struct expression *type)
{
	size_t start = t->out.length;
	const char *alias = alias_of(t, item->level);

	translate_emit(t, "bibd_own_row(");
	if (alias == NULL || translate_identifier(t, alias) < 0 ||
	    translate_emit_format(t, ".\"v%u\")", item->place) < 0)
		return -1;
	*type = expression_value(start, item->call.own->result);
	type->end = t->out.length;
	return (type->shape = translate_own_shape(t, item->call.own)) == NULL ? -1 : 0;
}

/* A column of a row that a function of the file's own answers. */
static int
emit_own_field(struct translator *t, const struct set_item *item, const char *field, int location,
    struct expression *type)
{
	const struct own_call *own = item->call.own;
	const char *alias = alias_of(t, item->level), *text;
	size_t start = t->out.length;
	unsigned column = 0;

	while (column < own->ncolumns &&
	    (own->columns[column].name == NULL || strcmp(own->columns[column].name, field) != 0))
		column++;
	if (column == own->ncolumns)
		return translate_fail(t, location, SQLSTATE_UNDEFINED_COLUMN,
		    "column \"%s\" not found in data type record", field);
	if (alias == NULL || (text = translate_own_column(t, alias, item->place, column)) == NULL ||
	    translate_emit(t, text) < 0)
		return -1;
	*type = expression_value(start, own->columns[column].oid);
	type->canonical = type->oid == TYPE_NUMERIC;
	type->end = t->out.length;
	return 0;
}

int
translate_set_function_field(struct translator *t, const PgQuery__FuncCall *call, const char *field,
    struct expression *type)
{
	size_t start = t->out.length;
	struct sql_text *series = t->scope == NULL ? NULL : t->scope->series;
	const struct set_item *item;
	unsigned column = 0;

	if (series == NULL)
		return translate_refuse(t, call->location, "a set-returning function here");
	if ((item = move_call(t, call)) == NULL)
		return -1;
	if (item->call.by_name || (item->call.own != NULL && item->call.is_record))
		return translate_refuse(t, call->location, "a function that returns a record here");
	sql_text_cut(series, 0);
	for (unsigned level = 1; put_level(t, series, level); level++)
		;
	if (item->call.own != NULL)
		return field == NULL ? emit_own_row(t, item, type)
				     : emit_own_field(t, item, field, call->location, type);
	if (field != NULL && item->call.shape == NULL && find_field(t, item, field, call->location, &column) < 0)
		return -1;
	*type = expression_value(start,
	    field == NULL && item->call.ncolumns > 1 ? TYPE_RECORD : item->call.columns[column].oid);
	if ((item->call.ncolumns > 1 && field == NULL ? emit_row(t, item, type) : emit_column(t, item, column)) < 0)
		return -1;
	type->end = t->out.length;
	if (item->call.shape == NULL)
		return 0;
	type->shape = item->call.shape;
	type->domain = item->call.domain;
	return field == NULL ? 0 : translate_row_field(t, type, field, call->location);
}

int
translate_set_function_as_value(struct translator *t, const PgQuery__FuncCall *call, struct expression *type)
{
	return translate_set_function_field(t, call, NULL, type);
}

/* ---- what a query is sorted by ---- */

static int
find_set(void *arg, const PgQuery__Node *node)
{
	const PgQuery__FuncCall *call = node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? node->func_call : NULL;

	if (node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
		return 0;
	if (call != NULL && translate_is_set(arg, translate_own_name(arg, call->funcname, call->n_funcname)))
		return 1;
	return tree_each_child(node, find_set, arg);
}

static bool
is_named(const PgQuery__ResTarget *target, const PgQuery__Node *item)
{
	const char *own =
	    target->name != NULL && *target->name != '\0' ? target->name : translate_target_name(target->val);
	const char *name = item->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && item->column_ref->n_fields == 1
	    ? translate_string(item->column_ref->fields[0])
	    : NULL;

	return name != NULL && own != NULL && strcmp(name, own) == 0;
}

static bool
names_set(struct translator *t, const PgQuery__SelectStmt *select, const PgQuery__Node *item)
{
	bool position =
	    item->node_case == PG_QUERY__NODE__NODE_A_CONST && item->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL;

	for (size_t i = 0; i < select->n_target_list; i++) {
		const PgQuery__ResTarget *target = select->target_list[i]->res_target;

		if ((position ? (size_t)item->a_const->ival->ival == i + 1 : is_named(target, item)) &&
		    find_set(t, target->val) != 0)
			return true;
	}
	return find_set(t, item) != 0;
}

bool
translate_sorts_sets(struct translator *t, const PgQuery__SelectStmt *select)
{
	for (size_t i = 0; i < select->n_sort_clause; i++)
		if (names_set(t, select, select->sort_clause[i]->sort_by->node))
			return true;
	for (size_t i = 0; i < select->n_distinct_clause; i++)
		if (select->distinct_clause[i]->node_case != PG_QUERY__NODE__NODE__NOT_SET &&
		    names_set(t, select, select->distinct_clause[i]))
			return true;
	return false;
}
