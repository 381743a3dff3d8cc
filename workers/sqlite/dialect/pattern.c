/*
 * LIKE, ILIKE and the regular-expression operators: calls of functions, because SQLite's own LIKE ignores case and
 * escapes differently.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

/* "?" and a number. */
#define PARAMETER_TEXT_MAX 16

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

/* PATTERN ESCAPE 'c' comes as like_escape(pattern, 'c'); the function takes both. */
static size_t
pattern_arguments(const PgQuery__AExpr *expr, PgQuery__Node *const **args)
{
	const PgQuery__Node *right = expr->rexpr;
	const PgQuery__FuncCall *call = right->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? right->func_call : NULL;

	*args = &expr->rexpr;
	if (expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP || call == NULL ||
	    strcmp(translate_last_string(call->funcname, call->n_funcname), "like_escape") != 0)
		return 1;
	*args = call->args;
	return call->n_args;
}

/* Whether the pattern is a literal that begins with what it matches, as the key says of all texts that have this plan.
 */
static bool
has_prefix(const struct translator *t, const struct expression *pattern)
{
	return pattern->form == EXPRESSION_STRING && pattern->lifted &&
	    t->text->literals[t->plan->lifted[pattern->index].literal].prefix;
}

/* Whether the column is one of a table that the query names, and in an index of it. */
static bool
has_index(const struct translator *t, const struct expression *column)
{
	const struct scope_range *range = NULL;
	unsigned i = (unsigned)column->attribute - 1;

	for (const struct scope *scope = t->scope; scope != NULL && range == NULL && column->table_oid != 0;
	     scope = scope->outer)
		for (range = scope->ranges; range != NULL && range->table_oid != column->table_oid;)
			range = range->next;
	return range != NULL && range->table != NULL && i < range->ncolumns && !range->columns[i].raw &&
	    schema_has_index_with(t->schema, range->schema, range->table, range->columns[i].emitted);
}

/* Texts have the order of their bytes, so that those which begin alike stand together: written as bounds, of which an
 * index knows. The function still decides; a column of another kind, or without an index, is left to it alone. */
static int
write_bounds(struct translator *t, const struct expression *left, const struct expression *pattern,
    struct expression *type)
{
	const char *column, *value;

	if (!left->column || left->domain != 0 || (left->oid != TYPE_TEXT && left->oid != TYPE_VARCHAR) ||
	    pattern->end - pattern->start > PARAMETER_TEXT_MAX || t->out.failed || t->out.data[pattern->start] != '?' ||
	    !has_index(t, left))
		return 0;
	column = translator_format(t, "%.*s", (int)(left->end - left->start), t->out.data + left->start);
	value = translator_format(t, "%.*s", (int)(pattern->end - pattern->start), t->out.data + pattern->start);
	if (column == NULL || value == NULL)
		return translate_out_of_memory(t);
	return expression_wrap(t, type,
	    translator_format(t, "(%s >= bibd_like_from(%s) AND %s < bibd_like_to(%s) AND ", column, value, column,
		value),
	    ")");
}

/* A pattern of char(n) is its text; what is matched keeps its blanks. */
static int
write_pattern(struct translator *t, const PgQuery__AExpr *expr, const char *op, struct expression *left,
    struct expression *pattern, bool *prefix)
{
	PgQuery__Node *const *args;
	size_t n = pattern_arguments(expr, &args);
	struct expression list[2];
	struct operator_meaning meaning;

	for (size_t i = 0; i < n && i < 2; i++)
		if (translate_emit(t, ", ") < 0 || translate_expression(t, args[i], &list[i]) < 0)
			return -1;
	*prefix = n == 1 && has_prefix(t, &list[0]);
	if (n > 1 && (expression_settle(t, &list[1], TYPE_TEXT, -1) < 0 || expression_trim(t, &list[1]) < 0))
		return -1;
	if (translate_operands(t, op, left, &list[0], expr->location, &meaning) < 0)
		return -1;
	if (!type_is_text(list[0].oid) && list[0].oid != TYPE_UNKNOWN)
		return translate_refuse(t, expr->location, translator_format(t, "operator %s on these types", op));
	if (expression_trim(t, &list[0]) < 0)
		return -1;
	*pattern = list[0];
	return 0;
}

int
translate_pattern(struct translator *t, const PgQuery__AExpr *expr, const char *op, struct expression *type)
{
	struct expression left, pattern = { .start = 0 };
	size_t i = 0, start = t->out.length;
	bool prefix = false;

	while (strcmp(patterns[i].op, op) != 0)
		i++;
	if (translate_emit(t, patterns[i].call) < 0 || translate_expression(t, expr->lexpr, &left) < 0)
		return -1;
	/* Which mind no case there. */
	if (left.oid == TYPE_CITEXT)
		return translate_refuse(t, expr->location, "LIKE and regular expressions on citext");
	if (write_pattern(t, expr, op, &left, &pattern, &prefix) < 0)
		return -1;
	*type = expression_value(start, TYPE_BOOL);
	if (translate_emit(t, patterns[i].call[0] == '(' ? "))" : ")") < 0)
		return -1;
	type->end = t->out.length;
	return prefix && i == 0 ? write_bounds(t, &left, &pattern, type) : 0;
}

/* The grammar gives the pattern as similar_to_escape(pattern[, escape]). */
int
translate_similar(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AExpr *expr = node->a_expr;
	const PgQuery__FuncCall *call =
	    expr->rexpr->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? expr->rexpr->func_call : NULL;
	bool negated = strcmp(translate_last_string(expr->name, expr->n_name), "!~") == 0;
	size_t start = t->out.length;
	struct expression e;

	if (call == NULL || call->n_args < 1 || call->n_args > 2)
		return translate_refuse(t, expr->location, "this form of SIMILAR TO");
	if (translate_emit(t, negated ? "(NOT bibd_regex(" : "bibd_regex(") < 0 ||
	    translate_expression(t, expr->lexpr, &e) < 0 || expression_settle(t, &e, TYPE_TEXT, -1) < 0)
		return -1;
	if (!type_is_text(e.oid))
		return translate_no_operator(t, negated ? "!~" : "~", NULL, &e, expr->location);
	for (size_t i = 0; i < call->n_args; i++) {
		if (translate_emit(t, i == 0 ? ", bibd_similar(" : ", ") < 0 ||
		    translate_expression(t, call->args[i], &e) < 0 || expression_settle(t, &e, TYPE_TEXT, -1) < 0)
			return -1;
		if (!type_is_text(e.oid))
			return translate_refuse(t, expr->location, "SIMILAR TO a pattern that is no text");
		if (expression_trim(t, &e) < 0)
			return -1;
	}
	*type = expression_value(start, TYPE_BOOL);
	return translate_emit(t, negated ? ")))" : "))");
}
