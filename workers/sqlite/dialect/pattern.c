/*
 * LIKE, ILIKE and the regular-expression operators: calls of functions, because SQLite's own LIKE ignores case and
 * escapes differently.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

static const struct {
	const char *op, *call;
} patterns[] = {
	{ "~~", "bibd_like(" },
	{ "!~~", "(NOT bibd_like(" },
	{ "~~*", "bibd_ilike(" },
	{ "!~~*", "(NOT bibd_ilike(" },
	{ "~", "bibd_regex(" },
	{ "!~", "(NOT bibd_regex(" },
	{ "~*", "bibd_iregex(" },
	{ "!~*", "(NOT bibd_iregex(" },
};

bool
operator_is_pattern(const char *op)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (strcmp(patterns[i].op, op) == 0)
			return true;
	return false;
}

/* Both sides are text; a value of another type has no such operator. */
static int
settle_operand(struct translator *t, const PgQuery__AExpr *expr, const char *op, struct expression *e)
{
	if (e->form != EXPRESSION_VALUE)
		return expression_settle(t, e, TYPE_TEXT, -1);
	if (type_is_text(e->oid) || e->oid == TYPE_UNKNOWN)
		return 0;
	return translate_no_operator(t, op, e, e, expr->location);
}

/* PATTERN ESCAPE 'c' comes as like_escape(pattern, 'c'); the function takes both. */
static int
translate_escaped(struct translator *t, const PgQuery__AExpr *expr, const char *op)
{
	const PgQuery__Node *right = expr->rexpr;
	struct expression e;
	PgQuery__Node *const *args = &expr->rexpr;
	size_t n = 1;

	if (expr->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP && right->node_case == PG_QUERY__NODE__NODE_FUNC_CALL &&
	    strcmp(translate_last_string(right->func_call->funcname, right->func_call->n_funcname), "like_escape") ==
		0) {
		args = right->func_call->args;
		n = right->func_call->n_args;
	}
	for (size_t i = 0; i < n; i++)
		if (translate_emit(t, ", ") < 0 || translate_expression(t, args[i], &e) < 0 ||
		    settle_operand(t, expr, op, &e) < 0)
			return -1;
	return 0;
}

int
translate_pattern(struct translator *t, const PgQuery__AExpr *expr, const char *op, struct expression *type)
{
	struct expression left;
	size_t i = 0, start = t->out.length;

	while (strcmp(patterns[i].op, op) != 0)
		i++;
	if (translate_emit(t, patterns[i].call) < 0 || translate_expression(t, expr->lexpr, &left) < 0 ||
	    settle_operand(t, expr, op, &left) < 0 || translate_escaped(t, expr, op) < 0)
		return -1;
	*type = expression_value(start, TYPE_BOOL);
	return translate_emit(t, patterns[i].call[0] == '(' ? "))" : ")");
}
