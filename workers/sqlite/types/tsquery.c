/*
 * tsquery: how one is put together, and its order.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/tsquery.h"

/* PostgreSQL's own form has 8 bytes of head and 12 for each node; nodes and texts share what is left of a datum. */
#define NODE_BYTES 12
#define QUERY_BYTES_MAX ((size_t)0x3fffffff)

void
tsquery_free(struct tsquery *q)
{
	free(q->nodes);
	free(q->text);
	*q = (struct tsquery) { .nodes = NULL };
}

const char *
tsquery_text(const struct tsquery *q, const struct tsquery_node *node)
{
	return q->text + node->at;
}

static struct tsquery_node *
add_node(struct tsquery *q, struct report *r)
{
	size_t capacity = q->capacity == 0 ? 8 : q->capacity * 2;
	struct tsquery_node *nodes;

	if (q->n == q->capacity) {
		if (capacity * NODE_BYTES > QUERY_BYTES_MAX) {
			(void)report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "tsquery is too large");
			return NULL;
		}
		if ((nodes = realloc(q->nodes, capacity * sizeof(*nodes))) == NULL) {
			(void)type_out_of_memory(r);
			return NULL;
		}
		q->nodes = nodes;
		q->capacity = capacity;
	}
	return &q->nodes[q->n];
}

int
tsquery_add_word(struct tsquery *q, const char *text, size_t length, unsigned weights, bool prefix, struct report *r)
{
	struct tsquery_node *node;
	size_t room = q->room == 0 ? 64 : q->room;
	char *grown;

	if (length > TSVECTOR_WORD_MAX)
		return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "word is too long in tsquery: \"%.*s\"",
		    (int)length, text);
	if ((node = add_node(q, r)) == NULL)
		return -1;
	while (room - q->used < length)
		room *= 2;
	if (room != q->room) {
		if (room > QUERY_BYTES_MAX || (grown = realloc(q->text, room)) == NULL)
			return type_out_of_memory(r);
		q->text = grown;
		q->room = room;
	}
	if (length > 0)
		memcpy(q->text + q->used, text, length);
	*node = (struct tsquery_node) { .kind = TSQUERY_WORD,
		.size = 1,
		.weights = (uint8_t)weights,
		.prefix = prefix,
		.at = (uint32_t)q->used,
		.length = (uint32_t)length };
	q->used += length;
	q->n++;
	return 0;
}

int
tsquery_add_stop(struct tsquery *q, struct report *r)
{
	struct tsquery_node *node = add_node(q, r);

	if (node == NULL)
		return -1;
	*node = (struct tsquery_node) { .kind = TSQUERY_STOP, .size = 1 };
	q->n++;
	return 0;
}

int
tsquery_add_operator(struct tsquery *q, enum tsquery_kind kind, unsigned distance, struct report *r)
{
	struct tsquery_node *node = add_node(q, r);
	uint32_t size;

	if (node == NULL)
		return -1;
	size = q->nodes[q->n - 1].size;
	if (kind != TSQUERY_NOT)
		size += q->nodes[q->n - 1 - size].size;
	*node = (struct tsquery_node) { .kind = kind, .size = size + 1, .distance = (uint16_t)distance };
	q->n++;
	return 0;
}

int
tsquery_add_part(struct tsquery *q, const struct tsquery *from, size_t i, struct report *r)
{
	for (size_t k = i + 1 - from->nodes[i].size; k <= i; k++) {
		const struct tsquery_node *node = &from->nodes[k];
		int result = node->kind == TSQUERY_WORD
		    ? tsquery_add_word(q, tsquery_text(from, node), node->length, node->weights, node->prefix, r)
		    : node->kind == TSQUERY_STOP ? tsquery_add_stop(q, r)
						 : tsquery_add_operator(q, node->kind, node->distance, r);

		if (result < 0)
			return -1;
	}
	return 0;
}

/* ---- order ---- */

/* A CRC-32 that is computed the wrong way round, and which the order of PostgreSQL's queries goes by for ever. */
static uint32_t
crc_of(const char *text, size_t length)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < length; i++) {
		uint32_t entry = (crc >> 24 ^ (uint8_t)text[i]) & 255;

		for (int bit = 0; bit < 8; bit++)
			entry = (entry & 1) != 0 ? entry >> 1 ^ 0xedb88320 : entry >> 1;
		crc = entry ^ crc << 8;
	}
	return crc ^ 0xffffffff;
}

static int
compare_words(const struct tsquery *a, const struct tsquery_node *x, const struct tsquery *b,
    const struct tsquery_node *y)
{
	const char *left = tsquery_text(a, x), *right = tsquery_text(b, y);
	int32_t left_crc = (int32_t)crc_of(left, x->length), right_crc = (int32_t)crc_of(right, y->length);

	if (left_crc != right_crc)
		return left_crc > right_crc ? -1 : 1;
	return ts_compare_words(left, x->length, right, y->length);
}

/* Without what stands below. A word is before an operator's, the greater operator before. */
static int
compare_heads(const struct tsquery *a, const struct tsquery_node *x, const struct tsquery *b,
    const struct tsquery_node *y)
{
	if ((x->kind == TSQUERY_WORD) != (y->kind == TSQUERY_WORD))
		return x->kind == TSQUERY_WORD ? 1 : -1;
	if (x->kind == TSQUERY_WORD)
		return compare_words(a, x, b, y);
	return x->kind == y->kind ? 0 : x->kind > y->kind ? -1 : 1;
}

/* From the root downwards, the right operand first; a distance counts after what it stands between. */
struct pair {
	size_t i, j;
	bool behind;
};

int
tsquery_compare_nodes(const struct tsquery *a, size_t i, const struct tsquery *b, size_t j)
{
	struct pair *stack = malloc((2 * (size_t)a->nodes[i].size + 2) * sizeof(*stack));
	size_t n = 0;
	int order = 0;

	if (stack == NULL)
		return 0;
	stack[n++] = (struct pair) { i, j, false };
	while (n > 0 && order == 0) {
		struct pair at = stack[--n];
		const struct tsquery_node *x = &a->nodes[at.i], *y = &b->nodes[at.j];

		if (at.behind) {
			order = x->distance == y->distance ? 0 : x->distance > y->distance ? -1 : 1;
			continue;
		}
		if ((order = compare_heads(a, x, b, y)) != 0 || x->kind == TSQUERY_WORD)
			continue;
		stack[n++] = (struct pair) { at.i, at.j, true };
		if (x->kind != TSQUERY_NOT)
			stack[n++] = (struct pair) { TSQUERY_LEFT(a, at.i), TSQUERY_LEFT(b, at.j), false };
		stack[n++] = (struct pair) { TSQUERY_RIGHT(at.i), TSQUERY_RIGHT(at.j), false };
	}
	free(stack);
	return order;
}

/* As PostgreSQL counts. */
static size_t
bytes_of(const struct tsquery *q)
{
	size_t bytes = q->n * NODE_BYTES;

	for (size_t i = 0; i < q->n; i++)
		if (q->nodes[i].kind == TSQUERY_WORD)
			bytes += q->nodes[i].length + 1;
	return bytes;
}

int
tsquery_compare(const struct tsquery *a, const struct tsquery *b)
{
	size_t a_bytes = bytes_of(a), b_bytes = bytes_of(b);

	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	if (a_bytes != b_bytes)
		return a_bytes < b_bytes ? -1 : 1;
	return a->n == 0 ? 0 : tsquery_compare_nodes(a, a->n - 1, b, b->n - 1);
}
