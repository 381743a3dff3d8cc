/*
 * The arguments of what makes JSON: values are put into its words by bibd_json_value, which is told their types. A row
 * is written as the JSON that it becomes.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/types/codec.h"

/* Whose values become JSON, and which of their arguments are keys. */
static const struct {
	const char *name;
	bool has_keys;
} makers[] = {
	{ "json_agg", false },
	{ "jsonb_agg", false },
	{ "array_to_json", false },
	{ "row_to_json", false },
	{ "to_json", false },
	{ "to_jsonb", false },
	{ "json_build_array", false },
	{ "jsonb_build_array", false },
	{ "json_build_object", true },
	{ "jsonb_build_object", true },
	{ "json_object_agg", true },
	{ "jsonb_object_agg", true },
};

#define NMAKERS (sizeof(makers) / sizeof(makers[0]))

/* Whether JSON of a record can be made of its value and of the names at its top: records within it say no names, and
 * theirs must be those of places. An array's elements stand within it. */
static bool
is_told(const struct row_shape *shape, bool within)
{
	bool told = shape != NULL;
	char number[16];

	for (unsigned i = 0; told && i < shape->n; i++) {
		const struct row_field *field = &shape->fields[i];

		(void)snprintf(number, sizeof(number), "f%u", i + 1);
		told = !within || strcmp(field->name, number) == 0;
		if (field->oid == TYPE_RECORD || field->oid == TYPE_RECORD_ARRAY)
			told = told && is_told(field->shape, true);
	}
	return told;
}

/* The JSON of a row, or of an array of rows: a record is told its fields' names. */
static int
make_row(struct translator *t, struct expression *e)
{
	const struct row_shape *shape = e->oid == TYPE_RECORD ? translate_shape(t, e) : NULL;
	struct sql_text end = { 0 };
	bool row = type_is_row(e->oid);
	int status;

	if ((e->oid == TYPE_RECORD || e->oid == TYPE_RECORD_ARRAY) && !is_told(e->shape, e->oid == TYPE_RECORD_ARRAY))
		return translate_refuse(t, -1, "JSON of a record within another, or of one whose fields are not known");
	sql_text_format(&end, ", %u", e->oid);
	for (unsigned i = 0; shape != NULL && i < shape->n; i++) {
		sql_text_put(&end, ", ");
		sql_text_put_string(&end, shape->fields[i].name, strlen(shape->fields[i].name));
	}
	sql_text_put(&end, ")");
	status = end.failed		      ? translate_out_of_memory(t)
	    : shape != NULL && shape->n > 100 ? translate_refuse(t, -1, "JSON of a row of so many fields")
					      : expression_wrap(t, e, "bibd_row_json(", end.data);
	sql_text_free(&end);
	e->oid = TYPE_JSON;
	e->row = row;
	return status;
}

static int
make_value(struct translator *t, struct expression *e, int location)
{
	uint32_t oid;
	bool own;

	if (e->form == EXPRESSION_VALUE && (type_is_row(e->oid) || type_is_row(type_element(e->oid))) &&
	    make_row(t, e) < 0)
		return -1;
	if (expression_plain(t, e) < 0)
		return -1;
	oid = e->oid;
	if ((oid == TYPE_INET || oid == TYPE_CIDR || oid == TYPE_TSQUERY) && expression_output(t, e) < 0)
		return -1;
	oid = e->oid;
	own = oid == TYPE_DATE || type_has_json_form(oid) || type_is_array(oid) || type_is_text(oid);
	if (!own && oid != TYPE_UNKNOWN && expression_cast(t, e, TYPE_TEXT, -1, CAST_EXPLICIT, location) < 0)
		return -1;
	if (expression_wrap(t, e, "bibd_json_value(", translator_format(t, ", %u)", own ? oid : TYPE_TEXT)) < 0)
		return -1;
	e->oid = TYPE_JSON;
	e->canonical = false;
	return 0;
}

static size_t
find_maker(const char *name)
{
	size_t maker = 0;

	while (maker < NMAKERS && strcmp(makers[maker].name, name) != 0)
		maker++;
	return maker;
}

/* json_agg begins a line with each array or row but the first. */
static int
begin_line(struct translator *t, const char *name, bool structured, struct expression *e)
{
	return structured && strcmp(name, "json_agg") == 0 ? expression_wrap(t, e, "(char(10, 32) || ", ")") : 0;
}

int
translate_json_arguments(struct translator *t, const char *name, struct expression *list, size_t n, int location)
{
	size_t maker = find_maker(name);

	if (maker < NMAKERS && n > 1 && strcmp(name, "array_to_json") == 0 && type_is_row(type_element(list[0].oid)))
		return translate_refuse(t, location, "array_to_json(rows, pretty)");
	if (maker == NMAKERS || (n > 1 && strcmp(name, "array_to_json") == 0))
		return 0;
	for (size_t i = 0; makers[maker].has_keys && i < n; i += 2)
		if (type_is_array(list[i].oid) || type_is_row(list[i].oid) || list[i].oid == TYPE_JSON ||
		    list[i].oid == TYPE_JSONB)
			return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
			    "key value must be scalar, not array, composite, or json");
	if (strcmp(name, "row_to_json") == 0 && !list[0].row)
		return translate_refuse(t, location, "row_to_json of what is no row");
	for (size_t i = 0; makers[maker].has_keys && i < n; i += 2)
		if (list[i].oid == TYPE_BPCHAR || list[i].oid == TYPE_TIMESTAMP || list[i].oid == TYPE_TIMESTAMPTZ)
			return translate_refuse(t, location, "a key of that type in JSON");
	for (size_t i = n; i-- > 0;) {
		bool structured = type_is_array(list[i].oid) || (list[i].oid == TYPE_JSON && list[i].row);

		if (makers[maker].has_keys && i % 2 == 0) {
			/* A date is written as in JSON, whatever DateStyle says. */
			if (list[i].oid == TYPE_DATE) {
				if (expression_wrap(t, &list[i], "trim(bibd_json_value(", ", 1082), '\"')") < 0)
					return -1;
				list[i].oid = TYPE_TEXT;
			}
			if (expression_cast(t, &list[i], TYPE_TEXT, -1, CAST_EXPLICIT, location) < 0)
				return -1;
		} else if (make_value(t, &list[i], location) < 0 || begin_line(t, name, structured, &list[i]) < 0)
			return -1;
	}
	return 0;
}

/* ---- rows ---- */

/* One field: its name, and its value as JSON. */
static int
put_field(struct translator *t, const char *name, struct expression *e, unsigned *n)
{
	struct pgwire_buffer key = { 0 };
	const char *before;
	int status = -1;

	pgwire_put_bytes(&key, *n > 0 ? "," : "{", 1);
	type_json_put_string(&key, name, strlen(name));
	pgwire_put_bytes(&key, ":", 2); /* and a NUL */
	before = key.failed ? NULL : translator_copy(t, (const char *)key.data + key.start);
	pgwire_buffer_free(&key);
	if (before == NULL || (e->form != EXPRESSION_VALUE && expression_settle(t, e, TYPE_TEXT, -1) < 0) ||
	    expression_canonize(t, e, -1) < 0 || make_value(t, e, -1) < 0 ||
	    expression_wrap(t, e, "ifnull(", ", 'null')") < 0)
		return -1;
	(*n)++;
	{
		struct sql_text text = { 0 };

		sql_text_put_string(&text, before, strlen(before));
		sql_text_put(&text, " || ");
		status = text.failed ? translate_out_of_memory(t) : 0;
		if (status == 0)
			sql_text_insert(&t->out, e->start, text.data);
		sql_text_free(&text);
	}
	return status < 0 ? -1 : translate_emit(t, " || ");
}

/* All columns of an entry of FROM; numbered: they are a row's, without names. */
static int
put_range(struct translator *t, const struct scope_range *range, bool numbered, unsigned *n)
{
	if (range->outer)
		return translate_refuse(t, -1, "JSON of a row that an outer join may leave out");
	for (unsigned i = 0; i < range->ncolumns; i++) {
		struct found_column found = { .range = range, .column = &range->columns[i], .location = -1 };
		const char *name = numbered	    ? translator_format(t, "f%u", *n + 1)
		    : range->table == NULL	    ? range->columns[i].name
		    : range->columns[i].own != NULL ? range->columns[i].own
						    : range->columns[i].emitted;
		struct expression e = { 0 };

		if (name == NULL || translate_found_column(t, &found, &e) < 0 || put_field(t, name, &e, n) < 0)
			return -1;
	}
	return 0;
}

/* The entry of FROM whose row a name, or name.*, is; NULL: it is something else. */
static const struct scope_range *
find_row(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__ColumnRef *ref = node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? node->column_ref : NULL;
	const char *name = ref != NULL && ref->n_fields > 0 ? translate_string(ref->fields[0]) : NULL;
	bool star = ref != NULL && ref->n_fields == 2 && ref->fields[1]->node_case == PG_QUERY__NODE__NODE_A_STAR;

	if (name == NULL || (ref->n_fields != 1 && !star))
		return NULL;
	for (const struct scope *scope = t->scope; !star && scope != NULL; scope = scope->outer)
		for (const struct scope_range *range = scope->ranges; range != NULL; range = range->next)
			for (unsigned i = 0; i < range->ncolumns; i++)
				if (!range->hidden && strcmp(range->columns[i].name, name) == 0)
					return NULL;
	return translate_scope_find(t, NULL, name);
}

static int
put_row(struct translator *t, const PgQuery__RowExpr *row, unsigned *n)
{
	for (size_t i = 0; i < row->n_args; i++) {
		const struct scope_range *range = find_row(t, row->args[i]);
		bool star = range != NULL && row->args[i]->column_ref->n_fields == 2;
		struct expression e = { 0 };

		if (star ? put_range(t, range, true, n) < 0
			 : translate_json_value(t, row->args[i], &e) < 0 ||
			    put_field(t, translator_format(t, "f%u", *n + 1), &e, n) < 0)
			return -1;
	}
	return 0;
}

int
translate_json_value(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__RowExpr *row = node->node_case == PG_QUERY__NODE__NODE_ROW_EXPR ? node->row_expr : NULL;
	const struct scope_range *range = find_row(t, node);
	size_t start = t->out.length;
	unsigned n = 0;

	if (row == NULL && range == NULL) {
		if (translate_expression(t, node, type) < 0)
			return -1;
		return type->form == EXPRESSION_VALUE && type_is_row(type->oid) ? make_row(t, type) : 0;
	}
	if (++t->depth > TRANSLATE_DEPTH_MAX)
		return translate_fail(t, -1, SQLSTATE_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
	if (translate_emit(t, "(") < 0 || (row != NULL ? put_row(t, row, &n) : put_range(t, range, false, &n)) < 0)
		return -1;
	t->depth--;
	*type = expression_value(start, TYPE_JSON);
	type->row = true;
	if (translate_emit(t, n > 0 ? "'}')" : "'{}')") < 0)
		return -1;
	type->end = t->out.length;
	return 0;
}

bool
translate_makes_json(const char *name, size_t argument)
{
	size_t maker = find_maker(name);

	return maker < NMAKERS && !(makers[maker].has_keys && argument % 2 == 0);
}
