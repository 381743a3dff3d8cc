/*
 * The columns by which USING and NATURAL join two tables: found on both sides, compared, and one of each pair shown.
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/expression.h"

static struct scope_column *
find_joined(struct scope_range *from, const struct scope_range *to, const char *name)
{
	for (; from != to; from = from->next)
		for (unsigned i = 0; i < from->ncolumns; i++)
			if (!from->columns[i].merged && strcmp(from->columns[i].name, name) == 0)
				return &from->columns[i];
	return NULL;
}

/* Whether another column than this one has its name. */
static bool
is_twice(const struct scope_range *from, const struct scope_range *to, const struct scope_column *column,
    const char *name)
{
	for (; from != to; from = from->next)
		for (unsigned i = 0; i < from->ncolumns; i++)
			if (!from->columns[i].merged && &from->columns[i] != column &&
			    strcmp(from->columns[i].name, name) == 0)
				return true;
	return false;
}

/* One join's pairs of columns. Their ranks fall from left to right, and rise with each join further out. */
struct pairs {
	struct scope_range *left, *right;
	unsigned rank; /* of the next */
	unsigned n;
	bool renamed; /* SQLite knows one of them by another name, or its USING would compare them otherwise: ON */
	bool inner;   /* or LEFT: the left one of a pair is the column of both */
	PgQuery__JoinType type;
};

/* Values of char(n) that may be equal but for the blanks at their end. */
static bool
is_padded_otherwise(const struct scope_column *a, const struct scope_column *b)
{
	return a->oid == TYPE_BPCHAR && b->oid == TYPE_BPCHAR && (a->typmod != b->typmod || a->typmod == -1);
}

static bool
is_renamed(const struct pairs *pairs, const char *name)
{
	const struct scope_column *a = find_joined(pairs->left, pairs->right, name),
				  *b = find_joined(pairs->right, NULL, name);

	return a != NULL && b != NULL &&
	    (strcmp(a->emitted, name) != 0 || strcmp(b->emitted, name) != 0 || is_padded_otherwise(a, b));
}

static const struct scope_range *
range_of(const struct pairs *pairs, const struct scope_column *column)
{
	const struct scope_range *range = pairs->left;

	while (range != NULL && (column < range->columns || column >= range->columns + range->ncolumns))
		range = range->next;
	return range;
}

/* The column as SQLite may be told of it in whatever query; NULL: out of memory. */
static const char *
qualified(struct translator *t, const struct pairs *pairs, const struct scope_column *column)
{
	const struct scope_range *range = range_of(pairs, column);
	struct sql_text text = { 0 };
	const char *copy = NULL;

	if (column->raw || range == NULL)
		return column->emitted;
	sql_text_put_identifier(&text, range->alias);
	sql_text_put(&text, ".");
	sql_text_put_identifier(&text, column->emitted);
	if (text.failed)
		translate_out_of_memory(t);
	else
		copy = translator_copy(t, text.data);
	sql_text_free(&text);
	return copy;
}

/* Whether its bare name means the other half of a join before, or either. */
static bool
stands_for_other(const struct scope_column *column)
{
	return column->rank != 0 && column->stands != column;
}

/* a = b, with ON; a stands for both. Types that are compared by a rule of their own would need an operator. */
static int
emit_pair(struct translator *t, struct pairs *pairs, struct scope_column *a, struct scope_column *b)
{
	const char *left, *right;

	if (is_padded_otherwise(a, b) && !pairs->inner)
		return translate_refuse(t, -1, "USING with char(n) of two lengths in this join");
	if (!pairs->inner || a->oid != b->oid || type_collation(a->oid) != NULL || stands_for_other(a) ||
	    stands_for_other(b))
		return translate_refuse(t, -1, "USING with a renamed column in this join");
	if ((left = qualified(t, pairs, a)) == NULL || (right = qualified(t, pairs, b)) == NULL)
		return -1;
	a->own = a->own != NULL || a->raw ? a->own : a->emitted;
	a->emitted = left;
	a->raw = true;
	return translate_emit_format(t, "%s%s%s = %s", pairs->n++ == 0 ? " ON " : " AND ", left,
	    a->oid == TYPE_BPCHAR ? " COLLATE RTRIM" : "", right);
}

/* Types whose values SQLite compares as PostgreSQL does, whichever of them they are. */
static const uint32_t alike[][3] = { { TYPE_INT2, TYPE_INT4, TYPE_INT8 }, { TYPE_VARCHAR, TYPE_TEXT, TYPE_TEXT },
	{ TYPE_FLOAT4, TYPE_FLOAT8, TYPE_FLOAT8 } };

static bool
are_alike(uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++) {
		bool has_a = false, has_b = false;

		for (size_t n = 0; n < 3; n++) {
			has_a |= alike[i][n] == a;
			has_b |= alike[i][n] == b;
		}
		if (has_a && has_b)
			return true;
	}
	return false;
}

/* The type of the column that stands for both. */
static int
meet_types(struct translator *t, struct scope_column *a, const struct scope_column *b)
{
	uint32_t own = a->joined != 0 ? a->joined : a->oid;

	if (own == b->oid && (own == TYPE_JSON || own == TYPE_JSONPATH))
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_FUNCTION, "operator does not exist: %s = %s",
		    type_display(t, own), type_display(t, own));
	if (own == TYPE_RECORD && b->oid == TYPE_RECORD)
		return translate_refuse(t, -1, "USING with rows of no named type");
	if (own == b->oid) {
		a->joined = a->joined != 0 || a->typmod != b->typmod || a->domain != b->domain ? own : 0;
		return 0;
	}
	if (are_alike(own, b->oid)) {
		a->joined = type_select_common(own, b->oid);
		return 0;
	}
	if (cast_context(own, b->oid) != 'i' && cast_context(b->oid, own) != 'i')
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH, "JOIN/USING types %s and %s cannot be matched",
		    type_display(t, own), type_display(t, b->oid));
	return translate_refuse(t, -1, "USING with columns of these two types");
}

static int
use_column(struct translator *t, struct pairs *pairs, const char *name)
{
	struct scope_column *a = find_joined(pairs->left, pairs->right, name),
			    *b = find_joined(pairs->right, NULL, name);

	if (a == NULL || b == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
		    "column \"%s\" specified in USING clause does not exist in %s table", name,
		    a == NULL ? "left" : "right");
	if (is_twice(pairs->left, pairs->right, a, name) || is_twice(pairs->right, NULL, b, name))
		return translate_fail(t, -1, SQLSTATE_AMBIGUOUS_COLUMN,
		    "common column name \"%s\" appears more than once in %s table", name,
		    is_twice(pairs->left, pairs->right, a, name) ? "left" : "right");
	if (meet_types(t, a, b) < 0)
		return -1;
	a->stands = pairs->type == PG_QUERY__JOIN_TYPE__JOIN_FULL ? NULL
	    : pairs->type == PG_QUERY__JOIN_TYPE__JOIN_RIGHT	  ? b
	    : a->rank == 0					  ? a
								  : a->stands;
	b->merged = true;
	a->rank = pairs->rank--;
	if (pairs->renamed)
		return emit_pair(t, pairs, a, b);
	translate_emit(t, pairs->n++ == 0 ? " USING (" : ", ");
	return translate_identifier(t, name);
}

/* The column of USING whose rank comes next below; NULL: none is left. */
static const struct scope_column *
next_ranked(const struct pairs *pairs, unsigned below)
{
	const struct scope_column *best = NULL;

	for (const struct scope_range *range = pairs->left; range != pairs->right; range = range->next)
		for (unsigned i = 0; i < range->ncolumns; i++) {
			const struct scope_column *column = &range->columns[i];

			if (!column->merged && column->rank > 0 && column->rank < below &&
			    (best == NULL || column->rank > best->rank))
				best = column;
		}
	return best;
}

static int
use_if_common(struct translator *t, struct pairs *pairs, const struct scope_column *column)
{
	return find_joined(pairs->right, NULL, column->name) == NULL ? 0 : use_column(t, pairs, column->name);
}

/* NATURAL: the names that both sides have, in the order in which a star shows the left. */
static int
use_common_columns(struct translator *t, struct pairs *pairs)
{
	const struct scope_column *column;

	for (unsigned below = pairs->rank; (column = next_ranked(pairs, below)) != NULL;) {
		below = column->rank;
		if (use_if_common(t, pairs, column) < 0)
			return -1;
	}
	for (struct scope_range *range = pairs->left; range != pairs->right; range = range->next)
		for (unsigned i = 0; i < range->ncolumns; i++)
			if (!range->columns[i].merged && range->columns[i].rank == 0 &&
			    use_if_common(t, pairs, &range->columns[i]) < 0)
				return -1;
	return 0;
}

static int
check_once(struct translator *t, const PgQuery__JoinExpr *join, size_t n)
{
	const char *name = translate_string(join->using_clause[n]);

	for (size_t i = 0; i < n; i++)
		if (strcmp(translate_string(join->using_clause[i]), name) == 0)
			return translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN,
			    "column name \"%s\" appears more than once in USING clause", name);
	return 0;
}

#define RANKS_OF_JOIN 4096 /* more than a table has columns */

int
translate_using(struct translator *t, const PgQuery__JoinExpr *join, struct scope_range *left,
    struct scope_range *right)
{
	struct pairs pairs = { .left = left,
		.right = right,
		.rank = ++t->serial * RANKS_OF_JOIN,
		.type = join->jointype,
		.inner = join->jointype == PG_QUERY__JOIN_TYPE__JOIN_INNER ||
		    join->jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT };

	for (size_t i = 0; i < join->n_using_clause; i++)
		pairs.renamed |= is_renamed(&pairs, translate_string(join->using_clause[i]));
	for (const struct scope_range *range = left; join->is_natural && range != right; range = range->next)
		for (unsigned i = 0; i < range->ncolumns; i++)
			pairs.renamed |= is_renamed(&pairs, range->columns[i].name);
	for (size_t i = 0; i < join->n_using_clause; i++)
		if (check_once(t, join, i) < 0 || use_column(t, &pairs, translate_string(join->using_clause[i])) < 0)
			return -1;
	if (join->is_natural && use_common_columns(t, &pairs) < 0)
		return -1;
	return pairs.n > 0 && !pairs.renamed ? translate_emit(t, ")") : 0;
}
