/*
 * Which nodes of an expression need no parentheses in which others.
 */
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"

static const char *
simple_operator(const struct deparse_node *node)
{
	return node->kind == DEPARSE_OPERATOR && node->n == 2 && strlen(node->name) == 1 ? node->name : NULL;
}

static bool
binds_tighter(const struct deparse_node *node, const struct deparse_node *parent)
{
	const char *own = simple_operator(node), *outer = simple_operator(parent);
	bool low, high, low_outer, high_outer;

	if (own == NULL || outer == NULL)
		return false;
	low = strchr("+-", *own) != NULL;
	high = strchr("*/%", *own) != NULL;
	low_outer = strchr("+-", *outer) != NULL;
	high_outer = strchr("*/%", *outer) != NULL;
	if ((!low && !high) || (!low_outer && !high_outer))
		return false;
	if (high && low_outer)
		return true;
	if (low && high_outer)
		return false;
	return node == parent->args[0];
}

/* A parent that has parentheses or words of its own around what is in it. */
static bool
encloses(const struct deparse_node *parent)
{
	switch (parent->kind) {
	case DEPARSE_CALL:
	case DEPARSE_ARRAY:
	case DEPARSE_FUNCTION:
	case DEPARSE_AGGREGATE:
	case DEPARSE_WINDOW:
	case DEPARSE_CASE:
		return true;
	default:
		return false;
	}
}

static bool
is_boolean(const struct deparse_node *node)
{
	return node->kind == DEPARSE_AND || node->kind == DEPARSE_OR || node->kind == DEPARSE_NOT;
}

static bool
is_simple(const struct deparse_node *node, const struct deparse_node *parent)
{
	switch (node->kind) {
	case DEPARSE_COLUMN:
	case DEPARSE_CONSTANT:
	case DEPARSE_ARRAY:
	case DEPARSE_FUNCTION:
	case DEPARSE_VALUE:
	case DEPARSE_AGGREGATE:
	case DEPARSE_WINDOW:
	case DEPARSE_CALL:
	case DEPARSE_SYNTAX:
	case DEPARSE_CASE:
	case DEPARSE_SUBSCRIPT:
	case DEPARSE_FIELD:
		return true;
	case DEPARSE_CAST:
		/* One that a function does is a call in PostgreSQL's eyes; another is as simple as what is cast. */
		return node->computed || is_simple(node->args[0], node);
	case DEPARSE_OPERATOR:
		if (parent->kind == DEPARSE_OPERATOR)
			return binds_tighter(node, parent);
		return is_boolean(parent) || encloses(parent);
	case DEPARSE_SUBLINK:
	case DEPARSE_NULL_TEST:
	case DEPARSE_BOOLEAN_TEST:
	case DEPARSE_DISTINCT:
		return is_boolean(parent) || encloses(parent);
	case DEPARSE_AND:
	case DEPARSE_NOT:
		return parent->kind == DEPARSE_AND || parent->kind == DEPARSE_OR || encloses(parent);
	case DEPARSE_OR:
		return parent->kind == DEPARSE_OR || encloses(parent);
	default:
		return false;
	}
}

void
deparse_put_in(struct deparse_printer *p, const struct deparse_node *node, bool implicit,
    const struct deparse_node *parent)
{
	bool parentheses = p->pretty && !is_simple(node, parent);

	deparse_put(p, parentheses ? "(" : "");
	deparse_put_node(p, node, implicit);
	deparse_put(p, parentheses ? ")" : "");
}
