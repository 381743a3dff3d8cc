/*
 * Which columns an INSERT writes: those that it names, and behind them those that SQLite or a trigger must be given.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/dialect/insert.h"
#include "workers/sqlite/dialect/view_target.h"

/* Generated columns that are given DEFAULT are left out: SQLite takes nothing for them. */
bool
insert_is_written(const struct insert *in, unsigned i)
{
	return !in->columns[i]->generated;
}

/* Whether that target assigns to a part of a column. */
bool
insert_is_part(const struct insert *in, unsigned i)
{
	return in->statement->n_cols > i && in->statement->cols[i]->res_target->n_indirection > 0;
}

/* To a part of a column that an earlier target has assigned to a part of: written with that one. */
bool
insert_is_later_part(const struct insert *in, unsigned i)
{
	return insert_is_part(in, i) && modify_is_later_part(in->statement->cols, i);
}

int
insert_name_columns(struct translator *t, struct insert *in)
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
int
insert_choose_columns(struct translator *t, struct insert *in, size_t width, int location)
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

/* A view's own default is a value, which neither a generated column takes nor one that is no column of the table. */
static int
refuse_own_defaults(struct translator *t, const struct insert *in)
{
	const struct schema_table *root = schema_table_root(in->table);

	for (const struct schema_table *table = in->table; table != root; table = view_base(table)) {
		for (unsigned i = 0; i < table->ncolumns; i++) {
			const struct schema_column *column = &table->columns[i];
			const struct schema_column *stored =
			    column->fixed ? NULL : schema_find_column(root, schema_column_stored(column));

			if (!column->own_default)
				continue;
			if (column->fixed)
				return view_check_column(t, table, column, MODIFY_INSERT);
			if (column->generated && stored != NULL && !is_named(in, stored))
				return modify_refuse_generated(t, column, false);
		}
	}
	return 0;
}

/* There is room for all columns of the table. Triggers are to see each. */
int
insert_find_added(struct translator *t, struct insert *in)
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
	return refuse_own_defaults(t, in);
}

/* A query for triggers has its columns in that order, and does not name them. */
int
insert_note_columns(struct translator *t, const struct insert *in)
{
	struct dialect_fire *plan = t->fire->plan;
	unsigned n = 0;

	if ((plan->written = calloc(in->n + in->nadded + 1, sizeof(*plan->written))) == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < in->n + in->nadded; i++)
		if (i >= in->n || insert_is_written(in, i))
			modify_fire_written(t, n++, i < in->n ? in->columns[i] : in->added[i - in->n]);
	return 0;
}

int
insert_emit_columns(struct translator *t, const struct insert *in)
{
	const char *before = " (";

	if (t->fire != NULL)
		return insert_note_columns(t, in);

	for (unsigned i = 0; i < in->n + in->nadded; i++) {
		const struct schema_column *column = i < in->n ? in->columns[i] : in->added[i - in->n];

		if (i < in->n && (!insert_is_written(in, i) || insert_is_later_part(in, i)))
			continue;
		translate_emit(t, before);
		if (translate_identifier(t, schema_column_stored(column)) < 0)
			return -1;
		before = ", ";
	}
	return translate_emit(t, *before == ',' ? ") " : " ");
}

/* What follows the values of the columns that are named; `first`: there were none. */
int
insert_emit_added(struct translator *t, const struct insert *in, bool first)
{
	for (unsigned i = 0; i < in->nadded; i++, first = false)
		if ((!first && translate_emit(t, ", ") < 0) || modify_emit_default(t, in->added[i]) < 0)
			return -1;
	return 0;
}

/* A serial column that is not named gets its next value; DEFAULT for one that is, is noted where it is written. */
void
insert_note_serial(struct translator *t, const struct insert *in)
{
	const struct schema_table *root = schema_table_root(in->table);

	for (unsigned i = 0; i < root->ncolumns; i++)
		t->plan->fills_serial |= root->columns[i].serial && !is_named(in, &root->columns[i]);
}

/* An identity column of the root has no default in a partition: there the NULL is an error. */
bool
insert_leaves_identity(const struct insert *in)
{
	const struct schema_table *root = schema_table_root(in->table);

	for (unsigned i = 0; i < root->ncolumns; i++)
		if (root->columns[i].identity && !is_named(in, &root->columns[i]))
			return true;
	return false;
}
