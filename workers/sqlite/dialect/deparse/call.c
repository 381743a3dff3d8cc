/*
 * Calls of functions, aggregates and window functions; subqueries as values.
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/deparse/tree.h"

/* As many arguments as are looked at. */
#define ARGUMENTS_MAX 64

/* Brings the arguments to what the function declares. */
static const struct function_fact *
resolve(struct deparser *d, const char *name, struct deparse_node *node)
{
	uint32_t types[ARGUMENTS_MAX], declared[ARGUMENTS_MAX] = { 0 };
	const struct function_fact *fact;

	if (node->n > ARGUMENTS_MAX)
		return NULL;
	for (size_t i = 0; i < node->n; i++)
		types[i] = deparse_base(d, node->args[i]->oid);
	if (function_resolve(name, types, node->n, &fact, declared, &node->oid) != RESOLVED)
		return NULL;
	/* How the array of a VARIADIC call is declared is not told apart here. */
	if (node->variadic)
		return NULL;
	for (size_t i = 0; i < node->n; i++) {
		uint32_t wanted = fact->arguments[i < fact->narguments ? i : fact->narguments - 1];

		if (type_is_domain(node->args[i]->oid) && type_is_polymorphic(wanted))
			return NULL;
		if ((node->args[i] = deparse_coerce(d, node->args[i], declared[i], -1, true)) == NULL)
			return NULL;
	}
	return fact;
}

/* Functions that answer rows are no functions of the list: a series of integers, and the elements of an array. */
static bool
resolve_set(struct deparser *d, const char *name, struct deparse_node *node)
{
	uint32_t oid;

	if (strcmp(name, "unnest") == 0 && node->n == 1) {
		node->oid = type_element(node->args[0]->oid);
		return node->oid != TYPE_UNKNOWN;
	}
	if (strcmp(name, "generate_series") != 0 || node->n < 2 || node->n > 3)
		return false;
	for (size_t i = 0; i < node->n; i++)
		if (node->args[i]->oid != TYPE_INT4 && node->args[i]->oid != TYPE_INT8)
			return false;
	if (!deparse_unify(d, node->args, node->n, &oid))
		return false;
	node->oid = oid;
	return true;
}

/* What SIMILAR TO and ESCAPE become: functions of texts that nobody calls else. */
static bool
resolve_pattern(struct deparser *d, const char *name, struct deparse_node *node)
{
	if ((strcmp(name, "similar_to_escape") != 0 && (strcmp(name, "like_escape") != 0 || node->n != 2)) ||
	    node->n > 2)
		return false;
	for (size_t i = 0; i < node->n; i++)
		if (node->args[i]->oid == TYPE_BYTEA ||
		    (node->args[i] = deparse_coerce(d, node->args[i], TYPE_TEXT, -1, true)) == NULL)
			return false;
	node->oid = TYPE_TEXT;
	return true;
}

static bool
has_own_syntax(const PgQuery__FuncCall *call, const char *name)
{
	static const char *const names[] = { "timezone", "extract", "substring", "position", "btrim", "ltrim", "rtrim",
		"overlay" };

	if (call->funcformat != PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* What is written with words is shown so, but for a substring by a regular expression. */
static bool
has_words(const struct deparse_node *node)
{
	return strcmp(node->name, "substring") != 0 || node->n != 2 || node->args[1]->oid != TYPE_TEXT;
}

static bool
over(struct deparser *d, const PgQuery__FuncCall *call, struct deparse_node *node)
{
	if (call->over == NULL)
		return true;
	node->kind = DEPARSE_WINDOW;
	node->over = call->over;
	node->window = translator_alloc(d->t, sizeof(*node->window));
	return node->window != NULL && deparse_window_of(d, call->over, node->window);
}

/* The last arguments are what is sorted: WITHIN GROUP (ORDER BY ...). */
static bool
within_group(struct deparser *d, const PgQuery__FuncCall *call, struct deparse_node *node)
{
	node->within = true;
	node->norder = call->n_agg_order;
	node->n -= node->norder;
	if ((node->order = translator_alloc(d->t, (node->norder + 1) * sizeof(*node->order))) == NULL)
		return false;
	for (size_t i = 0; i < node->norder; i++) {
		node->order[i].node = node->args[node->n + i];
		if (!deparse_direction(call->agg_order[i]->sort_by, &node->order[i]))
			return false;
	}
	return true;
}

static bool
aggregate(struct deparser *d, const PgQuery__FuncCall *call, struct deparse_node *node)
{
	node->kind = DEPARSE_AGGREGATE;
	if (call->agg_within_group)
		return within_group(d, call, node);
	node->all = call->agg_distinct;
	node->norder = call->n_agg_order;
	return deparse_order_items(d, call->agg_order, call->n_agg_order, &node->order);
}

struct deparse_node *
deparse_call(struct deparser *d, const PgQuery__FuncCall *call)
{
	const char *name = translate_own_name(d->t, call->funcname, call->n_funcname);
	size_t sorted = call->agg_within_group ? call->n_agg_order : 0;
	struct deparse_node *node = deparse_new(d, DEPARSE_CALL, TYPE_UNKNOWN, call->n_args + sorted);
	const struct function_fact *fact;

	if (node == NULL || name == NULL)
		return NULL;
	node->name = name;
	node->star = call->agg_star;
	node->variadic = call->func_variadic;
	for (size_t i = 0; i < call->n_args; i++) {
		if ((node->args[i] = deparse_whole_row(d, call->args[i])) == NULL &&
		    (node->args[i] = deparse_node(d, call->args[i])) == NULL)
			return NULL;
		if (node->args[i]->star && node->args[i]->kind == DEPARSE_COLUMN && translate_is_own(d->t, name))
			return NULL;
	}
	for (size_t i = 0; i < sorted; i++)
		if ((node->args[call->n_args + i] = deparse_node(d, call->agg_order[i]->sort_by->node)) == NULL)
			return NULL;
	if (translate_is_own(d->t, name))
		return deparse_own_call(d, call, node) ? node : NULL;
	if (function_is_set(name) && function_fact_by_name(name) == NULL)
		return resolve_set(d, name, node) ? node : NULL;
	if (call->n_funcname == 2 && resolve_pattern(d, name, node))
		return node;
	if ((fact = resolve(d, name, node)) == NULL || (sorted > 0 && fact->kind != 'a'))
		return NULL;
	if (call->funcformat == PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX) {
		if (!has_own_syntax(call, name))
			return NULL;
		node->kind = has_words(node) ? DEPARSE_SYNTAX : DEPARSE_CALL;
	}
	if (fact->kind == 'a' && !aggregate(d, call, node))
		return NULL;
	if (call->agg_filter != NULL && (node->first = deparse_condition(d, call->agg_filter)) == NULL)
		return NULL;
	return over(d, call, node) ? node : NULL;
}

static const char *
sublink_operator(const PgQuery__SubLink *link)
{
	return link->n_oper_name == 0 ? "=" : translate_last_string(link->oper_name, link->n_oper_name);
}

/* The left side of IN, ANY and ALL, brought to what the operator takes. */
static bool
left_side(struct deparser *d, const PgQuery__SubLink *link, struct deparse_node *node)
{
	struct deparse_node *left, *right, *applied;

	if (link->testexpr == NULL)
		return link->sub_link_type != PG_QUERY__SUB_LINK_TYPE__ROWCOMPARE_SUBLINK;
	if (link->testexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
		return deparse_row_side(d, sublink_operator(link), link->testexpr->row_expr, node);
	if (node->query->n != 1)
		return false;
	right = deparse_new(d, DEPARSE_COLUMN, node->query->columns[0].oid, 0);
	left = deparse_node(d, link->testexpr);
	if (left == NULL || right == NULL || (applied = deparse_apply(d, sublink_operator(link), left, right)) == NULL)
		return false;
	node->first = applied->args[0];
	node->name = applied->name;
	return true;
}

struct deparse_node *
deparse_sublink(struct deparser *d, const PgQuery__SubLink *link)
{
	struct deparse_node *node = deparse_new(d, DEPARSE_SUBLINK, TYPE_BOOL, 0);

	if (node == NULL || link->subselect->node_case != PG_QUERY__NODE__NODE_SELECT_STMT ||
	    (node->query = deparse_query(d, link->subselect->select_stmt, 0)) == NULL)
		return NULL;
	node->sublink = link->sub_link_type;
	if (!left_side(d, link, node))
		return NULL;
	if (link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK ||
	    link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK) {
		if (node->query->n != 1)
			return NULL;
		node->oid = node->query->columns[0].oid;
		node->typmod = node->query->columns[0].typmod;
	}
	if (link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK) {
		if ((node->oid = type_array_of(node->oid)) == 0)
			return NULL;
		node->typmod = -1;
	}
	return node;
}
