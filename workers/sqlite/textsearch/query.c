/*
 * Queries of texts: each operand is a document of its own, whose words are joined; what is left of stop words goes, and
 * distances grow by what stood there.
 */
#include <stdlib.h>

#include "workers/sqlite/textsearch/textsearch.h"

/* ---- what is dropped of a query ---- */

enum fate { FATE_STAYS, FATE_GOES, FATE_IS_LEFT, FATE_IS_RIGHT };

/* Only what is needed from the root on is kept, in the order in which it stood. */
static int
rebuild(struct tsquery *q, const enum fate *fates, struct report *r)
{
	bool *needed = calloc(q->n + 1, sizeof(*needed));
	struct tsquery kept = { .nodes = NULL };
	int result = 0;

	if (needed == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	needed[q->n - 1] = fates[q->n - 1] != FATE_GOES;
	for (size_t i = q->n; i-- > 0;) {
		enum tsquery_kind kind = q->nodes[i].kind;

		if (!needed[i] || kind == TSQUERY_WORD)
			continue;
		if (fates[i] != FATE_IS_LEFT)
			needed[TSQUERY_RIGHT(i)] = true;
		if (kind != TSQUERY_NOT && fates[i] != FATE_IS_RIGHT)
			needed[TSQUERY_LEFT(q, i)] = true;
	}
	for (size_t i = 0; i < q->n && result == 0; i++) {
		const struct tsquery_node *node = &q->nodes[i];

		if (!needed[i] || fates[i] != FATE_STAYS)
			continue;
		result = node->kind == TSQUERY_WORD
		    ? tsquery_add_word(&kept, tsquery_text(q, node), node->length, node->weights, node->prefix, r)
		    : tsquery_add_operator(&kept, node->kind, node->distance, r);
	}
	free(needed);
	tsquery_free(q);
	*q = kept;
	return result;
}

/* How much further apart the neighbours of a part are than it says, on its left and on its right. */
struct gap {
	unsigned left, right;
};

static enum fate
drop_stop(struct tsquery_node *node, const enum fate *left_fate, const enum fate *right_fate, struct gap left,
    struct gap right, struct gap *gap)
{
	bool phrase = node->kind == TSQUERY_PHRASE;
	unsigned distance = phrase ? node->distance : 0;

	*gap = (struct gap) { 0, 0 };
	if (*left_fate == FATE_GOES && *right_fate == FATE_GOES) {
		gap->left = phrase	     ? left.left + distance + right.left
		    : left.left > right.left ? left.left
					     : right.left;
		gap->right = gap->left;
		return FATE_GOES;
	}
	if (*left_fate == FATE_GOES) {
		*gap = (struct gap) { (phrase ? left.left + distance : 0) + right.left, right.right };
		return FATE_IS_RIGHT;
	}
	if (*right_fate == FATE_GOES) {
		*gap = (struct gap) { left.left, left.right + (phrase ? distance + right.right : 0) };
		return FATE_IS_LEFT;
	}
	if (phrase) {
		node->distance = (uint16_t)(node->distance + left.right + right.left);
		*gap = (struct gap) { left.left, right.right };
	}
	return FATE_STAYS;
}

static int
drop_stops(struct tsquery *q, struct report *r)
{
	enum fate *fates = calloc(q->n + 1, sizeof(*fates));
	struct gap *gaps = calloc(q->n + 1, sizeof(*gaps));
	int result;

	if (fates == NULL || gaps == NULL) {
		free(fates);
		free(gaps);
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < q->n; i++) {
		struct tsquery_node *node = &q->nodes[i];
		size_t right = i == 0 ? 0 : TSQUERY_RIGHT(i), left;

		if (node->kind == TSQUERY_STOP) {
			fates[i] = FATE_GOES;
		} else if (node->kind == TSQUERY_NOT) {
			fates[i] = fates[right] == FATE_GOES ? FATE_GOES : FATE_STAYS;
			gaps[i] = gaps[right];
		} else if (node->kind != TSQUERY_WORD) {
			left = TSQUERY_LEFT(q, i);
			fates[i] = drop_stop(node, &fates[left], &fates[right], gaps[left], gaps[right], &gaps[i]);
		}
	}
	result = q->n > 0 ? rebuild(q, fates, r) : 0;
	free(fates);
	free(gaps);
	return result;
}

int
ts_query_tree(struct tsquery *q, bool *something, struct report *r)
{
	enum fate *fates = calloc(q->n + 1, sizeof(*fates));
	int result;

	if (fates == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (size_t i = 0; i < q->n; i++) {
		enum tsquery_kind kind = q->nodes[i].kind;
		bool left, right;

		if (kind == TSQUERY_WORD)
			continue;
		if (kind == TSQUERY_NOT) {
			fates[i] = FATE_GOES;
			continue;
		}
		left = fates[TSQUERY_LEFT(q, i)] != FATE_GOES;
		right = fates[TSQUERY_RIGHT(i)] != FATE_GOES;
		if (left != right && kind != TSQUERY_OR)
			fates[i] = left ? FATE_IS_LEFT : FATE_IS_RIGHT;
		else if (!left || !right)
			fates[i] = FATE_GOES;
	}
	*something = q->n == 0 || fates[q->n - 1] != FATE_GOES;
	result = q->n == 0 ? 0 : rebuild(q, fates, r);
	free(fates);
	return result;
}

/* ---- an operand's words ---- */

struct operand {
	const struct ts_config *config;
	struct ts_poll *poll;
	enum tsquery_kind join;
	/* Of the one at hand. */
	struct tsquery *q;
	unsigned weights;
	bool prefix;
	uint32_t position; /* of its last word, 0: none yet */
	bool any;
};

static int
join(struct operand *operand, struct report *r)
{
	if (operand->any && tsquery_add_operator(operand->q, operand->join, operand->join == TSQUERY_PHRASE, r) < 0)
		return -1;
	operand->any = true;
	return 0;
}

/* A stop word between two words leaves its place. */
static int
add_word(void *arg, const char *lexeme, size_t length, uint32_t position, struct report *r)
{
	struct operand *operand = arg;

	for (; operand->position > 0 && operand->position + 1 < position; operand->position++)
		if (tsquery_add_stop(operand->q, r) < 0 || join(operand, r) < 0)
			return -1;
	operand->position = position;
	if (tsquery_add_word(operand->q, lexeme, length, operand->weights, operand->prefix, r) < 0)
		return -1;
	return join(operand, r);
}

static int
read_operand(void *arg, struct tsquery *q, const char *text, size_t length, unsigned weights, bool prefix,
    struct report *r)
{
	struct operand *operand = arg;
	struct ts_document document = { .config = operand->config,
		.poll = operand->poll,
		.word = add_word,
		.arg = operand };

	operand->q = q;
	operand->weights = weights;
	operand->prefix = prefix;
	operand->position = 0;
	operand->any = false;
	if (ts_read_document(&document, text, length, r) < 0)
		return -1;
	return operand->any ? 0 : tsquery_add_stop(q, r);
}

int
ts_make_query(enum ts_query_form form, const struct ts_config *config, struct ts_poll *poll, const char *text,
    size_t length, struct tsquery *out, struct report *r)
{
	struct operand operand = { .config = config,
		.poll = poll,
		.join = form == TS_PLAIN ? TSQUERY_AND : TSQUERY_PHRASE };
	int result;

	*out = (struct tsquery) { .nodes = NULL };
	if (form == TS_TO_TSQUERY || form == TS_WEBSEARCH)
		result = tsquery_read(form == TS_WEBSEARCH ? TSQUERY_WEB : TSQUERY_STANDARD, text, length, read_operand,
		    &operand, out, r);
	else
		result = length == 0 ? 0 : read_operand(&operand, out, text, length, 0, false, r);
	if (result == 0 && out->n > 0)
		result = drop_stops(out, r);
	if (result < 0)
		tsquery_free(out);
	return result;
}
