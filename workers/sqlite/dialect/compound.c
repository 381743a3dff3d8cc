/*
 * UNION, INTERSECT, EXCEPT.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/grouping.h"
#include "workers/sqlite/dialect/tree.h"

static const char *const set_operators[][2] = {
	[PG_QUERY__SET_OPERATION__SETOP_UNION] = { " UNION ", " UNION ALL " },
	[PG_QUERY__SET_OPERATION__SETOP_INTERSECT] = { " INTERSECT ", " INTERSECT " },
	[PG_QUERY__SET_OPERATION__SETOP_EXCEPT] = { " EXCEPT ", " EXCEPT " },
};

/* SQLite has no parentheses there, and joins from the left: what has clauses of its own becomes a subquery. */
static bool
needs_wrapping(const PgQuery__SelectStmt *branch, bool right)
{
	return select_has_clauses(branch) || branch->with_clause != NULL ||
	    (right && (branch->op > PG_QUERY__SET_OPERATION__SETOP_NONE || branch->n_values_lists > 0));
}

static int
translate_branch(struct translator *t, const PgQuery__SelectStmt *branch, bool right, struct query_columns *columns)
{
	bool wrap = needs_wrapping(branch, right);

	if (wrap)
		translate_emit(t, "SELECT * FROM (");
	if (translate_query(t, branch, columns) < 0)
		return -1;
	return wrap ? translate_emit(t, ")") : 0;
}

/* A string or $n of the first branch takes the type that the second has there. */
static void
settle_late(struct translator *t, struct scope_column *a, const struct scope_column *b)
{
	if (b->null || (a->parameter == 0 && a->literal == 0))
		return;
	if (a->parameter > 0)
		t->plan->param_oids[a->parameter - 1] = b->oid;
	else
		t->plan->lifted[a->literal - 1].oid = b->oid;
	a->oid = b->oid;
	a->canonical = b->oid == TYPE_NUMERIC;
	a->parameter = a->literal = 0;
	a->late = true;
}

static void
settle_branch(struct translator *t, struct query_columns *left, const struct query_columns *right)
{
	for (unsigned i = 0; i < left->n && i < right->n; i++)
		settle_late(t, &left->columns[i], &right->columns[i]);
}

/* char(n) before another length or another text makes a char(n) in PostgreSQL, whose blanks count for nothing. */
static bool
meet_padded(const struct scope_column *a, const struct scope_column *b)
{
	return !a->null && !b->null && a->oid == TYPE_BPCHAR && (b->oid != TYPE_BPCHAR || a->typmod != b->typmod);
}

static uint32_t
united_type(const struct scope_column *a, const struct scope_column *b)
{
	if (a->null && b->null)
		return TYPE_TEXT;
	if (a->null || b->null)
		return a->null ? b->oid : a->oid;
	return type_select_common(a->oid, b->oid);
}

static bool
rows_alike(struct translator *t, const struct scope_column *a, const struct scope_column *b)
{
	struct expression left = expression_value(0, a->oid), right = expression_value(0, b->oid);

	left.shape = a->shape;
	right.shape = b->shape;
	return translate_rows_alike(t, &left, &right);
}

/* The columns of a set operation: names of the first, types in which both meet. */
static int
unite_columns(struct translator *t, struct query_columns *left, const struct query_columns *right, const char *what)
{
	if (left->n != right->n)
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR,
		    "each %s query must have the same number of columns", what);
	for (unsigned i = 0; i < left->n; i++) {
		struct scope_column *a = &left->columns[i];
		const struct scope_column *b = &right->columns[i];
		uint32_t common = united_type(a, b);

		if (common == TYPE_RECORD && !a->null && !b->null && !rows_alike(t, a, b))
			return translate_refuse(t, -1, "records of different fields in a set operation");
		if (a->null)
			a->shape = b->shape;
		if (meet_padded(a, b))
			return translate_refuse(t, -1,
			    "UNION, INTERSECT and EXCEPT of char(n) and of another length or type");
		if (common == 0)
			return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH, "%s types %s and %s cannot be matched",
			    what, type_display(t, a->oid), type_display(t, b->oid));
		a->typmod = a->typmod == b->typmod && a->oid == b->oid ? a->typmod : -1;
		a->oid = common;
		a->domain = a->domain == b->domain ? a->domain : 0;
		a->not_null = a->not_null && b->not_null;
		a->canonical = common == TYPE_NUMERIC;
		a->collated = false;
		a->null = a->late = false;
		a->parameter = a->literal = 0; /* what is of no type in both branches is text from here on */
		a->table_oid = 0;
		a->attribute = 0;
	}
	return 0;
}

/* Where the branches of a set operation stand, and what they answered by themselves. */
struct branches {
	size_t left, left_end, right;
	struct query_columns own;
	bool recursive;
};

/* Each branch is brought to the types in which both meet, the later text first. */
static int
recast_branches(struct translator *t, struct branches *b, const struct query_columns *united,
    const struct query_columns *right)
{
	uint32_t *oids = translator_alloc(t, (united->n + 1) * sizeof(*oids));
	size_t length = t->out.length, before;

	if (oids == NULL)
		return -1;
	for (unsigned i = 0; i < united->n; i++)
		oids[i] = united->columns[i].oid;
	if (translate_recast(t, b->right, t->out.length, right, oids) < 0)
		return -1;
	before = t->out.length;
	if (translate_recast(t, b->left, b->left_end, &b->own, oids) < 0)
		return -1;
	b->left_end += t->out.length - before;
	b->right += t->out.length - before;
	if (b->recursive && t->out.length != length)
		return translate_refuse(t, -1, "a recursive query whose branches have different types");
	return 0;
}

/* Equal numerics may be written in two ways: PostgreSQL answers the first of them. */
static void
put_numbered(struct sql_text *out, const struct scope_column *column, unsigned i)
{
	const char *collation = type_collation(column->oid);

	if (collation == NULL)
		sql_text_format(out, "c%u, ", i);
	else
		sql_text_format(out, "first_value(c%u) OVER w COLLATE \"%s\" AS c%u, ", i, collation, i);
}

/* INTERSECT ALL and EXCEPT ALL: each branch's rows are numbered among those that are the same, so that the first of
 * them meets the first of the other branch, the second the second. */
static int
number_rows(struct translator *t, size_t start, size_t end, const struct query_columns *columns)
{
	struct sql_text head = { 0 }, tail = { 0 };

	sql_text_put(&head, "SELECT ");
	for (unsigned i = 0; i < columns->n; i++)
		put_numbered(&head, &columns->columns[i], i);
	sql_text_put(&head, "row_number() OVER w AS n FROM (WITH bibd_part(");
	for (unsigned i = 0; i < columns->n; i++)
		sql_text_format(&head, "%sc%u", i == 0 ? "" : ", ", i);
	sql_text_put(&head, ") AS (");
	sql_text_put(&tail, ") SELECT * FROM bibd_part) WINDOW w AS (PARTITION BY ");
	for (unsigned i = 0; i < columns->n; i++) {
		const char *collation = type_collation(columns->columns[i].oid);

		sql_text_format(&tail, "%sc%u", i == 0 ? "" : ", ", i);
		if (collation != NULL)
			sql_text_format(&tail, " COLLATE \"%s\"", collation);
	}
	sql_text_put(&tail, ")");
	t->out.failed |= head.failed || tail.failed;
	if (!t->out.failed) {
		sql_text_insert(&t->out, end, tail.data);
		sql_text_insert(&t->out, start, head.data);
	}
	sql_text_free(&head);
	sql_text_free(&tail);
	return t->out.failed ? translate_out_of_memory(t) : 0;
}

static int
number_branches(struct translator *t, const struct branches *b, const struct query_columns *columns)
{
	/* Of no columns SQLite has one, which is the same in all rows. */
	static struct scope_column no_column = { .name = "none", .emitted = "none", .oid = TYPE_INT4 };
	static const struct query_columns none = { .n = 1, .columns = &no_column };
	struct sql_text head = { 0 };

	if (columns->n == 0)
		columns = &none;
	if (number_rows(t, b->right, t->out.length, columns) < 0 || number_rows(t, b->left, b->left_end, columns) < 0)
		return -1;
	sql_text_put(&head, "SELECT ");
	for (unsigned i = 0; i < columns->n; i++) {
		sql_text_format(&head, "%sc%u AS ", i == 0 ? "" : ", ", i);
		sql_text_put_identifier(&head, columns->columns[i].emitted);
	}
	sql_text_put(&head, " FROM (");
	if (!head.failed)
		sql_text_insert(&t->out, b->left, head.data);
	t->out.failed |= head.failed;
	sql_text_free(&head);
	return translate_emit(t, ")");
}

static bool
may_differ(const struct query_columns *columns)
{
	for (unsigned i = 0; i < columns->n; i++)
		if (type_collation(columns->columns[i].oid) != NULL)
			return true;
	return false;
}

/* Of rows that are equal and not the same (1.5 and 1.50) SQLite's UNION answers the last, its DISTINCT the first, as
 * PostgreSQL does. */
static int
keep_first(struct translator *t, const struct branches *b, const struct query_columns *columns)
{
	struct sql_text head = { 0 };

	sql_text_put(&head, "SELECT DISTINCT ");
	for (unsigned i = 0; i < columns->n; i++) {
		const char *collation = type_collation(columns->columns[i].oid);

		sql_text_format(&head, "%sc%u", i == 0 ? "" : ", ", i);
		if (collation != NULL)
			sql_text_format(&head, " COLLATE \"%s\"", collation);
		sql_text_put(&head, " AS ");
		sql_text_put_identifier(&head, columns->columns[i].emitted);
	}
	sql_text_put(&head, " FROM (WITH bibd_part(");
	for (unsigned i = 0; i < columns->n; i++)
		sql_text_format(&head, "%sc%u", i == 0 ? "" : ", ", i);
	sql_text_put(&head, ") AS (");
	t->out.failed |= head.failed;
	if (!t->out.failed) {
		sql_text_insert(&t->out, b->left_end + strlen(" UNION"), " ALL");
		sql_text_insert(&t->out, b->left, head.data);
	}
	sql_text_free(&head);
	return translate_emit(t, ") SELECT * FROM bibd_part)");
}

/* What the left branch answered, before it takes the types of both. */
static int
keep_columns(struct translator *t, const struct query_columns *columns, struct query_columns *own)
{
	*own = (struct query_columns) { .n = columns->n,
		.columns = translator_alloc(t, (columns->n + 1) * sizeof(*own->columns)) };
	if (own->columns == NULL)
		return -1;
	memcpy(own->columns, columns->columns, columns->n * sizeof(*own->columns));
	return 0;
}

/* WITH RECURSIVE: the first branch says what the columns are, the second may read them. */
static int
begin_recursion(struct translator *t, const struct query_columns *columns)
{
	struct scope_cte *cte = t->recursive;

	if (cte == NULL)
		return 0;
	t->recursive = NULL;
	cte->ncolumns = columns->n;
	cte->columns = translator_alloc(t, (columns->n + 1) * sizeof(*cte->columns));
	if (cte->columns == NULL)
		return -1;
	for (unsigned i = 0; i < columns->n; i++) {
		cte->columns[i] = columns->columns[i];
		cte->columns[i].table_oid = 0;
		cte->columns[i].not_null = false;
		if (i < cte->naliases)
			cte->columns[i].name = cte->columns[i].emitted = cte->aliases[i];
	}
	cte->next = t->ctes;
	t->ctes = cte;
	return 0;
}

/* What the second branch's strings and parameters may take from the first. */
static const struct scope_column *
known_types(struct translator *t, const struct query_columns *columns)
{
	struct scope_column *known = translator_alloc(t, (columns->n + 1) * sizeof(*known));

	for (unsigned i = 0; known != NULL && i < columns->n; i++)
		if (!columns->columns[i].null && columns->columns[i].parameter == 0 && columns->columns[i].literal == 0)
			known[i].oid = columns->columns[i].oid;
	return known;
}

static int
is_right_join(void *arg, const PgQuery__Node *node)
{
	const PgQuery__JoinExpr *join = node->node_case == PG_QUERY__NODE__NODE_JOIN_EXPR ? node->join_expr : NULL;

	if (join != NULL &&
	    (join->jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT || join->jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL))
		return 1;
	return tree_each_child(node, is_right_join, arg);
}

/* SQLite (3.40) forgets a WHERE beside it when it makes one query of UNION ALL and the query around that. What is below
 * one that has been looked through is not looked through again: there may be thousands, each below the other. 1: there
 * is none in it. */
static int
check_right_join(struct translator *t, const PgQuery__SelectStmt *select)
{
	PgQuery__Node node = PG_QUERY__NODE__INIT;

	if (t->without_right_join == select)
		return 1;
	node.node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
	node.select_stmt = (PgQuery__SelectStmt *)(uintptr_t)select;
	if (select->op != PG_QUERY__SET_OPERATION__SETOP_UNION || !select->all)
		return 0;
	return is_right_join(NULL, &node) == 0 ? 1 : translate_refuse(t, -1, "RIGHT or FULL JOIN within UNION ALL");
}

static int
find_other_name(void *arg, const PgQuery__Node *node)
{
	const struct query_columns *output = arg;
	const PgQuery__ColumnRef *ref = node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? node->column_ref : NULL;
	const char *name = ref != NULL && ref->n_fields == 1 ? translate_string(ref->fields[0]) : NULL;

	if (ref == NULL)
		return tree_each_child(node, find_other_name, arg);
	for (unsigned i = 0; name != NULL && i < output->n; i++)
		if (strcmp(output->columns[i].name, name) == 0)
			return 0;
	return 1;
}

/* It is sorted by its output columns, and by nothing made of them. */
static int
check_output(struct translator *t, const PgQuery__Node *sort, struct query_columns *output)
{
	if (sort->node_case == PG_QUERY__NODE__NODE_COLUMN_REF || sort->node_case == PG_QUERY__NODE__NODE_A_CONST ||
	    find_other_name(output, sort) != 0)
		return 0;
	return translate_fail(t, translate_location(sort), SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "invalid UNION/INTERSECT/EXCEPT ORDER BY clause");
}

/* What recursion brings to a column is of the type that it has at first. */
static int
check_recursive_types(struct translator *t, const PgQuery__SelectStmt *term, const char *name,
    const struct query_columns *own, const struct query_columns *united)
{
	for (size_t i = 0; i < term->n_target_list; i++)
		if (grouping_aggregate_in(term->target_list[i]) != NULL)
			return translate_fail(t, translate_location(grouping_aggregate_in(term->target_list[i])),
			    SQLSTATE_INVALID_RECURSION,
			    "aggregate functions are not allowed in a recursive query's recursive term");
	for (unsigned i = 0; i < own->n; i++) {
		const struct scope_column *first = &own->columns[i], *all = &united->columns[i];

		if (!first->null && (first->oid != all->oid || first->typmod != all->typmod))
			return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
			    "recursive query \"%s\" column %u has type %s in non-recursive term but type %s overall",
			    name, i + 1, type_display(t, first->oid), type_display(t, all->oid));
	}
	return 0;
}

int
translate_compound(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns)
{
	const char *op = set_operators[select->op][select->all ? 1 : 0];
	const char *what = select->op == PG_QUERY__SET_OPERATION__SETOP_UNION ? "UNION"
	    : select->op == PG_QUERY__SET_OPERATION__SETOP_INTERSECT	      ? "INTERSECT"
									      : "EXCEPT";
	const struct scope_column *wanted = t->wanted;
	unsigned nwanted = t->nwanted;
	struct branches b = { .left = t->out.length, .recursive = t->recursive != NULL };
	const char *name = b.recursive ? t->recursive->name : NULL;
	struct query_columns right;
	int without = check_right_join(t, select);

	t->without_right_join = without == 1 ? select->larg : NULL;
	if (without < 0 || translate_branch(t, select->larg, false, columns) < 0 || begin_recursion(t, columns) < 0)
		return -1;
	b.left_end = t->out.length;
	if (translate_emit(t, op) < 0)
		return -1;
	b.right = t->out.length;
	if (nwanted == 0) {
		if ((t->wanted = known_types(t, columns)) == NULL)
			return -1;
		t->nwanted = columns->n;
	} else {
		t->wanted = wanted;
		t->nwanted = nwanted;
	}
	t->without_right_join = without == 1 ? select->rarg : NULL;
	if (translate_branch(t, select->rarg, true, &right) < 0)
		return -1;
	t->without_right_join = NULL;
	settle_branch(t, columns, &right);
	if (keep_columns(t, columns, &b.own) < 0 || unite_columns(t, columns, &right, what) < 0 ||
	    (b.recursive && check_recursive_types(t, select->rarg, name, &b.own, columns) < 0) ||
	    recast_branches(t, &b, columns, &right) < 0)
		return -1;
	if (select->all && select->op != PG_QUERY__SET_OPERATION__SETOP_UNION && number_branches(t, &b, columns) < 0)
		return -1;
	if (!select->all && select->op == PG_QUERY__SET_OPERATION__SETOP_UNION && !b.recursive && may_differ(columns) &&
	    keep_first(t, &b, columns) < 0)
		return -1;
	for (size_t i = 0; i < select->n_sort_clause; i++)
		if (check_output(t, select->sort_clause[i]->sort_by->node, columns) < 0)
			return -1;
	return translate_order_by(t, select->sort_clause, select->n_sort_clause, columns);
}
