/*
 * Literals that stay in a plan: it is for texts that have the same ones in these places, and any others elsewhere.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/memory.h"
#include "workers/sqlite/dialect/translate.h"
#include "workers/sqlite/dialect/tree.h"

/* A plan with more is for its very text. */
#define PINNED_MAX 64

int
translate_find_literal(const struct translator *t, int location, bool *negative)
{
	const struct dialect_text *text = t->text;
	unsigned low = 0, high = text->nliterals;
	size_t at = location < 0 ? text->length : (size_t)location;

	*negative = false;
	for (; at < text->length && strchr("- \t\r\n\f", t->source[at]) != NULL; at++)
		if (t->source[at] == '-')
			*negative = !*negative;
	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (text->literals[middle].offset < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low < text->nliterals && text->literals[low].offset == at ? (int)low : -1;
}

static bool
is_pinned(const struct dialect_plan *plan, unsigned literal)
{
	for (unsigned i = 0; i < plan->npinned; i++)
		if (plan->pinned[i] == literal)
			return true;
	return false;
}

/* A word (the field of EXTRACT) stands in the key as it is. */
static bool
is_word(const struct translator *t, int location)
{
	return location >= 0 && (size_t)location < t->text->length && isalpha((unsigned char)t->source[location]);
}

static void
pin_literal(struct translator *t, unsigned literal)
{
	struct dialect_plan *plan = t->plan;
	unsigned *pinned;

	if (is_pinned(plan, literal))
		return;
	if (plan->npinned == PINNED_MAX) {
		plan->exact = true;
		return;
	}
	pinned = translator_grow(t, plan->pinned, plan->npinned + 1, &t->pinned_capacity, sizeof(*pinned));
	if (pinned == NULL)
		return;
	plan->pinned = pinned;
	pinned[plan->npinned++] = literal;
}

void
translate_pin(struct translator *t, int location)
{
	bool negative;
	int literal = t->lift ? translate_find_literal(t, location, &negative) : -1;

	if (literal >= 0)
		pin_literal(t, (unsigned)literal);
	else
		t->plan->exact |= !t->lift || !is_word(t, location);
}

static int
pin_within(void *arg, const PgQuery__Node *node)
{
	if (node->node_case == PG_QUERY__NODE__NODE_A_CONST)
		translate_pin(arg, node->a_const->location);
	return tree_each_child(node, pin_within, arg);
}

void
translate_pin_all(struct translator *t, const PgQuery__Node *node)
{
	(void)pin_within(t, node);
}

int
translate_pin_rest(struct translator *t)
{
	struct dialect_plan *plan = t->plan;
	unsigned n = t->text->nliterals;
	bool *lifted;

	if (n == 0 || plan->exact)
		return 0;
	if ((lifted = calloc(n, sizeof(*lifted))) == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < plan->nlifted; i++)
		lifted[plan->lifted[i].literal] = true;
	for (unsigned i = 0; i < n && !plan->exact; i++)
		if (!lifted[i])
			pin_literal(t, i);
	free(lifted);
	return 0;
}
