/*
 * Writes an expression as PostgreSQL's ruleutils do: with every parenthesis, or pretty, with those that are needed.
 */
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"

/* ---- each kind of node ---- */

static void
put_column(struct deparse_printer *p, const struct deparse_node *node)
{
	if (p->qualified || node->star) {
		deparse_put_name(p, node->range->alias);
		deparse_put(p, ".");
	}
	if (node->star) {
		deparse_put(p, "*");
		return;
	}
	if (node->range != NULL && node->range->value)
		deparse_put(p, "VALUE");
	else if (p->marks && strpbrk(node->name, "\1\2\3\4\5\6\7\16\17") == NULL)
		sql_text_format(p->out, "%cc%s%c", KEPT_OWN_BEGIN, node->name, KEPT_OWN_END);
	else
		deparse_put_name(p, node->name);
}

static void
put_list(struct deparse_printer *p, const struct deparse_node *node, size_t from)
{
	for (size_t i = from; i < node->n; i++) {
		deparse_put(p, i > from ? ", " : "");
		deparse_put_node(p, node->args[i], true);
	}
}

static void
put_call(struct deparse_printer *p, const struct deparse_node *node)
{
	if (node->own != 0)
		sql_text_format(p->out, "%cr%u%c", KEPT_OWN_BEGIN, (unsigned)node->own, KEPT_OWN_END);
	else
		deparse_put_name(p, node->name);
	deparse_put(p, node->all ? "(DISTINCT " : "(");
	deparse_put(p, node->star ? "*" : "");
	put_list(p, node, 0);
	if (node->norder > 0) {
		deparse_put(p, node->within ? ") WITHIN GROUP (ORDER BY " : " ORDER BY ");
		deparse_put_orders(p, node->order, node->norder, false);
	}
	deparse_put(p, ")");
	if (node->first != NULL) {
		deparse_put(p, " FILTER (WHERE ");
		deparse_put_node(p, node->first, false);
		deparse_put(p, ")");
	}
}

/* "TRIM(BOTH x FROM y)": SQL's own words. */
static void
put_trim(struct deparse_printer *p, const struct deparse_node *node)
{
	deparse_put(p, node->name[0] == 'b' ? "TRIM(BOTH" : node->name[0] == 'l' ? "TRIM(LEADING" : "TRIM(TRAILING");
	if (node->n == 2) {
		deparse_put(p, " ");
		deparse_put_node(p, node->args[1], false);
	}
	deparse_put(p, " FROM ");
	deparse_put_node(p, node->args[0], false);
	deparse_put(p, ")");
}

/* words: one before each argument, and NULL behind the last. */
static void
put_words(struct deparse_printer *p, const struct deparse_node *node, const char *const *words)
{
	for (size_t i = 0; i < node->n && words[i] != NULL; i++) {
		deparse_put(p, words[i]);
		deparse_put_node(p, node->args[i], false);
	}
	deparse_put(p, ")");
}

static void
put_syntax(struct deparse_printer *p, const struct deparse_node *node)
{
	static const char *const substring[] = { "SUBSTRING(", " FROM ", " FOR ", NULL };
	static const char *const similar[] = { "SUBSTRING(", " SIMILAR ", " ESCAPE ", NULL };
	static const char *const overlay[] = { "OVERLAY(", " PLACING ", " FROM ", " FOR ", NULL };

	if (strcmp(node->name, "timezone") == 0) {
		deparse_put(p, "(");
		deparse_put_in(p, node->args[1], false, node);
		deparse_put(p, " AT TIME ZONE ");
		deparse_put_in(p, node->args[0], false, node);
		deparse_put(p, ")");
	} else if (strcmp(node->name, "extract") == 0) {
		deparse_put(p, "EXTRACT(");
		deparse_put(p, node->args[0]->text == NULL ? "" : node->args[0]->text);
		deparse_put(p, " FROM ");
		deparse_put_node(p, node->args[1], false);
		deparse_put(p, ")");
	} else if (strcmp(node->name, "position") == 0) {
		deparse_put(p, "POSITION((");
		deparse_put_node(p, node->args[1], false);
		deparse_put(p, ") IN (");
		deparse_put_node(p, node->args[0], false);
		deparse_put(p, "))");
	} else if (strcmp(node->name, "substring") == 0)
		put_words(p, node, node->args[1]->oid == TYPE_TEXT ? similar : substring);
	else if (strcmp(node->name, "overlay") == 0)
		put_words(p, node, overlay);
	else
		put_trim(p, node);
}

static void
put_operator(struct deparse_printer *p, const struct deparse_node *node)
{
	deparse_put(p, p->pretty ? "" : "(");
	if (node->n == 2) {
		deparse_put_in(p, node->args[0], true, node);
		deparse_put(p, " ");
	}
	deparse_put(p, node->kind == DEPARSE_DISTINCT ? "IS DISTINCT FROM" : node->name);
	deparse_put(p, " ");
	deparse_put_in(p, node->args[node->n - 1], true, node);
	deparse_put(p, p->pretty ? "" : ")");
}

static void
put_rows(struct deparse_printer *p, const struct deparse_node *node)
{
	for (size_t i = 0; i < node->n; i++) {
		if (i == node->n / 2)
			sql_text_format(p->out, ") %s ROW(", node->name);
		else
			deparse_put(p, i == 0 ? "(ROW(" : ", ");
		deparse_put_node(p, node->args[i], true);
	}
	deparse_put(p, "))");
}

static void
put_any(struct deparse_printer *p, const struct deparse_node *node)
{
	deparse_put(p, p->pretty ? "" : "(");
	deparse_put_in(p, node->args[0], true, node);
	deparse_put(p, " ");
	deparse_put(p, node->name);
	deparse_put(p, node->all ? " ALL (" : " ANY (");
	deparse_put_in(p, node->args[1], true, node);
	/* Else it would be read as a subquery of rows. */
	if (node->args[1]->kind == DEPARSE_SUBLINK && node->args[1]->sublink == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK) {
		deparse_put(p, "::");
		deparse_put_type(p, node->args[1]->oid, node->args[1]->typmod);
	}
	deparse_put(p, ")");
	deparse_put(p, p->pretty ? "" : ")");
}

static void
put_boolean(struct deparse_printer *p, const struct deparse_node *node)
{
	deparse_put(p, p->pretty ? "" : "(");
	if (node->kind == DEPARSE_NOT)
		deparse_put(p, "NOT ");
	for (size_t i = 0; i < node->n; i++) {
		if (i > 0)
			deparse_put(p, node->kind == DEPARSE_AND ? " AND " : " OR ");
		deparse_put_in(p, node->args[i], false, node);
	}
	deparse_put(p, p->pretty ? "" : ")");
}

static void
put_test(struct deparse_printer *p, const struct deparse_node *node)
{
	deparse_put(p, p->pretty ? "" : "(");
	deparse_put_in(p, node->args[0], node->kind == DEPARSE_NULL_TEST, node);
	deparse_put(p, node->name);
	deparse_put(p, p->pretty ? "" : ")");
}

static void
put_cast(struct deparse_printer *p, const struct deparse_node *node, bool implicit)
{
	const struct deparse_node *arg = node->args[0];

	if (node->implicit && !implicit) {
		deparse_put_in(p, arg, false, node);
		return;
	}
	if (arg->kind == DEPARSE_CONSTANT && arg->oid == node->oid && arg->typmod < 0)
		deparse_put_constant(p, arg, -1);
	else {
		deparse_put(p, p->pretty ? "" : "(");
		deparse_put_in(p, arg, false, node);
		deparse_put(p, p->pretty ? "" : ")");
	}
	deparse_put(p, "::");
	deparse_put_type(p, node->oid, node->typmod);
}

static void
put_case(struct deparse_printer *p, const struct deparse_node *node)
{
	const char *blank = p->indents ? "" : " ";

	deparse_put_keyword(p, "CASE", 0, DEPARSE_INDENT_ITEM, 0);
	if (node->first != NULL) {
		deparse_put(p, " ");
		deparse_put_node(p, node->first, true);
	}
	for (size_t i = 0; i + 1 < node->n; i += 2) {
		deparse_put(p, blank);
		deparse_put_keyword(p, "WHEN ", 0, 0, 0);
		deparse_put_node(p, node->args[i], false);
		deparse_put(p, " THEN ");
		deparse_put_node(p, node->args[i + 1], true);
	}
	deparse_put(p, blank);
	deparse_put_keyword(p, "ELSE ", 0, 0, 0);
	deparse_put_node(p, node->args[node->n - 1], true);
	deparse_put(p, blank);
	deparse_put_keyword(p, "END", -DEPARSE_INDENT_ITEM, 0, 0);
}

static void
put_array(struct deparse_printer *p, const struct deparse_node *node)
{
	deparse_put(p, "ARRAY[");
	put_list(p, node, 0);
	deparse_put(p, "]");
	if (node->n == 0) {
		deparse_put(p, "::");
		deparse_put_type(p, node->oid, -1);
	}
}

static void
put_sublink(struct deparse_printer *p, const struct deparse_node *node)
{
	bool parentheses =
	    node->first != NULL || node->n > 0 || node->sublink == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK;

	deparse_put(p, node->sublink == PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK ? "ARRAY(" : "(");
	if (node->first != NULL) {
		deparse_put_node(p, node->first, true);
		deparse_put(p, " ");
	} else if (node->n > 0) {
		deparse_put(p, "(");
		put_list(p, node, 0);
		deparse_put(p, ") ");
	}
	if (node->sublink == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK)
		deparse_put(p, "EXISTS ");
	else if (node->sublink == PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK) {
		deparse_put(p, strcmp(node->name, "=") == 0 ? "IN" : node->name);
		deparse_put(p, strcmp(node->name, "=") == 0 ? " " : " ANY ");
	} else if (node->sublink == PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK) {
		deparse_put(p, node->name);
		deparse_put(p, " ALL ");
	} else if (node->sublink == PG_QUERY__SUB_LINK_TYPE__ROWCOMPARE_SUBLINK) {
		deparse_put(p, node->name);
		deparse_put(p, " ");
	}
	deparse_put(p, parentheses ? "(" : "");
	deparse_put_query(p, node->query, NULL, false);
	deparse_put(p, parentheses ? "))" : ")");
}

static void
put_window(struct deparse_printer *p, const struct deparse_node *node)
{
	put_call(p, node);
	deparse_put(p, " OVER ");
	if (node->window->name != NULL)
		deparse_put_name(p, node->window->name);
	else
		deparse_put_over(p, node->window);
}

static void
put_field(struct deparse_printer *p, const struct deparse_node *node)
{
	bool plain = node->args[0]->kind == DEPARSE_SUBSCRIPT || node->args[0]->kind == DEPARSE_FIELD;

	deparse_put(p, plain ? "" : "(");
	deparse_put_node(p, node->args[0], true);
	deparse_put(p, plain ? "" : ")");
	sql_text_format(p->out, ".%cf%u %u%c", KEPT_OWN_BEGIN, (unsigned)node->args[0]->oid, node->field, KEPT_OWN_END);
}

static void
put_subscript(struct deparse_printer *p, const struct deparse_node *node)
{
	bool plain = node->args[0]->kind == DEPARSE_COLUMN;

	deparse_put(p, plain ? "" : "(");
	deparse_put_node(p, node->args[0], true);
	deparse_put(p, plain ? "" : ")");
	for (size_t i = 1; i + 1 < node->n; i += 2) {
		deparse_put(p, "[");
		if (node->args[i] != NULL)
			deparse_put_node(p, node->args[i], false);
		deparse_put(p, node->all ? ":" : "");
		if (node->args[i + 1] != NULL)
			deparse_put_node(p, node->args[i + 1], false);
		deparse_put(p, "]");
	}
}

void
deparse_put_node(struct deparse_printer *p, const struct deparse_node *node, bool implicit)
{
	switch (node->kind) {
	case DEPARSE_COLUMN:
		put_column(p, node);
		break;
	case DEPARSE_CONSTANT:
		deparse_put_constant(p, node, 0);
		break;
	case DEPARSE_CALL:
	case DEPARSE_AGGREGATE:
		put_call(p, node);
		break;
	case DEPARSE_SYNTAX:
		put_syntax(p, node);
		break;
	case DEPARSE_WINDOW:
		put_window(p, node);
		break;
	case DEPARSE_OPERATOR:
	case DEPARSE_DISTINCT:
		put_operator(p, node);
		break;
	case DEPARSE_ROWS:
		put_rows(p, node);
		break;
	case DEPARSE_AND:
	case DEPARSE_OR:
	case DEPARSE_NOT:
		put_boolean(p, node);
		break;
	case DEPARSE_CAST:
		put_cast(p, node, implicit);
		break;
	case DEPARSE_CASE:
		put_case(p, node);
		break;
	case DEPARSE_FUNCTION:
		deparse_put(p, node->name);
		deparse_put(p, "(");
		put_list(p, node, 0);
		deparse_put(p, ")");
		if (node->all) {
			deparse_put(p, "::");
			deparse_put_type(p, node->oid, -1);
		}
		break;
	case DEPARSE_ARRAY:
		put_array(p, node);
		break;
	case DEPARSE_ANY:
		put_any(p, node);
		break;
	case DEPARSE_NULL_TEST:
	case DEPARSE_BOOLEAN_TEST:
		put_test(p, node);
		break;
	case DEPARSE_SUBLINK:
		put_sublink(p, node);
		break;
	case DEPARSE_VALUE:
		deparse_put(p, node->name);
		break;
	case DEPARSE_SUBSCRIPT:
		put_subscript(p, node);
		break;
	case DEPARSE_FIELD:
		put_field(p, node);
		break;
	case DEPARSE_COLLATE:
		deparse_put(p, p->pretty ? "" : "(");
		deparse_put_in(p, node->args[0], implicit, node);
		deparse_put(p, " COLLATE ");
		deparse_put_name(p, node->name);
		deparse_put(p, p->pretty ? "" : ")");
		break;
	}
}
