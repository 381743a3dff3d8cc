/*
 * Rows as values: ROW(...), the row of an entry of FROM, fields of them, and what brings them to a row type. A row is
 * made by a call of bibd_row_make(), whose first argument says the types of the others (types/record.h).
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/lateral.h"
#include "workers/sqlite/dialect/row.h"

/* SQLite's functions take no more than 127 arguments. */
#define FIELDS_MAX 120

/* ---- ROW(...) ---- */

/* A row while it is written. */
struct making {
	struct translator *t;
	size_t start;
	unsigned n;
	struct expression fields[FIELDS_MAX];
	const char *names[FIELDS_MAX]; /* NULL: by its place */
};

static int
begin(struct making *m, struct translator *t)
{
	m->t = t;
	m->start = t->out.length;
	m->n = 0;
	return translate_emit(t, ROW_HEAD "'");
}

/* Where the next field is written; NULL: reported. */
static struct expression *
next_field(struct making *m, const char *name)
{
	if (m->n == FIELDS_MAX) {
		(void)translate_refuse(m->t, -1, "a row of so many fields as a value");
		return NULL;
	}
	m->names[m->n] = name;
	return translate_emit(m->t, ", ") < 0 ? NULL : &m->fields[m->n++];
}

static int
end_field(struct making *m)
{
	struct expression *e = &m->fields[m->n - 1];

	e->end = m->t->out.length;
	return expression_canonize(m->t, e, -1);
}

static int
put_columns(struct making *m, const struct scope_range *range)
{
	for (unsigned i = 0; i < range->ncolumns; i++) {
		struct found_column found = { .range = range, .column = &range->columns[i] };
		struct expression *e = next_field(m, range->columns[i].name);

		if (e == NULL || translate_found_column(m->t, &found, e) < 0 || end_field(m) < 0)
			return -1;
	}
	return 0;
}

static uint32_t
field_type(const struct expression *e)
{
	return e->form != EXPRESSION_VALUE || e->oid == TYPE_UNKNOWN ? (uint32_t)TYPE_TEXT : e->oid;
}

/* The types, as text. NULL: reported. */
static const char *
types_of(struct translator *t, const struct expression *fields, unsigned n)
{
	const char *types = "";

	for (unsigned i = 0; types != NULL && i < n; i++)
		types = translator_format(t, "%s%s%u", types, i > 0 ? "," : "", field_type(&fields[i]));
	return types;
}

static const struct row_shape *
shape_of_fields(struct making *m)
{
	struct row_shape *shape = translator_alloc(m->t, sizeof(*shape));
	struct row_field *fields = translator_alloc(m->t, (m->n + 1) * sizeof(*fields));

	if (shape == NULL || fields == NULL)
		return NULL;
	for (unsigned i = 0; i < m->n; i++)
		fields[i] = (struct row_field) { .name = m->names[i] != NULL ? m->names[i]
									     : translator_format(m->t, "f%u", i + 1),
			.oid = field_type(&m->fields[i]),
			.typmod = m->fields[i].typmod,
			.domain = m->fields[i].domain,
			.shape = m->fields[i].shape };
	*shape = (struct row_shape) { .n = m->n, .fields = fields };
	return shape;
}

/* Puts the types into the head; the whole is a record, or a value of that row type. */
static int
end(struct making *m, uint32_t oid, struct expression *type)
{
	struct translator *t = m->t;
	const char *types = types_of(t, m->fields, m->n);
	size_t head = types == NULL ? 0 : strlen(types);

	if (types == NULL || translate_emit(t, ")") < 0)
		return -1;
	sql_text_insert(&t->out, m->start + strlen(ROW_HEAD), types);
	*type = expression_value(m->start, oid);
	type->end = t->out.length;
	type->not_null = true;
	for (unsigned i = 0; i < m->n; i++) {
		m->fields[i].start += head - m->start;
		m->fields[i].end += head - m->start;
	}
	if (oid == TYPE_RECORD && (type->shape = shape_of_fields(m)) == NULL)
		return -1;
	return t->out.failed ? translate_out_of_memory(t) : 0;
}

static int
keep_parts(struct making *m, struct expression *type)
{
	struct row_parts *parts = translator_alloc(m->t, sizeof(*parts));
	struct expression *fields = translator_alloc(m->t, (m->n + 1) * sizeof(*fields));
	const char *types = types_of(m->t, m->fields, m->n);

	if (parts == NULL || fields == NULL || types == NULL)
		return -1;
	if (m->n > 0)
		memcpy(fields, m->fields, m->n * sizeof(*fields));
	*parts = (struct row_parts) { .n = m->n, .fields = fields, .head = strlen(types) };
	type->parts = parts;
	return 0;
}

/* The entry of FROM that name.* means; NULL: it is something else, or reported. */
static const struct scope_range *
starred(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__ColumnRef *ref = node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? node->column_ref : NULL;
	size_t n = ref == NULL ? 0 : ref->n_fields;

	if (n < 2 || ref->fields[n - 1]->node_case != PG_QUERY__NODE__NODE_A_STAR)
		return NULL;
	return translate_scope_find(t, n > 2 ? translate_string(ref->fields[n - 3]) : NULL,
	    translate_string(ref->fields[n - 2]));
}

PgQuery__Node *
translate_column_node(struct translator *t, const char *qualifier, const char *column)
{
	struct {
		PgQuery__Node node, fields[2];
		PgQuery__ColumnRef ref;
		PgQuery__String names[2];
		PgQuery__Node *list[2];
	} *x = translator_alloc(t, sizeof(*x));
	const char *names[2] = { qualifier, column };

	if (x == NULL)
		return NULL;
	pg_query__node__init(&x->node);
	pg_query__column_ref__init(&x->ref);
	for (size_t i = 0; i < 2; i++) {
		pg_query__node__init(&x->fields[i]);
		pg_query__string__init(&x->names[i]);
		x->names[i].sval = (char *)(uintptr_t)names[i];
		x->fields[i].node_case = PG_QUERY__NODE__NODE_STRING;
		x->fields[i].string = &x->names[i];
		x->list[i] = &x->fields[i];
	}
	x->ref.n_fields = 2;
	x->ref.fields = x->list;
	x->ref.location = -1;
	x->node.node_case = PG_QUERY__NODE__NODE_COLUMN_REF;
	x->node.column_ref = &x->ref;
	return &x->node;
}

/* The node that names a column of an entry of FROM. */
static PgQuery__Node *
column_node(struct translator *t, const struct scope_range *range, const char *column)
{
	return translate_column_node(t, range->named != NULL ? range->named : range->alias, column);
}

const PgQuery__RowExpr *
translate_expanded_row(struct translator *t, const PgQuery__RowExpr *row)
{
	PgQuery__RowExpr *expanded;
	size_t n = row->n_args;
	bool any = false;

	for (size_t i = 0; i < row->n_args; i++) {
		const struct scope_range *range = starred(t, row->args[i]);

		any |= range != NULL;
		n += range == NULL ? 0 : range->ncolumns;
	}
	if (!any)
		return row;
	if ((expanded = translator_alloc(t, sizeof(*expanded))) == NULL ||
	    (expanded->args = translator_alloc(t, (n + 1) * sizeof(PgQuery__Node *))) == NULL)
		return NULL;
	expanded->location = row->location;
	for (size_t i = 0; i < row->n_args; i++) {
		const struct scope_range *range = starred(t, row->args[i]);

		if (range == NULL)
			expanded->args[expanded->n_args++] = row->args[i];
		for (unsigned j = 0; range != NULL && j < range->ncolumns; j++)
			if ((expanded->args[expanded->n_args++] = column_node(t, range, range->columns[j].name)) ==
			    NULL)
				return NULL;
	}
	return expanded;
}

int
translate_row(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__RowExpr *row = node->row_expr;
	struct making *m = translator_alloc(t, sizeof(*m));

	if (m == NULL || begin(m, t) < 0)
		return -1;
	for (size_t i = 0; i < row->n_args; i++) {
		const struct scope_range *range = starred(t, row->args[i]);
		unsigned before = m->n;
		struct expression *e;

		if (range != NULL) {
			if (put_columns(m, range) < 0)
				return -1;
			for (unsigned j = before; j < m->n; j++)
				m->names[j] = NULL;
		} else if ((e = next_field(m, NULL)) == NULL || translate_expression(t, row->args[i], e) < 0 ||
		    end_field(m) < 0)
			return -1;
	}
	return end(m, TYPE_RECORD, type) < 0 ? -1 : keep_parts(m, type);
}

/* ---- the row of an entry of FROM ---- */

/* Where an outer join may leave it out, the row is NULL then: the key of the table's row says so. */
static int
guard_outer(struct translator *t, const struct scope_range *range, const struct schema_table *table,
    struct expression *type)
{
	const char *prefix;

	if (!range->outer)
		return 0;
	if (table == NULL || table->kind != 'r' || table->without_rowid || range->split != NULL ||
	    (t->lateral != NULL && range->depth < t->lateral->depth) || strpbrk(range->alias, "\"%") != NULL)
		return translate_refuse(t, -1, "a row that an outer join may leave out as a value");
	prefix = translator_format(t, "(CASE WHEN \"%s\".rowid IS NOT NULL THEN ", range->alias);
	return expression_wrap(t, type, prefix, " END)");
}

int
translate_whole_row(struct translator *t, const struct scope_range *range, int location, struct expression *type)
{
	const struct schema_table *table =
	    range->table == NULL ? NULL : schema_find_table(t->schema, range->schema, range->table);
	const struct schema_type *own = table == NULL ? NULL : schema_row_type(t->schema, table);
	struct making *m = translator_alloc(t, sizeof(*m));
	uint32_t oid = own == NULL || own->nfields != range->ncolumns ? (uint32_t)TYPE_RECORD : own->oid;

	if (t->view || t->definition)
		return translate_refuse(t, location, "a whole row as a value in a definition");
	if (m == NULL || begin(m, t) < 0 || put_columns(m, range) < 0 || end(m, oid, type) < 0)
		return -1;
	return guard_outer(t, range, table, type);
}

int
translate_star_as_row(struct translator *t, const PgQuery__ColumnRef *ref, struct expression *type)
{
	const char *schema = ref->n_fields > 2 ? translate_string(ref->fields[ref->n_fields - 3]) : NULL;
	const char *name = translate_string(ref->fields[ref->n_fields - 2]);
	const struct scope_range *range = name == NULL ? NULL : translate_scope_find(t, schema, name);

	if (range == NULL)
		return translate_missing_range(t, name == NULL ? "" : name, ref->location);
	return translate_whole_row(t, range, ref->location, type);
}

/* ---- fields ---- */

int
translate_row_field_at(struct translator *t, struct expression *e, const struct row_shape *shape, unsigned i)
{
	const struct row_field *field = &shape->fields[i];
	const char *end = translator_format(t, ", %u, %u)", i, field->oid);

	if (end == NULL || expression_wrap(t, e, "bibd_row_field(", end) < 0)
		return -1;
	e->oid = field->oid;
	e->typmod = field->typmod;
	e->domain = field->domain;
	e->shape = field->shape;
	e->not_null = false;
	e->canonical = field->oid == TYPE_NUMERIC;
	return 0;
}

int
translate_row_field(struct translator *t, struct expression *e, const char *name, int location)
{
	const struct row_shape *shape = translate_shape(t, e);

	if (e->form == EXPRESSION_VALUE && !type_is_row(e->oid)) {
		translate_fail(t, location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "column notation .%s applied to type %s, which is not a composite type", name,
		    type_display(t, e->oid));
		return -1;
	}
	if (shape == NULL)
		return translate_refuse(t, location, "a field of this row");
	for (unsigned i = 0; i < shape->n; i++)
		if (strcmp(shape->fields[i].name, name) == 0)
			return translate_row_field_at(t, e, shape, i);
	if (e->oid == TYPE_RECORD)
		return translate_fail(t, location, SQLSTATE_UNDEFINED_COLUMN,
		    "could not identify column \"%s\" in record data type", name);
	return translate_fail(t, location, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" not found in data type %s", name,
	    type_display(t, e->oid));
}
