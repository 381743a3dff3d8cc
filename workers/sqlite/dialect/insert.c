/*
 * INSERT: its rows, VALUES or a query's or one of defaults, and what stands around them.
 */

#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/dialect/insert.h"
#include "workers/sqlite/dialect/view_target.h"

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

/* An identity column may take its own value all the same. */
static const PgQuery__Node *
proposed_value(const struct insert *in, unsigned i, const PgQuery__Node *value)
{
	bool own =
	    in->columns[i]->identity && in->statement->override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE;

	return own || insert_is_part(in, i) ? NULL : value;
}

/* A row of VALUES. A generated column takes DEFAULT alone, and is not written. */
static int
emit_row(struct translator *t, const struct insert *in, const PgQuery__List *row)
{
	bool first = true;

	for (unsigned i = 0; i < row->n_items; i++) {
		size_t start;
		bool generated = !insert_is_written(in, i) && modify_is_default(row->items[i]);

		if (generated && in->columns[i]->own_default)
			return modify_refuse_generated(t, in->columns[i], false);
		if (generated || insert_is_later_part(in, i)) {
			if (modify_propose_value(t, i, NULL, 0) < 0)
				return -1;
			continue;
		}
		if (!first && translate_emit(t, ", ") < 0)
			return -1;
		start = t->out.length;
		if ((insert_is_part(in, i) ? emit_parts(t, in, i, row) : emit_value(t, in, i, row->items[i])) < 0 ||
		    modify_propose_value(t, i, proposed_value(in, i, row->items[i]), start) < 0)
			return -1;
		first = false;
	}
	return insert_emit_added(t, in, first);
}

/* Every value is the default of a generated column. */
static bool
writes_nothing(const struct insert *in)
{
	for (unsigned i = 0; i < in->n; i++)
		if (insert_is_written(in, i))
			return false;
	return in->nadded == 0;
}

static int
translate_value_lists(struct translator *t, struct insert *in, const PgQuery__SelectStmt *source)
{
	const PgQuery__List *first = translate_expanded_values(t, source->values_lists[0]->list);
	size_t width = first == NULL ? 0 : first->n_items;
	struct scope scope;

	if (first == NULL || insert_choose_columns(t, in, width, translate_location(first->items[width - 1])) < 0)
		return -1;
	if (insert_find_added(t, in) < 0)
		return -1;
	if (writes_nothing(in))
		return source->n_values_lists == 1 ? translate_emit(t, " DEFAULT VALUES")
						   : translate_refuse(t, -1, "several rows of nothing but defaults");
	if (insert_emit_columns(t, in) < 0 || translate_emit(t, "VALUES ") < 0 ||
	    (in->statement->on_conflict_clause == NULL &&
		modify_propose(t, schema_table_root(in->table), in->columns, in->n, source->n_values_lists) < 0))
		return -1;
	translate_scope_open(t, &scope);
	for (size_t i = 0; i < source->n_values_lists; i++) {
		const PgQuery__List *row = translate_expanded_values(t, source->values_lists[i]->list);

		if (row == NULL)
			return -1;
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

static int
translate_rows_of(struct translator *t, struct insert *in)
{
	const PgQuery__SelectStmt *source = source_of(in->statement);

	if (source == NULL) {
		if (insert_find_added(t, in) < 0)
			return -1;
		if (in->nadded == 0)
			return translate_emit(t, " DEFAULT VALUES");
		if (insert_emit_columns(t, in) < 0 || translate_emit(t, "VALUES (") < 0 ||
		    insert_emit_added(t, in, true) < 0)
			return -1;
		return translate_emit(t, ")");
	}
	if (is_plain_values(source))
		return translate_value_lists(t, in, source);
	for (unsigned i = 0; i < in->n; i++)
		if (in->columns[i]->identity_always &&
		    in->statement->override != PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE)
			return modify_emit_value(t, in->columns[i], in->statement->select_stmt, false);
	return insert_translate_source(t, in, source);
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
	if (in.columns == NULL || insert_name_columns(t, &in) < 0)
		return -1;
	if (view_partition(in.table) != NULL && insert_leaves_identity(&in))
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
	insert_note_serial(t, &in);
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
