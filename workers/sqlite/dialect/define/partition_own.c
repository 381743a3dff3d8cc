/*
 * What a partition has that its parent has not: CHECKs, NOT NULL, defaults.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/partition.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/partition.h"

/* The scratch is the root's definition under the partition's name: what is added to it is the partition's own. */
struct own {
	struct translator *t;
	const struct schema_table *root;
	struct definition scratch;
	struct sql_text out;
};

static void
put(struct own *own, char what, const char *name, const char *text)
{
	sql_text_format(&own->out, "%c%s", what, name);
	if (text != NULL)
		sql_text_format(&own->out, "%c%s", PARTITION_OWN, text);
	sql_text_format(&own->out, "%c", PARTITION_OWN_END);
}

static bool
is_exact(const char *text)
{
	struct kept_texts texts;
	bool exact = kept_read(text, &texts) == KEPT_TEXT;

	kept_free(&texts);
	return exact;
}

static int
add_check(struct own *own, const PgQuery__Constraint *constraint, unsigned column)
{
	unsigned before = own->scratch.nconstraints;
	const struct definition_constraint *c;

	if (constraint->conname != NULL && definition_find_constraint(&own->scratch, constraint->conname) != NULL)
		return translate_refuse(own->t, constraint->location,
		    "a partition's constraint with the name of one of its parent's");
	if (define_add_constraint(own->t, &own->scratch, own->root->schema, constraint, column) == -1)
		return -1;
	c = &own->scratch.constraints[before];
	if (!is_exact(c->expression))
		return translate_refuse(own->t, constraint->location, "this CHECK of a partition");
	put(own, 'C', c->name, c->expression);
	return 0;
}

static int
add_default(struct own *own, const PgQuery__Constraint *constraint, unsigned i)
{
	struct definition_column *column = &own->scratch.columns[i];
	const PgQuery__Node *node = constraint->raw_expr;

	if (column->identity != DEFINITION_PLAIN || column->generated != NULL)
		return translate_refuse(own->t, constraint->location, "this default of a partition");
	free(column->default_sql);
	column->default_sql = NULL;
	if (define_add_constraint(own->t, &own->scratch, own->root->schema, constraint, i) == -1)
		return -1;
	if (column->default_sql == NULL && (node == NULL || node->node_case != PG_QUERY__NODE__NODE_A_CONST))
		return translate_refuse(own->t, constraint->location, "this default of a partition");
	put(own, 'D', column->name, column->default_sql == NULL ? "NULL" : column->default_sql);
	return 0;
}

static int
add_constraint(struct own *own, const PgQuery__Constraint *constraint, unsigned column)
{
	switch (constraint->contype) {
	case PG_QUERY__CONSTR_TYPE__CONSTR_NULL:
		return 0;
	case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
		if (!own->scratch.columns[column].not_null)
			put(own, 'N', own->scratch.columns[column].name, NULL);
		own->scratch.columns[column].not_null = true;
		return 0;
	case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
		return add_check(own, constraint, column);
	case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
		return add_default(own, constraint, column);
	default:
		return translate_refuse(own->t, constraint->location, "this constraint of a partition");
	}
}

static int
add_column(struct own *own, const PgQuery__ColumnDef *column)
{
	struct definition_column *found = definition_find_column(&own->scratch, column->colname);

	if (found == NULL)
		return translate_fail(own->t, -1, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" does not exist",
		    column->colname);
	for (size_t i = 0; i < column->n_constraints; i++)
		if (column->constraints[i]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT &&
		    add_constraint(own, column->constraints[i]->constraint, (unsigned)(found - own->scratch.columns)) ==
			-1)
			return -1;
	return 0;
}

static int
check_twice(struct translator *t, PgQuery__Node *const *elements, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (elements[k]->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF &&
		    strcmp(elements[k]->column_def->colname, elements[i]->column_def->colname) == 0)
			return translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN,
			    "column \"%s\" specified more than once", elements[i]->column_def->colname);
	return 0;
}

static int
add_elements(struct own *own, const PgQuery__CreateStmt *stmt)
{
	for (size_t i = 0; i < stmt->n_table_elts; i++) {
		const PgQuery__Node *node = stmt->table_elts[i];

		if (node->node_case != PG_QUERY__NODE__NODE_COLUMN_DEF)
			continue;
		if (check_twice(own->t, stmt->table_elts, i) == -1 || add_column(own, node->column_def) == -1)
			return -1;
	}
	for (size_t i = 0; i < stmt->n_table_elts; i++)
		if (stmt->table_elts[i]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT &&
		    add_constraint(own, stmt->table_elts[i]->constraint, UINT_MAX) == -1)
			return -1;
	for (size_t i = 0; i < stmt->n_constraints; i++)
		if (stmt->constraints[i]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT &&
		    add_constraint(own, stmt->constraints[i]->constraint, UINT_MAX) == -1)
			return -1;
	return 0;
}

int
define_partition_own(struct translator *t, const struct schema_table *root, const char *name,
    const PgQuery__CreateStmt *stmt, const char **text)
{
	struct own own = { .t = t, .root = root };
	int result = define_load(t, root, &own.scratch);

	*text = NULL;
	if (result == 0) {
		free(own.scratch.name);
		if ((own.scratch.name = define_copy(t, name)) == NULL)
			result = -1;
	}
	if (result == 0)
		result = add_elements(&own, stmt);
	if (result == 0 && own.out.failed)
		result = translate_out_of_memory(t);
	if (result == 0 && own.out.length > 0 && (*text = translator_copy(t, own.out.data)) == NULL)
		result = -1;
	definition_free(&own.scratch);
	sql_text_free(&own.out);
	return result;
}
