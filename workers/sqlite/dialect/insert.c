/*
 * INSERT.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/dialect/view_target.h"

struct insert {
	const PgQuery__InsertStmt *statement;
	const struct schema_table *table;
	const struct schema_column **columns; /* [n] */
	unsigned n;
	/* What the statement does not name, and is written with its default, or NULL, behind the others: the key that
	 * SQLite would make up a number for, and columns of a domain, which has a default and constraints of its
	 * own. */
	const struct schema_column **added; /* [nadded] */
	unsigned nadded;
};

/* Generated columns that are given DEFAULT are left out: SQLite takes nothing for them. */
static bool
is_written(const struct insert *in, unsigned i)
{
	return !in->columns[i]->generated;
}

static const PgQuery__SelectStmt *
source_of(const PgQuery__InsertStmt *statement)
{
	return statement->select_stmt == NULL ? NULL : statement->select_stmt->select_stmt;
}

static bool
is_plain_values(const PgQuery__SelectStmt *source)
{
	return source->n_values_lists > 0 && source->with_clause == NULL && source->n_sort_clause == 0 &&
	    source->limit_count == NULL && source->limit_offset == NULL;
}

/* Whether that target assigns to a part of a column. */
static bool
is_part(const struct insert *in, unsigned i)
{
	return in->statement->n_cols > i && in->statement->cols[i]->res_target->n_indirection > 0;
}

/* To a part of a column that an earlier target has assigned to a part of: written with that one. */
static bool
is_later_part(const struct insert *in, unsigned i)
{
	return is_part(in, i) && modify_is_later_part(in->statement->cols, i);
}

static int
named_columns(struct translator *t, struct insert *in)
{
	for (size_t i = 0; i < in->statement->n_cols; i++) {
		const PgQuery__ResTarget *target = in->statement->cols[i]->res_target;
		int column = modify_find_column(t, in->table, target->name, target->location);

		if (column < 0)
			return -1;
		for (unsigned j = 0; j < in->n; j++)
			if (in->columns[j] == &in->table->columns[column] &&
			    (target->n_indirection == 0 || in->statement->cols[j]->res_target->n_indirection == 0))
				return translate_fail(t, target->location, SQLSTATE_DUPLICATE_COLUMN,
				    "column \"%s\" specified more than once", target->name);
		in->columns[in->n++] = &in->table->columns[column];
	}
	return 0;
}

/* Without a list of columns, values go to the first ones. */
static int
choose_columns(struct translator *t, struct insert *in, size_t width, int location)
{
	size_t most = in->statement->n_cols > 0 ? in->statement->n_cols : in->table->ncolumns;

	if (width > most)
		return translate_fail(t, location, SQLSTATE_SYNTAX_ERROR,
		    "INSERT has more expressions than target columns");
	if (in->statement->n_cols > 0) {
		if (width < most)
			return translate_fail(t, in->statement->cols[width]->res_target->location,
			    SQLSTATE_SYNTAX_ERROR, "INSERT has more target columns than expressions");
		return 0;
	}
	for (in->n = 0; in->n < width; in->n++)
		in->columns[in->n] = &in->table->columns[in->n];
	return 0;
}

/* Whether a column of the table itself is among those that are written. */
static bool
is_named(const struct insert *in, const struct schema_column *column)
{
	for (unsigned i = 0; i < in->n; i++)
		if (!in->columns[i]->fixed && strcmp(schema_column_stored(in->columns[i]), column->name) == 0)
			return true;
	return false;
}

static bool
is_added(const struct insert *in, const struct schema_column *column)
{
	for (unsigned i = 0; i < in->nadded; i++)
		if (strcmp(schema_column_stored(in->added[i]), schema_column_stored(column)) == 0)
			return true;
	return false;
}

/* Columns for which a view has a default of its own, the uppermost first. */
static void
add_own_defaults(struct insert *in, const struct schema_table *root)
{
	for (const struct schema_table *table = in->table; table != root; table = view_base(table)) {
		for (unsigned i = 0; i < table->ncolumns; i++) {
			const struct schema_column *column = &table->columns[i];
			const struct schema_column *stored =
			    column->fixed ? NULL : schema_find_column(root, schema_column_stored(column));

			if (stored != NULL && column->own_default && !column->generated && !is_named(in, stored) &&
			    !is_added(in, column))
				in->added[in->nadded++] = column;
		}
	}
}

/* There is room for all columns of the table. Triggers are to see each. */
static void
find_added(const struct translator *t, struct insert *in)
{
	const struct schema_table *root = schema_table_root(in->table);

	add_own_defaults(in, root);

	for (unsigned i = 0; i < root->ncolumns; i++) {
		const struct schema_column *column = &root->columns[i];
		bool added = (column->rowid && !column->serial) ||
		    ((column->domain != 0 || t->fire != NULL) && !column->generated);

		if (added && !is_named(in, column) && !is_added(in, column))
			in->added[in->nadded++] = column;
	}
}

/* A query for triggers has its columns in that order, and does not name them. */
static int
note_columns(struct translator *t, const struct insert *in)
{
	struct dialect_fire *plan = t->fire->plan;
	unsigned n = 0;

	if ((plan->written = calloc(in->n + in->nadded + 1, sizeof(*plan->written))) == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < in->n + in->nadded; i++)
		if (i >= in->n || is_written(in, i))
			modify_fire_written(t, n++, i < in->n ? in->columns[i] : in->added[i - in->n]);
	return 0;
}

static int
emit_columns(struct translator *t, const struct insert *in)
{
	const char *before = " (";

	if (t->fire != NULL)
		return note_columns(t, in);

	for (unsigned i = 0; i < in->n + in->nadded; i++) {
		const struct schema_column *column = i < in->n ? in->columns[i] : in->added[i - in->n];

		if (i < in->n && (!is_written(in, i) || is_later_part(in, i)))
			continue;
		translate_emit(t, before);
		if (translate_identifier(t, schema_column_stored(column)) < 0)
			return -1;
		before = ", ";
	}
	return translate_emit(t, *before == ',' ? ") " : " ");
}

/* What follows the values of the columns that are named; `first`: there were none. */
static int
emit_added(struct translator *t, const struct insert *in, bool first)
{
	for (unsigned i = 0; i < in->nadded; i++, first = false)
		if ((!first && translate_emit(t, ", ") < 0) || modify_emit_default(t, in->added[i]) < 0)
			return -1;
	return 0;
}

/* To parts of a column, which has nothing else in it then. */
static int
emit_parts(struct translator *t, const struct insert *in, unsigned i, const PgQuery__List *row)
{
	const char *text = "NULL";

	for (unsigned j = i; text != NULL && j < row->n_items; j++)
		if (in->columns[j] == in->columns[i])
			text = modify_part(t, in->columns[j], in->statement->cols[j]->res_target, row->items[j], text);
	return text == NULL ? -1 : translate_emit(t, text);
}

static int
emit_value(struct translator *t, const struct insert *in, unsigned i, const PgQuery__Node *value)
{
	if (in->columns[i]->identity && in->statement->override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE)
		return modify_emit_default(t, in->columns[i]);
	return modify_emit_value(t, in->columns[i], value,
	    in->statement->override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE);
}

/* A row of VALUES. A generated column takes DEFAULT alone, and is not written. */
static int
emit_row(struct translator *t, const struct insert *in, const PgQuery__List *row)
{
	bool first = true;

	for (unsigned i = 0; i < row->n_items; i++) {
		if (!is_written(in, i) && modify_is_default(row->items[i])) {
			if (in->columns[i]->own_default)
				return modify_refuse_generated(t, in->columns[i], false);
			continue;
		}
		if (is_later_part(in, i))
			continue;
		if ((!first && translate_emit(t, ", ") < 0) ||
		    (is_part(in, i) ? emit_parts(t, in, i, row) : emit_value(t, in, i, row->items[i])) < 0)
			return -1;
		first = false;
	}
	return emit_added(t, in, first);
}

/* A view's own default is a value, which a generated column does not take. */
static int
refuse_own_defaults(struct translator *t, const struct insert *in)
{
	const struct schema_table *root = schema_table_root(in->table);

	for (unsigned i = 0; i < in->table->ncolumns; i++) {
		const struct schema_column *column = &in->table->columns[i];
		const struct schema_column *stored =
		    column->fixed ? NULL : schema_find_column(root, schema_column_stored(column));

		if (column->own_default && column->generated && stored != NULL && !is_named(in, stored))
			return modify_refuse_generated(t, column, false);
	}
	return 0;
}

/* Every value is the default of a generated column. */
static bool
writes_nothing(const struct insert *in)
{
	for (unsigned i = 0; i < in->n; i++)
		if (is_written(in, i))
			return false;
	return in->nadded == 0;
}

static int
translate_value_lists(struct translator *t, struct insert *in, const PgQuery__SelectStmt *source)
{
	size_t width = source->values_lists[0]->list->n_items;
	struct scope scope;

	if (choose_columns(t, in, width, translate_location(source->values_lists[0]->list->items[width - 1])) < 0)
		return -1;
	find_added(t, in);
	if (refuse_own_defaults(t, in) < 0)
		return -1;
	if (writes_nothing(in))
		return source->n_values_lists == 1 ? translate_emit(t, " DEFAULT VALUES")
						   : translate_refuse(t, -1, "several rows of nothing but defaults");
	if (emit_columns(t, in) < 0 || translate_emit(t, "VALUES ") < 0)
		return -1;
	translate_scope_open(t, &scope);
	for (size_t i = 0; i < source->n_values_lists; i++) {
		const PgQuery__List *row = source->values_lists[i]->list;

		if (row->n_items != width)
			return translate_fail(t, translate_location(row->items[0]), SQLSTATE_SYNTAX_ERROR,
			    "VALUES lists must all be the same length");
		translate_emit(t, i == 0 ? "(" : ", (");
		if (emit_row(t, in, row) < 0 || translate_emit(t, ")") < 0)
			return -1;
	}
	translate_scope_close(t, &scope);
	return 0;
}

/* What the query's columns are cast to; what has no type there takes the column's. */
static int
want_types(struct translator *t, const struct insert *in, size_t n)
{
	struct scope_column *wanted = translator_alloc(t, (n + 1) * sizeof(*wanted));
	bool named = in->statement->n_cols > 0;

	for (size_t i = 0; wanted != NULL && i < n; i++)
		wanted[i].oid = is_part(in, (unsigned)i) ? (uint32_t)TYPE_UNKNOWN
		    : named				 ? in->columns[i]->oid
							 : in->table->columns[i].oid;
	t->wanted = wanted;
	t->nwanted = (unsigned)n;
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
		return t->report->state != SQLSTATE_CANNOT_COERCE || columns->columns[i].oid == TYPE_RECORD
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
		if (is_later_part(in, i))
			continue;
		if ((!first && translate_emit(t, ", ") < 0) ||
		    (is_part(in, i) ? source_parts(t, in, columns, i) : cast_column(t, in, columns, i)) < 0)
			return -1;
		first = false;
	}
	if (emit_added(t, in, in->n == 0) < 0)
		return -1;
	return translate_emit(t, " FROM \"bibd_source\" WHERE 1");
}

static int
translate_source(struct translator *t, struct insert *in, const PgQuery__SelectStmt *source)
{
	size_t most = in->statement->n_cols > 0 ? in->statement->n_cols : in->table->ncolumns, start = t->out.length;
	struct query_columns columns;
	struct sql_text query;
	bool cast = false;

	if (want_types(t, in, most) < 0 || translate_select(t, source, &columns) < 0)
		return -1;
	t->nwanted = 0;
	if (choose_columns(t, in, columns.n, -1) < 0)
		return -1;
	find_added(t, in);
	cast = in->nadded > 0;
	for (unsigned i = 0; i < in->n; i++) {
		if (in->columns[i]->generated)
			return modify_emit_value(t, in->columns[i], in->statement->select_stmt, false);
		cast =
		    cast || is_part(in, i) || in->columns[i]->rowid || needs_cast(in->columns[i], &columns.columns[i]);
	}
	/* The clause after a query would otherwise be read as a join's. */
	if ((cast || in->statement->on_conflict_clause != NULL) && cast_source(t, in, &columns, start) < 0)
		return -1;
	if (t->fire != NULL)
		return note_columns(t, in);
	query = t->out; /* the list of columns goes before it, now that it is known */
	t->out = (struct sql_text) { 0 };
	if (emit_columns(t, in) == 0)
		sql_text_insert(&query, start, t->out.data);
	sql_text_free(&t->out);
	t->out = query;
	return t->out.failed ? translate_out_of_memory(t) : 0;
}

/* A serial column that is not named gets its next value; DEFAULT for one that is, is noted where it is written. */
static void
note_serial(struct translator *t, const struct insert *in)
{
	const struct schema_table *root = schema_table_root(in->table);

	for (unsigned i = 0; i < root->ncolumns; i++)
		t->plan->fills_serial |= root->columns[i].serial && !is_named(in, &root->columns[i]);
}

/* An identity column of the root has no default in a partition: there the NULL is an error. */
static bool
leaves_identity(const struct insert *in)
{
	const struct schema_table *root = schema_table_root(in->table);

	for (unsigned i = 0; i < root->ncolumns; i++)
		if (root->columns[i].identity && !is_named(in, &root->columns[i]))
			return true;
	return false;
}

static int
translate_rows_of(struct translator *t, struct insert *in)
{
	const PgQuery__SelectStmt *source = source_of(in->statement);

	if (source == NULL) {
		find_added(t, in);
		if (in->nadded == 0)
			return translate_emit(t, " DEFAULT VALUES");
		if (emit_columns(t, in) < 0 || translate_emit(t, "VALUES (") < 0 || emit_added(t, in, true) < 0)
			return -1;
		return translate_emit(t, ")");
	}
	if (is_plain_values(source))
		return translate_value_lists(t, in, source);
	for (unsigned i = 0; i < in->n; i++)
		if (in->columns[i]->identity_always &&
		    in->statement->override != PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE)
			return modify_emit_value(t, in->columns[i], in->statement->select_stmt, false);
	return translate_source(t, in, source);
}

/* A single row can't conflict with itself. */
static bool
may_meet_its_own(const PgQuery__InsertStmt *insert)
{
	const PgQuery__SelectStmt *source = source_of(insert);

	return insert->on_conflict_clause != NULL &&
	    insert->on_conflict_clause->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE && source != NULL &&
	    (!is_plain_values(source) || source->n_values_lists > 1);
}

static bool
is_one_row(const PgQuery__InsertStmt *insert)
{
	const PgQuery__SelectStmt *source = insert->select_stmt == NULL ? NULL : insert->select_stmt->select_stmt;

	return source != NULL && is_plain_values(source) && source->n_values_lists == 1 &&
	    insert->with_clause == NULL && insert->on_conflict_clause == NULL && insert->n_returning_list == 0;
}

static bool
updates_on_conflict(const PgQuery__InsertStmt *insert)
{
	return insert->on_conflict_clause != NULL &&
	    insert->on_conflict_clause->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;
}

int
translate_insert(struct translator *t, const PgQuery__InsertStmt *insert)
{
	struct insert in = { .statement = insert };
	const char *alias =
	    insert->relation->alias != NULL ? insert->relation->alias->aliasname : insert->relation->relname;
	size_t start;

	if ((in.table = modify_find_target(t, insert->relation, MODIFY_INSERT)) == NULL ||
	    modify_fire_begin(t, in.table, MODIFY_INSERT, updates_on_conflict(insert)) < 0)
		return -1;
	in.columns = translator_alloc(t,
	    ((size_t)in.table->ncolumns + schema_table_root(in.table)->ncolumns + insert->n_cols + 1) *
		sizeof(const struct schema_column *));
	in.added = in.columns == NULL ? NULL : in.columns + in.table->ncolumns + insert->n_cols + 1;
	if (in.columns == NULL || named_columns(t, &in) < 0)
		return -1;
	if (view_partition(in.table) != NULL && leaves_identity(&in))
		return translate_refuse(t, -1, "INSERT into a partition without a value for an identity column");
	if (view_partition(in.table) != NULL && insert->on_conflict_clause != NULL)
		return translate_refuse(t, -1, "ON CONFLICT of a partition itself");
	if (insert->with_clause != NULL && translate_with(t, insert->with_clause) < 0)
		return -1;
	if (t->fire != NULL ? translate_emit(t, "SELECT * FROM (") < 0
			    : translate_emit(t, "INSERT INTO ") < 0 || modify_emit_target(t, in.table, alias) < 0)
		return -1;
	if (translate_rows_of(t, &in) < 0 || (t->fire != NULL && translate_emit(t, ")") < 0) ||
	    modify_check_columns(t, in.table, in.columns, in.n, MODIFY_INSERT) < 0)
		return -1;
	note_serial(t, &in);
	t->plan->updates_once = may_meet_its_own(insert);
	t->plan->inserts_one = is_one_row(insert);
	start = t->out.length;
	if (insert->on_conflict_clause != NULL &&
	    modify_emit_conflict(t, in.table, alias, insert->on_conflict_clause) < 0)
		return -1;
	if (t->fire == NULL)
		return modify_emit_returning(t, in.table, alias, insert->returning_list, insert->n_returning_list,
		    MODIFY_INSERT);
	if (t->out.length > start && (t->fire->conflict = translator_copy(t, t->out.data + start)) == NULL)
		return -1;
	sql_text_cut(&t->out, start);
	if (modify_emit_returning(t, in.table, alias, insert->returning_list, insert->n_returning_list, MODIFY_INSERT) <
		0 ||
	    modify_fire_returning(t, start) < 0)
		return -1;
	return modify_fire_finish(t, alias);
}
