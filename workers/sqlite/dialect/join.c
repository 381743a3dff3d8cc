/*
 * Joins: JOIN with ON and NATURAL, and with USING (join_using.c).
 */
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/tree.h"

static const char *const join_words[] = {
	[PG_QUERY__JOIN_TYPE__JOIN_INNER] = " JOIN ",
	[PG_QUERY__JOIN_TYPE__JOIN_LEFT] = " LEFT JOIN ",
	[PG_QUERY__JOIN_TYPE__JOIN_FULL] = " FULL JOIN ",
	[PG_QUERY__JOIN_TYPE__JOIN_RIGHT] = " RIGHT JOIN ",
};

static void
may_have_no_row(struct scope_range *from, const struct scope_range *to)
{
	for (; from != to; from = from->next) {
		from->outer = true;
		for (unsigned i = 0; i < from->ncolumns; i++)
			from->columns[i].not_null = false;
	}
}

static int
names_column(void *arg, const PgQuery__Node *node)
{
	if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF)
		return 1;
	return tree_each_child(node, names_column, arg);
}

static bool
has_constant_term(const PgQuery__Node *quals)
{
	const PgQuery__BoolExpr *terms = quals->bool_expr;
	bool constant = false;

	if (quals->node_case != PG_QUERY__NODE__NODE_BOOL_EXPR || terms->boolop != PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR)
		return names_column(NULL, quals) == 0;
	for (size_t i = 0; !constant && i < terms->n_args; i++)
		constant = has_constant_term(terms->args[i]);
	return constant;
}

/* SQLite (3.40) looks at a term of an inner join that names no column of the query once, before anything is read, and
 * then forgets that a RIGHT or FULL JOIN further out shows its rows even so. A test that names one keeps it in its
 * place. */
static int
translate_pinned(struct translator *t, const PgQuery__Node *quals, const struct scope_range *right)
{
	size_t start = t->out.length;
	struct sql_text pin = { 0 };

	if (translate_condition(t, quals, "JOIN/ON") < 0)
		return -1;
	for (unsigned side = 0; side < 2; side++) {
		sql_text_put(&pin, side == 0 ? "CASE WHEN " : " IS ");
		if (right->columns[0].raw) {
			sql_text_put(&pin, right->columns[0].emitted);
			continue;
		}
		sql_text_put_identifier(&pin, right->alias);
		sql_text_put(&pin, ".");
		sql_text_put_identifier(&pin, right->columns[0].emitted);
	}
	sql_text_put(&pin, " THEN ");
	if (!pin.failed)
		sql_text_insert(&t->out, start, pin.data);
	t->out.failed |= pin.failed;
	sql_text_free(&pin);
	return translate_emit(t, " END");
}

/* ON sees only the two sides of its own join. */
static int
translate_on(struct translator *t, const PgQuery__JoinExpr *join, struct scope_range *left, struct scope_range *right)
{
	struct scope_range *all = t->scope->ranges;
	bool pinned = t->kept_by_outer_join && join->jointype == PG_QUERY__JOIN_TYPE__JOIN_INNER && right != NULL &&
	    right->ncolumns > 0 && (t->scope->outer != NULL || has_constant_term(join->quals));
	int status;

	t->scope->ranges = left;
	status = translate_emit(t, " ON ") < 0 ? -1
	    : pinned			       ? translate_pinned(t, join->quals, right)
					       : translate_condition(t, join->quals, "JOIN/ON");
	t->scope->ranges = all;
	return status;
}

/* The left side, whose rows a RIGHT or FULL JOIN may keep from being shown, and never its own. */
static int
translate_left_side(struct translator *t, const PgQuery__JoinExpr *join)
{
	bool kept = t->kept_by_outer_join;
	int status;

	t->kept_by_outer_join |=
	    join->jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL || join->jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT;
	status = translate_from_item(t, join->larg);
	t->kept_by_outer_join = kept;
	return status;
}

static struct scope_range **
end_of(struct scope_range **list)
{
	while (*list != NULL)
		list = &(*list)->next;
	return list;
}

bool
translate_has_using(const PgQuery__Node *item)
{
	const PgQuery__JoinExpr *join = item->join_expr;

	return item->node_case == PG_QUERY__NODE__NODE_JOIN_EXPR &&
	    (join->is_natural || join->n_using_clause > 0 || translate_has_using(join->larg) ||
		translate_has_using(join->rarg));
}

/* The right side of a join: LATERAL there may name what stands on the left, unless the join makes up rows of it. SQLite
 * makes a query of a join in parentheses, which sees nothing of what is outside. */
static int
translate_right(struct translator *t, const PgQuery__JoinExpr *join, const struct scope_range *left)
{
	bool nested = join->rarg->node_case == PG_QUERY__NODE__NODE_JOIN_EXPR && join->rarg->join_expr->alias == NULL;
	bool own = false;
	unsigned barred =
	    join->jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL || join->jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT;
	struct scope_range *range, **end = end_of(&t->scope->ranges), *right;
	int status;

	for (range = t->scope->ranges; range != NULL; range = range->next) {
		own |= range == left;
		range->barred += own ? barred : 0;
		range->beyond += nested;
	}
	translate_emit(t, join_words[join->jointype]);
	translate_emit(t, nested ? "(" : "");
	status = translate_from_item(t, join->rarg) < 0 || translate_emit(t, nested ? ")" : "") < 0 ? -1 : 0;
	right = *end;
	for (range = right; range != NULL && nested && translate_has_using(join->rarg); range = range->next)
		range->nested_using = true;
	own = false;
	for (range = t->scope->ranges; range != NULL && range != right; range = range->next) {
		own |= range == left;
		range->barred -= own ? barred : 0;
		range->beyond -= nested;
	}
	return status;
}

/* An alias hides what is joined: (SELECT * FROM the join) AS alias. */
static int
translate_aliased(struct translator *t, const PgQuery__JoinExpr *join)
{
	PgQuery__JoinExpr bare = *join;
	PgQuery__AStar star = PG_QUERY__A__STAR__INIT;
	PgQuery__ColumnRef all = PG_QUERY__COLUMN_REF__INIT;
	PgQuery__ResTarget target = PG_QUERY__RES_TARGET__INIT;
	PgQuery__SelectStmt select = PG_QUERY__SELECT_STMT__INIT;
	PgQuery__RangeSubselect range = PG_QUERY__RANGE_SUBSELECT__INIT;
	PgQuery__Node nodes[6], *fields[] = { &nodes[0] }, *targets[] = { &nodes[2] }, *from[] = { &nodes[3] };

	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		pg_query__node__init(&nodes[i]);
	bare.alias = NULL;
	nodes[0].node_case = PG_QUERY__NODE__NODE_A_STAR;
	nodes[0].a_star = &star;
	all.n_fields = 1;
	all.fields = fields;
	all.location = target.location = -1;
	nodes[1].node_case = PG_QUERY__NODE__NODE_COLUMN_REF;
	nodes[1].column_ref = &all;
	target.val = &nodes[1];
	nodes[2].node_case = PG_QUERY__NODE__NODE_RES_TARGET;
	nodes[2].res_target = &target;
	nodes[3].node_case = PG_QUERY__NODE__NODE_JOIN_EXPR;
	nodes[3].join_expr = &bare;
	select.n_target_list = select.n_from_clause = 1;
	select.target_list = targets;
	select.from_clause = from;
	select.op = PG_QUERY__SET_OPERATION__SETOP_NONE;
	select.limit_option = PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_DEFAULT;
	nodes[4].node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
	nodes[4].select_stmt = &select;
	range.subquery = &nodes[4];
	range.alias = join->alias;
	nodes[5].node_case = PG_QUERY__NODE__NODE_RANGE_SUBSELECT;
	nodes[5].range_subselect = &range;
	return translate_from_item(t, &nodes[5]);
}

int
translate_join(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__JoinExpr *join = node->join_expr;
	struct scope_range **left = end_of(&t->scope->ranges), **right;
	unsigned outer = join->jointype != PG_QUERY__JOIN_TYPE__JOIN_INNER;

	if (join->join_using_alias != NULL)
		return translate_refuse(t, -1, "an alias for a join's merged columns");
	if (join->alias != NULL)
		return translate_aliased(t, join);
	if ((size_t)join->jointype >= sizeof(join_words) / sizeof(join_words[0]) || join_words[join->jointype] == NULL)
		return translate_refuse(t, -1, "this kind of join");
	if (++t->depth > TRANSLATE_DEPTH_MAX)
		return translate_fail(t, -1, SQLSTATE_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
	t->outer_joins += outer;
	if (translate_left_side(t, join) < 0)
		return -1;
	right = end_of(left);
	if (translate_right(t, join, *left) < 0)
		return -1;
	t->outer_joins -= outer;
	if (join->quals != NULL && translate_on(t, join, *left, *right) < 0)
		return -1;
	if (translate_using(t, join, *left, *right) < 0)
		return -1;
	if (join->jointype != PG_QUERY__JOIN_TYPE__JOIN_INNER && join->jointype != PG_QUERY__JOIN_TYPE__JOIN_RIGHT)
		may_have_no_row(*right, NULL);
	if (join->jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL || join->jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT)
		may_have_no_row(*left, *right);
	t->depth--;
	return 0;
}
