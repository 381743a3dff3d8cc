/*
 * What the tree of a regular expression is made of: its nodes and parts, each from the tree's own memory.
 */
#include <string.h>

#include "workers/sqlite/types/regex_lex.h"

struct regex_node *
regex_new_node(struct regex_parser *p, enum regex_node_kind kind, struct regex_node *left, struct regex_node *right)
{
	struct regex_node *node = p->failed ? NULL : regex_tree_alloc(p->tree, sizeof(*node));

	if (node == NULL) {
		(void)regex_parser_fail(p, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	*node = (struct regex_node) { .kind = kind, .left = left, .right = right };
	return node;
}

struct regex_node *
regex_join(struct regex_parser *p, struct regex_node *a, struct regex_node *b)
{
	if (a == NULL || b == NULL || a->kind == REGEX_EMPTY)
		return b;
	return b->kind == REGEX_EMPTY ? a : regex_new_node(p, REGEX_CONCAT, a, b);
}

struct regex_node *
regex_repeat(struct regex_parser *p, struct regex_node *node, int min, int max)
{
	struct regex_node *repeated;

	if (min == 1 && max == 1)
		return node;
	if (max == 0)
		return regex_new_node(p, REGEX_EMPTY, NULL, NULL);
	if ((repeated = regex_new_node(p, REGEX_REPEAT, node, NULL)) != NULL) {
		repeated->min = min;
		repeated->max = max;
	}
	return repeated;
}

struct regex_part *
regex_new_part(struct regex_parser *p, char op, unsigned flags, struct regex_node *node)
{
	struct regex_part *part = p->failed || node == NULL ? NULL : regex_tree_alloc(p->tree, sizeof(*part));

	if (part == NULL || ++p->parts > REGEX_PARTS_MAX) {
		(void)regex_parser_fail(p, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	*part = (struct regex_part) { .op = op, .flags = flags, .node = node };
	return part;
}
