/*
 * What WITH RECURSIVE may be: whose queries read each other, in which order they are written, and where a query may
 * name itself (PostgreSQL's manual, SELECT, "WITH Clause"; SQL's own "recursive query").
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/dialect/with.h"

/* Where a query's name stands within itself, if it is not where it may. */
enum place { PLACE_RIGHT, PLACE_LEFT, PLACE_SUBQUERY, PLACE_OUTER_JOIN, PLACE_INTERSECT, PLACE_EXCEPT };
static const char *const place_words[] = {
	[PLACE_LEFT] = "its non-recursive term",
	[PLACE_SUBQUERY] = "a subquery",
	[PLACE_OUTER_JOIN] = "an outer join",
	[PLACE_INTERSECT] = "INTERSECT",
	[PLACE_EXCEPT] = "EXCEPT",
};

struct search {
	struct translator *t; /* NULL: nothing is wrong, it is only looked for */
	const char *name;
	enum place place;
	unsigned found;
	int location;
};

static int search_node(void *arg, const PgQuery__Node *node);

static int
search_in(struct search *s, const PgQuery__Node *node, enum place place)
{
	enum place before = s->place;
	int result;

	/* What is wrong already stays so. */
	if (before == PLACE_RIGHT)
		s->place = place;
	result = node == NULL ? 0 : search_node(s, node);
	s->place = before;
	return result;
}

static int
found_name(struct search *s)
{
	s->found++;
	if (s->t == NULL)
		return 1;
	if (s->place != PLACE_RIGHT)
		return translate_fail(s->t, s->location, SQLSTATE_INVALID_RECURSION,
		    "recursive reference to query \"%s\" must not appear within %s", s->name, place_words[s->place]);
	return s->found < 2 ? 0
			    : translate_fail(s->t, s->location, SQLSTATE_INVALID_RECURSION,
				  "recursive reference to query \"%s\" must not appear more than once", s->name);
}

static int
search_join(struct search *s, const PgQuery__JoinExpr *join)
{
	bool full = join->jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
	bool left = full || join->jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT,
	     right = full || join->jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT;
	int result = search_in(s, join->larg, left ? PLACE_OUTER_JOIN : PLACE_RIGHT);

	if (result == 0)
		result = search_in(s, join->rarg, right ? PLACE_OUTER_JOIN : PLACE_RIGHT);
	return result != 0 ? result : search_in(s, join->quals, PLACE_RIGHT);
}

static int
search_side(struct search *s, PgQuery__SelectStmt *side, enum place place)
{
	PgQuery__Node node = PG_QUERY__NODE__INIT;

	node.node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
	node.select_stmt = side;
	return side == NULL ? 0 : search_in(s, &node, place);
}

/* A WITH of its own may have another query of that name: 1 for that. */
static int
search_with(struct search *s, const PgQuery__WithClause *with, bool *hidden)
{
	int result = 0;

	for (size_t i = 0; with != NULL && result == 0 && i < with->n_ctes; i++)
		*hidden |= with->recursive && strcmp(with->ctes[i]->common_table_expr->ctename, s->name) == 0;
	for (size_t i = 0; with != NULL && result == 0 && !*hidden && i < with->n_ctes; i++) {
		result = search_in(s, with->ctes[i]->common_table_expr->ctequery, PLACE_RIGHT);
		*hidden = strcmp(with->ctes[i]->common_table_expr->ctename, s->name) == 0;
	}
	return result;
}

static int
search_select(struct search *s, const PgQuery__Node *node)
{
	const PgQuery__SelectStmt *select = node->select_stmt;
	enum place right = select->op == PG_QUERY__SET_OPERATION__SETOP_EXCEPT ? PLACE_EXCEPT
	    : select->op == PG_QUERY__SET_OPERATION__SETOP_INTERSECT	       ? PLACE_INTERSECT
									       : PLACE_RIGHT;
	PgQuery__SelectStmt rest = *select;
	PgQuery__Node own = PG_QUERY__NODE__INIT;
	bool hidden = false;
	int result = search_with(s, select->with_clause, &hidden);

	if (result != 0 || hidden)
		return result;
	if (select->op > PG_QUERY__SET_OPERATION__SETOP_NONE) {
		result = search_side(s, select->larg, right == PLACE_INTERSECT ? right : PLACE_RIGHT);
		if (result == 0)
			result = search_side(s, select->rarg, right);
	}
	rest.with_clause = NULL;
	rest.larg = rest.rarg = NULL;
	own.node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
	own.select_stmt = &rest;
	return result != 0 ? result : tree_each_child(&own, search_node, s);
}

static int
search_node(void *arg, const PgQuery__Node *node)
{
	struct search *s = arg;

	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_RANGE_VAR:
		return (node->range_var->schemaname == NULL || *node->range_var->schemaname == '\0') &&
			strcmp(node->range_var->relname, s->name) == 0
		    ? found_name(s)
		    : 0;
	case PG_QUERY__NODE__NODE_JOIN_EXPR:
		return search_join(s, node->join_expr);
	case PG_QUERY__NODE__NODE_SELECT_STMT:
		return search_select(s, node);
	case PG_QUERY__NODE__NODE_SUB_LINK: {
		int result = search_in(s, node->sub_link->testexpr, PLACE_RIGHT);

		return result != 0 ? result : search_in(s, node->sub_link->subselect, PLACE_SUBQUERY);
	}
	default:
		return tree_each_child(node, search_node, s);
	}
}

static bool
refers_to(const PgQuery__Node *query, const char *name)
{
	struct search s = { .name = name };

	return search_in(&s, query, PLACE_RIGHT) != 0;
}

/* ---- one query ---- */

static int
check_form(struct translator *t, const PgQuery__CommonTableExpr *cte)
{
	const PgQuery__SelectStmt *select;

	if (cte->ctequery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return translate_fail(t, cte->location, SQLSTATE_INVALID_RECURSION,
		    "recursive query \"%s\" must not contain data-modifying statements", cte->ctename);
	select = cte->ctequery->select_stmt;
	if (select->op != PG_QUERY__SET_OPERATION__SETOP_UNION)
		return translate_fail(t, cte->location, SQLSTATE_INVALID_RECURSION,
		    "recursive query \"%s\" does not have the form non-recursive-term UNION [ALL] recursive-term",
		    cte->ctename);
	return 0;
}

static int
check_clauses(struct translator *t, const PgQuery__CommonTableExpr *cte)
{
	const PgQuery__SelectStmt *select = cte->ctequery->select_stmt;
	const char *clause = select->n_sort_clause > 0 ? "ORDER BY"
	    : select->limit_offset != NULL	       ? "OFFSET"
	    : select->limit_count != NULL	       ? "LIMIT"
	    : select->n_locking_clause > 0	       ? "FOR UPDATE/SHARE"
						       : NULL;

	return clause == NULL ? 0
			      : translate_fail(t, cte->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "%s in a recursive query is not implemented", clause);
}

static int
check_query(struct translator *t, const PgQuery__CommonTableExpr *cte)
{
	struct search s = { .t = t, .name = cte->ctename, .location = cte->location };
	const PgQuery__SelectStmt *select;
	bool hidden = false;

	if (!refers_to(cte->ctequery, cte->ctename))
		return 0;
	if (check_form(t, cte) < 0)
		return -1;
	select = cte->ctequery->select_stmt;
	/* A WITH before the UNION is no part of either of its sides. */
	s.place = PLACE_SUBQUERY;
	if (search_with(&s, select->with_clause, &hidden) != 0)
		return -1;
	s.place = PLACE_RIGHT;
	if (search_side(&s, select->larg, PLACE_LEFT) != 0)
		return -1;
	for (size_t i = 0; i < select->n_sort_clause; i++)
		if (search_in(&s, select->sort_clause[i], PLACE_SUBQUERY) != 0)
			return -1;
	return check_clauses(t, cte) < 0 || search_side(&s, select->rarg, PLACE_RIGHT) != 0 ? -1 : 0;
}

/* ---- all of them ---- */

struct ordering {
	struct translator *t;
	const PgQuery__WithClause *with;
	enum { UNSEEN, UNDER_WAY, DONE } * states;
	size_t *order, n;
};

static const PgQuery__CommonTableExpr *
query_at(const struct ordering *o, size_t i)
{
	return o->with->ctes[i]->common_table_expr;
}

static int
place_query(struct ordering *o, size_t i)
{
	if (o->states[i] == DONE)
		return 0;
	if (o->states[i] == UNDER_WAY)
		return translate_fail(o->t, query_at(o, i)->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "mutual recursion between WITH items is not implemented");
	o->states[i] = UNDER_WAY;
	for (size_t j = 0; j < o->with->n_ctes; j++)
		if (j != i && refers_to(query_at(o, i)->ctequery, query_at(o, j)->ctename) && place_query(o, j) < 0)
			return -1;
	o->states[i] = DONE;
	o->order[o->n++] = i;
	return 0;
}

size_t *
with_order(struct translator *t, const PgQuery__WithClause *with)
{
	struct ordering o = { .t = t, .with = with };

	o.order = translator_alloc(t, (with->n_ctes + 1) * sizeof(*o.order));
	o.states = translator_alloc(t, (with->n_ctes + 1) * sizeof(*o.states));
	if (o.order == NULL || o.states == NULL)
		return NULL;
	for (size_t i = 0; i < with->n_ctes; i++)
		if (!with->recursive)
			o.order[i] = i;
		else if (place_query(&o, i) < 0)
			return NULL;
	for (size_t i = 0; with->recursive && i < with->n_ctes; i++)
		if (check_query(t, query_at(&o, i)) < 0)
			return NULL;
	return o.order;
}
