/*
 * jsonb: kept as the text that PostgreSQL shows, which is the same for the same document but for the scale of its
 * numbers (1.5 and 1.50 are equal, and both are kept); compared by the tree of its values.
 *
 * Invariant of a tree: nodes stand in the order in which their values begin in the text; the children of a container
 * are linked in the order of their places, of an object in the order of its keys (the shorter first, then by their
 * bytes), of which each is there once. Whatever the depth, nothing here recurs.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"

/* In the order in which values of different kinds are sorted. */
enum kind { KIND_NULL, KIND_STRING, KIND_NUMBER, KIND_BOOLEAN, KIND_ARRAY, KIND_OBJECT };

#define NO_NODE UINT32_MAX

struct span {
	const char *at;
	size_t length;
};

struct jsonb_node {
	enum kind kind;
	uint32_t parent, next;	     /* NO_NODE: none */
	uint32_t first, last, count; /* of a container's children */
	struct span key;	     /* within an object */
	struct span value; /* of a scalar: what a string says, a number's canonical form, true and false as written */
	char *owned;	   /* the value's, or NULL */
};

struct tree {
	struct jsonb_node *nodes;
	uint32_t n, capacity;
	char *strings; /* what strings say, one behind the other: never longer than their text */
	size_t used;
	const char *p, *end;
};

static void
tree_free(struct tree *tree)
{
	for (uint32_t i = 0; i < tree->n; i++)
		free(tree->nodes[i].owned);
	free(tree->nodes);
	free(tree->strings);
}

/* ---- from a text that is JSON ---- */

static struct jsonb_node *
add_node(struct tree *tree, uint32_t parent, struct report *r)
{
	struct jsonb_node *nodes, *node;
	uint32_t capacity = tree->capacity == 0 ? 16 : tree->capacity * 2;

	if (tree->n == tree->capacity) {
		nodes = capacity > UINT32_MAX / 4 ? NULL : realloc(tree->nodes, capacity * sizeof(*nodes));
		if (nodes == NULL) {
			(void)type_out_of_memory(r);
			return NULL;
		}
		tree->nodes = nodes;
		tree->capacity = capacity;
	}
	node = &tree->nodes[tree->n];
	*node = (struct jsonb_node) { .parent = parent, .next = NO_NODE, .first = NO_NODE, .last = NO_NODE };
	if (parent != NO_NODE) {
		struct jsonb_node *container = &tree->nodes[parent];

		if (container->last == NO_NODE)
			container->first = tree->n;
		else
			tree->nodes[container->last].next = tree->n;
		container->last = tree->n;
		container->count++;
	}
	tree->n++;
	return node;
}

/* Blanks, and the comma or colon between two values. */
static void
skip_between(struct tree *tree)
{
	while (tree->p < tree->end && strchr(" \t\r\n,:", *tree->p) != NULL)
		tree->p++;
}

static int
take_string(struct tree *tree, struct span *said, struct report *r)
{
	const char *start = tree->p++;

	while (*tree->p != '"')
		tree->p += *tree->p == '\\' ? 2 : 1;
	tree->p++;
	said->at = tree->strings + tree->used;
	if (type_json_unescape(start, (size_t)(tree->p - start), tree->strings + tree->used, &said->length, r) != 0)
		return -1;
	tree->used += said->length;
	return 0;
}

static int
take_number(struct tree *tree, struct jsonb_node *node, struct report *r)
{
	const char *start = tree->p;
	struct type_value number;

	while (tree->p < tree->end && strchr("+-.0123456789eE", *tree->p) != NULL)
		tree->p++;
	if (type_parse_numeric(start, (size_t)(tree->p - start), &number, r) != 0)
		return -1;
	node->kind = KIND_NUMBER;
	node->value = (struct span) { number.bytes, number.length };
	node->owned = number.owned;
	return 0;
}

static int
take_scalar(struct tree *tree, struct jsonb_node *node, struct report *r)
{
	static const struct {
		char first;
		enum kind kind;
		size_t length;
	} words[] = { { 'n', KIND_NULL, 4 }, { 't', KIND_BOOLEAN, 4 }, { 'f', KIND_BOOLEAN, 5 } };

	if (*tree->p == '"') {
		node->kind = KIND_STRING;
		return take_string(tree, &node->value, r);
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].first != *tree->p)
			continue;
		node->kind = words[i].kind;
		node->value = (struct span) { tree->p, words[i].length };
		tree->p += words[i].length;
		return 0;
	}
	return take_number(tree, node, r);
}

static int
compare_spans(const struct span *a, const struct span *b)
{
	size_t n = a->length < b->length ? a->length : b->length;
	int order = 0;

	/* An empty one may be nowhere. */
	if (n > 0 && a->at != NULL && b->at != NULL)
		order = memcmp(a->at, b->at, n);
	return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

/* Keys as they are kept; of equal ones the later last. */
static int
compare_members(const void *a, const void *b, void *context)
{
	const struct tree *tree = context;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	const struct span *left = &tree->nodes[i].key, *right = &tree->nodes[j].key;
	int order;

	if (left->length != right->length)
		return left->length < right->length ? -1 : 1;
	order = compare_spans(left, right);
	return order != 0 ? order : (i > j) - (i < j);
}

/* Of several members of one name the last counts. */
static void
link_members(struct tree *tree, struct jsonb_node *object, const uint32_t *members, uint32_t n)
{
	uint32_t *link = &object->first;

	object->count = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (i + 1 < n && compare_spans(&tree->nodes[members[i]].key, &tree->nodes[members[i + 1]].key) == 0)
			continue;
		*link = object->last = members[i];
		link = &tree->nodes[members[i]].next;
		object->count++;
	}
	*link = NO_NODE;
}

static int
sort_members(struct tree *tree, struct jsonb_node *object, struct report *r)
{
	uint32_t n = 0, *members;

	if (object->count < 2)
		return 0;
	if ((members = malloc(object->count * sizeof(*members))) == NULL)
		return type_out_of_memory(r);
	for (uint32_t i = object->first; i != NO_NODE; i = tree->nodes[i].next)
		members[n++] = i;
	qsort_r(members, n, sizeof(*members), compare_members, tree);
	link_members(tree, object, members, n);
	free(members);
	return 0;
}

/* The value that begins here, with its key. *parent becomes it when it is a container. */
static int
take_value(struct tree *tree, uint32_t *parent, struct report *r)
{
	struct span key = { 0 };
	struct jsonb_node *node;

	if (*parent != NO_NODE && tree->nodes[*parent].kind == KIND_OBJECT && take_string(tree, &key, r) != 0)
		return -1;
	skip_between(tree);
	if ((node = add_node(tree, *parent, r)) == NULL)
		return -1;
	node->key = key;
	if (*tree->p != '{' && *tree->p != '[')
		return take_scalar(tree, node, r);
	node->kind = *tree->p++ == '{' ? KIND_OBJECT : KIND_ARRAY;
	*parent = tree->n - 1;
	return 0;
}

/* The text must be JSON. The tree is to be freed whatever is returned. */
static int
tree_read(struct tree *tree, const char *text, size_t length, struct report *r)
{
	uint32_t parent = NO_NODE;

	*tree = (struct tree) { .p = text, .end = text + length, .strings = malloc(length + 1) };
	if (tree->strings == NULL) {
		(void)type_out_of_memory(r);
		return -1;
	}
	do {
		skip_between(tree);
		if (parent != NO_NODE && (*tree->p == '}' || *tree->p == ']')) {
			if (*tree->p++ == '}' && sort_members(tree, &tree->nodes[parent], r) != 0)
				return -1;
			parent = tree->nodes[parent].parent;
		} else if (take_value(tree, &parent, r) != 0)
			return -1;
	} while (parent != NO_NODE);
	return 0;
}

/* ---- to the text that is kept ---- */

static void
put_node(struct pgwire_buffer *out, const struct tree *tree, const struct jsonb_node *node)
{
	if (node->parent != NO_NODE && tree->nodes[node->parent].kind == KIND_OBJECT) {
		type_json_put_string(out, node->key.at, node->key.length);
		pgwire_put_bytes(out, ": ", 2);
	}
	if (node->kind == KIND_STRING)
		type_json_put_string(out, node->value.at, node->value.length);
	else if (node->kind < KIND_ARRAY)
		pgwire_put_bytes(out, node->value.at, node->value.length);
	else
		pgwire_put_byte(out, node->kind == KIND_OBJECT ? '{' : '[');
	if (node->kind >= KIND_ARRAY && node->count == 0)
		pgwire_put_byte(out, node->kind == KIND_OBJECT ? '}' : ']');
}

static void
put_tree(struct pgwire_buffer *out, const struct tree *tree)
{
	uint32_t i = 0;

	for (;;) {
		put_node(out, tree, &tree->nodes[i]);
		if (tree->nodes[i].kind >= KIND_ARRAY && tree->nodes[i].count > 0) {
			i = tree->nodes[i].first;
			continue;
		}
		while (tree->nodes[i].next == NO_NODE) {
			if ((i = tree->nodes[i].parent) == NO_NODE)
				return;
			pgwire_put_byte(out, tree->nodes[i].kind == KIND_OBJECT ? '}' : ']');
		}
		pgwire_put_bytes(out, ", ", 2);
		i = tree->nodes[i].next;
	}
}

int
type_parse_jsonb(const char *data, size_t length, struct type_value *out, struct report *r)
{
	struct pgwire_buffer text = { 0 };
	struct tree tree;
	int result;

	if (type_check_json(data, length, r) != 0)
		return -1;
	if ((result = tree_read(&tree, data, length, r)) == 0) {
		put_tree(&text, &tree);
		result = text.failed
		    ? type_out_of_memory(r)
		    : type_value_copy(out, (const char *)text.data + text.start, pgwire_buffer_length(&text), r);
	}
	pgwire_buffer_free(&text);
	tree_free(&tree);
	return result;
}

/* ---- the order of two ---- */

static int
compare_nodes(const struct jsonb_node *a, const struct jsonb_node *b)
{
	int order = compare_spans(&a->key, &b->key);

	if (order != 0)
		return order;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->kind >= KIND_ARRAY)
		return (a->count > b->count) - (a->count < b->count);
	if (a->kind == KIND_NUMBER)
		return type_compare_numeric(a->value.at, a->value.length, b->value.at, b->value.length);
	return a->kind == KIND_STRING ? compare_spans(&a->value, &b->value)
				      : (*a->value.at == 't') - (*b->value.at == 't');
}

/* A document that is a scalar counts as an array of one, before any such array: only an empty array comes before it. */
static bool
compare_roots(const struct jsonb_node *a, const struct jsonb_node *b, int *order)
{
	bool scalar_a = a->kind < KIND_ARRAY, scalar_b = b->kind < KIND_ARRAY;
	const struct jsonb_node *container = scalar_a ? b : a;

	if (scalar_a == scalar_b)
		return false;
	*order = container->kind == KIND_ARRAY && container->count == 0 ? -1 : 1;
	if (scalar_a)
		*order = -*order;
	return true;
}

static int
compare_trees(const struct tree *a, const struct tree *b)
{
	uint32_t i = 0, j = 0;
	int order;

	if (compare_roots(a->nodes, b->nodes, &order))
		return order;
	for (;;) {
		if ((order = compare_nodes(&a->nodes[i], &b->nodes[j])) != 0)
			return order;
		if (a->nodes[i].count > 0) {
			i = a->nodes[i].first;
			j = b->nodes[j].first;
			continue;
		}
		while (a->nodes[i].next == NO_NODE) {
			i = a->nodes[i].parent;
			j = b->nodes[j].parent;
			if (i == NO_NODE)
				return 0;
		}
		i = a->nodes[i].next;
		j = b->nodes[j].next;
	}
}

int
type_compare_jsonb(const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct span left = { a, a_length }, right = { b, b_length };
	struct tree x = { 0 }, y = { 0 };
	struct report r = { 0 };
	int order = compare_spans(&left, &right);

	if (order != 0 && type_check_json(a, a_length, &r) == 0 && type_check_json(b, b_length, &r) == 0 &&
	    tree_read(&x, a, a_length, &r) == 0 && tree_read(&y, b, b_length, &r) == 0)
		order = compare_trees(&x, &y);
	tree_free(&x);
	tree_free(&y);
	report_reset(&r);
	return order;
}
