/*
 * tsquery written out, as text and binary, and read from binary.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/tsquery.h"

/* What is yet to be written: a node with the operator above it, or a text. */
struct unwritten {
	size_t i;
	const char *text; /* NULL: a node; "<": the operator's own sign */
	enum tsquery_kind above;
	bool right; /* it is the right operand */
};

struct writing {
	struct pgwire_buffer *out;
	const struct tsquery *q;
	struct unwritten *stack;
	size_t depth;
	bool kept;
};

static void
put_text(struct pgwire_buffer *out, const char *text)
{
	pgwire_put_bytes(out, text, strlen(text));
}

static void
put_word(struct pgwire_buffer *out, const struct tsquery *q, const struct tsquery_node *node)
{
	ts_put_quoted(out, tsquery_text(q, node), node->length);
	if (node->weights == 0 && !node->prefix)
		return;
	put_text(out, node->prefix ? ":*" : ":");
	for (unsigned weight = 4; weight-- > 0;)
		if ((node->weights & 1U << weight) != 0)
			pgwire_put_byte(out, (uint8_t)("DCBA"[weight]));
}

static void
put_sign(struct pgwire_buffer *out, const struct tsquery_node *node)
{
	char number[TYPE_INTEGER_TEXT];

	if (node->kind != TSQUERY_PHRASE || node->distance == 1) {
		put_text(out, node->kind == TSQUERY_AND ? " & " : node->kind == TSQUERY_OR ? " | " : " <-> ");
		return;
	}
	put_text(out, " <");
	pgwire_put_bytes(out, number, type_write_integer(node->distance, number));
	put_text(out, "> ");
}

static int
binding(enum tsquery_kind kind)
{
	return kind == TSQUERY_OR ? 1 : kind == TSQUERY_AND ? 2 : kind == TSQUERY_PHRASE ? 3 : 4;
}

/* What is kept shows every operand on the right that is of the same operator. */
static bool
needs_parentheses(const struct writing *w, const struct unwritten *item, enum tsquery_kind kind)
{
	if (item->above == TSQUERY_WORD)
		return false;
	return binding(kind) < binding(item->above) ||
	    (item->right && kind == item->above && kind != TSQUERY_NOT && (w->kept || kind == TSQUERY_PHRASE));
}

static void
push(struct writing *w, struct unwritten item)
{
	w->stack[w->depth++] = item;
}

static void
put_node(struct writing *w, const struct unwritten *item)
{
	const struct tsquery_node *node = &w->q->nodes[item->i];
	bool parentheses;

	if (node->kind == TSQUERY_WORD) {
		put_word(w->out, w->q, node);
		return;
	}
	parentheses = needs_parentheses(w, item, node->kind);
	if (parentheses) {
		put_text(w->out, "( ");
		push(w, (struct unwritten) { .text = " )" });
	}
	if (node->kind == TSQUERY_NOT)
		pgwire_put_byte(w->out, '!');
	push(w,
	    (struct unwritten) { .i = TSQUERY_RIGHT(item->i),
		.above = node->kind,
		.right = node->kind != TSQUERY_NOT });
	if (node->kind == TSQUERY_NOT)
		return;
	push(w, (struct unwritten) { .i = item->i, .text = "" });
	push(w, (struct unwritten) { .i = TSQUERY_LEFT(w->q, item->i), .above = node->kind });
}

static void
put_query(struct pgwire_buffer *out, const struct tsquery *q, bool kept)
{
	struct writing w = { .out = out, .q = q, .kept = kept };

	if (q->n == 0)
		return;
	if ((w.stack = malloc((3 * q->n + 4) * sizeof(*w.stack))) == NULL) {
		out->failed = true;
		return;
	}
	push(&w, (struct unwritten) { .i = q->n - 1, .above = TSQUERY_WORD });
	while (w.depth > 0) {
		struct unwritten item = w.stack[--w.depth];

		if (item.text == NULL)
			put_node(&w, &item);
		else if (item.text[0] != '\0')
			put_text(out, item.text);
		else
			put_sign(out, &q->nodes[item.i]);
	}
	free(w.stack);
}

void
tsquery_put(struct pgwire_buffer *out, const struct tsquery *q)
{
	put_query(out, q, false);
}

void
tsquery_put_kept(struct pgwire_buffer *out, const struct tsquery *q)
{
	put_query(out, q, true);
}

/* ---- binary: an operator, its right operand, its left one, which is the nodes from the last to the first ---- */

#define BINARY_WORD 1
#define BINARY_OPERATOR 2

void
tsquery_to_binary(struct pgwire_buffer *out, const struct tsquery *q)
{
	pgwire_put_int32(out, (uint32_t)q->n);
	for (size_t i = q->n; i-- > 0;) {
		const struct tsquery_node *node = &q->nodes[i];

		if (node->kind == TSQUERY_WORD) {
			pgwire_put_byte(out, BINARY_WORD);
			pgwire_put_byte(out, node->weights);
			pgwire_put_byte(out, node->prefix);
			pgwire_put_bytes(out, tsquery_text(q, node), node->length);
			pgwire_put_byte(out, 0);
			continue;
		}
		pgwire_put_byte(out, BINARY_OPERATOR);
		pgwire_put_byte(out, (uint8_t)node->kind);
		if (node->kind == TSQUERY_PHRASE)
			pgwire_put_int16(out, node->distance);
	}
}

/* Nodes as they came, the root first. */
static int
read_node(struct pgwire_reader *in, struct tsquery *q, struct report *r)
{
	unsigned what = pgwire_get_byte(in);

	if (what == BINARY_WORD) {
		unsigned weights = pgwire_get_byte(in), prefix = pgwire_get_byte(in);
		const char *text = pgwire_get_string(in);

		if (in->failed)
			return 0;
		if (weights > 15)
			return report_set(r, SQLSTATE_INTERNAL_ERROR, "invalid tsquery: invalid weight bitmap");
		if (text[0] == '\0' || strlen(text) > TSVECTOR_WORD_MAX)
			return report_set(r, SQLSTATE_INTERNAL_ERROR, "invalid tsquery: operand too long");
		return type_check_utf8(text, strlen(text), r) < 0
		    ? -1
		    : tsquery_add_word(q, text, strlen(text), weights, prefix != 0, r);
	}
	if (what == BINARY_OPERATOR) {
		unsigned kind = pgwire_get_byte(in), distance = kind == TSQUERY_PHRASE ? pgwire_get_int16(in) : 0;

		if (kind < TSQUERY_NOT || kind > TSQUERY_PHRASE || distance > TSQUERY_DISTANCE_MAX)
			return report_set(r, SQLSTATE_INTERNAL_ERROR, "invalid tsquery: unrecognized operator type %u",
			    kind);
		if (tsquery_add_stop(q, r) < 0)
			return -1;
		q->nodes[q->n - 1].kind = (enum tsquery_kind)kind;
		q->nodes[q->n - 1].distance = (uint16_t)distance;
		return 0;
	}
	return report_set(r, SQLSTATE_INTERNAL_ERROR, "unrecognized tsquery node type: %u", what);
}

/* Turns them round, and counts. */
static int
turn(struct tsquery *q, struct report *r)
{
	size_t operands = 0;

	for (size_t i = 0, j = q->n; i < q->n && i < --j; i++) {
		struct tsquery_node node = q->nodes[i];

		q->nodes[i] = q->nodes[j];
		q->nodes[j] = node;
	}
	for (size_t i = 0; i < q->n; i++) {
		struct tsquery_node *node = &q->nodes[i];
		size_t needs = node->kind == TSQUERY_WORD ? 0 : node->kind == TSQUERY_NOT ? 1 : 2;

		if (operands < needs)
			return report_set(r, SQLSTATE_INTERNAL_ERROR,
			    "malformed tsquery: operator with left operand missing");
		operands += 1 - needs;
		node->size = 1;
		if (needs > 0)
			node->size += q->nodes[i - 1].size;
		if (needs > 1)
			node->size += q->nodes[i - 1 - q->nodes[i - 1].size].size;
	}
	return operands <= 1 ? 0 : report_set(r, SQLSTATE_INTERNAL_ERROR, "malformed tsquery: extra nodes");
}

int
tsquery_from_binary(struct pgwire_reader *in, struct tsquery *out, struct report *r)
{
	uint32_t n = pgwire_get_int32(in);
	int result = 0;

	*out = (struct tsquery) { .nodes = NULL };
	for (uint32_t i = 0; i < n && result == 0 && !in->failed; i++)
		result = read_node(in, out, r);
	if (result == 0 && (in->failed || !pgwire_reader_done(in)))
		result = report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "invalid message format");
	if (result == 0)
		result = turn(out, r);
	if (result < 0)
		tsquery_free(out);
	return result;
}
