/*
 * INSERT ... SELECT: the query, and one around it that brings its columns to those of the table.
 */

#include "workers/sqlite/dialect/insert.h"

/* What the query's columns are cast to; what has no type there takes the column's. */
static int
want_types(struct translator *t, const struct insert *in, const PgQuery__SelectStmt *source, size_t n)
{
	struct scope_column *wanted = translator_alloc(t, (n + 1) * sizeof(*wanted));
	bool named = in->statement->n_cols > 0;

	for (size_t i = 0; wanted != NULL && i < n; i++)
		wanted[i].oid = insert_is_part(in, (unsigned)i) || select_settles_column(source, (unsigned)i)
		    ? (uint32_t)TYPE_UNKNOWN
		    : named ? in->columns[i]->oid
			    : in->table->columns[i].oid;
	t->wanted = wanted;
	t->nwanted = source->op > PG_QUERY__SET_OPERATION__SETOP_NONE ? 0 : (unsigned)n;
	return wanted == NULL ? -1 : 0;
}

static bool
needs_cast(const struct schema_column *to, const struct scope_column *from)
{
	if (from->oid != to->oid || to->domain != from->domain || (to->typmod >= 0 && to->typmod != from->typmod))
		return true;
	return to->oid == TYPE_NUMERIC && !from->canonical;
}

/* The i-th column of the query, as it stands at the end of the text or will. */
static struct expression
source_column(const struct query_columns *columns, unsigned i, size_t start)
{
	const struct scope_column *from = &columns->columns[i];
	struct expression e = expression_value(start, from->oid);

	e.typmod = from->typmod;
	e.canonical = from->canonical;
	e.domain = from->domain;
	e.shape = from->shape;
	return e;
}

static int
cast_column(struct translator *t, const struct insert *in, const struct query_columns *columns, unsigned i)
{
	struct expression e = source_column(columns, i, t->out.length);

	if (translate_emit_format(t, "\"c%u\"", i + 1) < 0)
		return -1;
	e.end = t->out.length;
	if ((!columns->columns[i].null || in->columns[i]->domain != 0) &&
	    expression_cast(t, &e, modify_type_of(in->columns[i]), in->columns[i]->typmod, CAST_ASSIGNMENT, -1) < 0)
		return t->report->state != SQLSTATE_CANNOT_COERCE ||
			(columns->columns[i].oid == TYPE_RECORD && type_is_row(in->columns[i]->oid))
		    ? -1
		    : translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
			  "column \"%s\" is of type %s but expression is of type %s", in->columns[i]->name,
			  type_display(t, in->columns[i]->oid), type_display(t, columns->columns[i].oid));
	return modify_emit_key(t, in->columns[i], e.start);
}

/* Parts of a column, each of which a column of the query is assigned to. */
static int
source_parts(struct translator *t, const struct insert *in, const struct query_columns *columns, unsigned i)
{
	const char *text = "NULL";

	for (unsigned j = i; text != NULL && j < in->n; j++) {
		struct expression e = source_column(columns, j, 0);
		const char *name = translator_format(t, "\"c%u\"", j + 1);

		if (in->columns[j] != in->columns[i])
			continue;
		e.form = columns->columns[j].null ? EXPRESSION_NULL : EXPRESSION_VALUE;
		/* What has no type yet takes that of the part. */
		if (columns->columns[j].literal > 0 || columns->columns[j].parameter > 0) {
			e.lifted = columns->columns[j].literal > 0;
			e.form = e.lifted ? EXPRESSION_STRING : EXPRESSION_PARAMETER;
			e.index = e.lifted ? columns->columns[j].literal - 1 : columns->columns[j].parameter;
			e.oid = TYPE_UNKNOWN;
		}
		text = name == NULL
		    ? NULL
		    : modify_part_of_query(t, in->columns[j], in->statement->cols[j]->res_target, &e, name, text);
	}
	return text == NULL ? -1 : translate_emit(t, text);
}

/* Puts WITH "bibd_source"("c1", ...) AS (...) SELECT casts FROM "bibd_source" around the query. */
static int
cast_source(struct translator *t, const struct insert *in, const struct query_columns *columns, size_t start)
{
	bool first = true;

	sql_text_insert(&t->out, start, ") AS (");
	for (unsigned i = in->n; i-- > 0;)
		sql_text_insert(&t->out, start, translator_format(t, "%s\"c%u\"", i == 0 ? "" : ", ", i + 1));
	sql_text_insert(&t->out, start, "WITH \"bibd_source\"(");
	translate_emit(t, ") SELECT ");
	for (unsigned i = 0; i < in->n; i++) {
		if (insert_is_later_part(in, i))
			continue;
		if ((!first && translate_emit(t, ", ") < 0) ||
		    (insert_is_part(in, i) ? source_parts(t, in, columns, i) : cast_column(t, in, columns, i)) < 0)
			return -1;
		first = false;
	}
	if (insert_emit_added(t, in, in->n == 0) < 0)
		return -1;
	return translate_emit(t, " FROM \"bibd_source\" WHERE 1");
}

int
insert_translate_source(struct translator *t, struct insert *in, const PgQuery__SelectStmt *source)
{
	size_t most = in->statement->n_cols > 0 ? in->statement->n_cols : in->table->ncolumns, start = t->out.length;
	struct query_columns columns;
	struct sql_text query;
	bool cast = false;

	if (want_types(t, in, source, most) < 0 || translate_select(t, source, &columns) < 0)
		return -1;
	t->nwanted = 0;
	for (unsigned i = 0; i < columns.n; i++)
		columns.columns[i].null = columns.columns[i].null && !select_settles_column(source, i);
	if (insert_choose_columns(t, in, columns.n, -1) < 0 || insert_find_added(t, in) < 0)
		return -1;
	cast = in->nadded > 0;
	for (unsigned i = 0; i < in->n; i++) {
		if (in->columns[i]->generated)
			return modify_emit_value(t, in->columns[i], in->statement->select_stmt, false);
		cast = cast || insert_is_part(in, i) || in->columns[i]->rowid ||
		    needs_cast(in->columns[i], &columns.columns[i]);
	}
	/* The clause after a query would otherwise be read as a join's. */
	if ((cast || in->statement->on_conflict_clause != NULL) && cast_source(t, in, &columns, start) < 0)
		return -1;
	if (t->fire != NULL)
		return insert_note_columns(t, in);
	query = t->out; /* the list of columns goes before it, now that it is known */
	t->out = (struct sql_text) { 0 };
	if (insert_emit_columns(t, in) == 0)
		sql_text_insert(&query, start, t->out.data);
	sql_text_free(&t->out);
	t->out = query;
	return t->out.failed ? translate_out_of_memory(t) : 0;
}
