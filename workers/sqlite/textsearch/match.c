/*
 * Whether a query matches. Above the first phrase operator, parts of it are true or not; below it, a part is where it
 * stands, and in all places but some under a NOT. What is maybe true has no positions that could be compared.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/textsearch/textsearch.h"

/* Which positions of two lists are wanted. */
enum { IN_BOTH = 1, IN_LEFT = 2, IN_RIGHT = 4 };

struct part {
	enum ts_answer answer;
	struct ts_spots spots;
};

static void
out_of_memory(struct ts_matching *m)
{
	m->failed = true;
	(void)report_set(m->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
}

/* ---- within a phrase ---- */

/* Both lists are moved by their offsets first. Gives the answer, and takes the lists. */
static enum ts_answer
combine(struct ts_matching *m, struct part *left, struct part *right, int left_offset, int right_offset, int wanted,
    struct part *out)
{
	size_t i = 0, j = 0, n = left->spots.n, k = right->spots.n;
	uint16_t *at = malloc((n + k + 1) * sizeof(*at));

	if (at == NULL) {
		out_of_memory(m);
		return TS_NO;
	}
	while (i < n || j < k) {
		int a = i < n ? TS_POSITION(left->spots.at[i]) + left_offset : INT32_MAX;
		int b = j < k ? TS_POSITION(right->spots.at[j]) + right_offset : INT32_MAX;
		int which = a < b ? IN_LEFT : a > b ? IN_RIGHT : IN_BOTH;

		i += a <= b;
		j += b <= a;
		if ((wanted & which) != 0)
			at[out->spots.n++] = (uint16_t)(a < b ? a : b);
	}
	out->spots.at = at;
	return out->spots.n > 0 ? TS_YES : TS_NO;
}

static int
larger(int a, int b)
{
	return a > b ? a : b;
}

/* Both must be there: side by side, or by a phrase's distance from each other. */
static enum ts_answer
both(struct ts_matching *m, const struct tsquery_node *node, struct part *left, struct part *right, struct part *out)
{
	int width = larger(left->spots.width, right->spots.width);
	int left_offset = width - left->spots.width, right_offset = width - right->spots.width;
	bool not_left = left->spots.negate, not_right = right->spots.negate;

	if (left->answer == TS_NO || right->answer == TS_NO)
		return TS_NO;
	if (left->answer == TS_MAYBE || right->answer == TS_MAYBE)
		return TS_MAYBE;
	if (node->kind == TSQUERY_PHRASE) {
		left_offset = node->distance + right->spots.width;
		right_offset = 0;
		width = left_offset + left->spots.width;
	}
	out->spots.width = width;
	if (not_left && not_right) { /* as !(left | right) */
		(void)combine(m, left, right, left_offset, right_offset, IN_BOTH | IN_LEFT | IN_RIGHT, out);
		out->spots.negate = true;
		return TS_YES;
	}
	return combine(m, left, right, left_offset, right_offset,
	    not_left	    ? IN_RIGHT
		: not_right ? IN_LEFT
			    : IN_BOTH,
	    out);
}

static enum ts_answer
either(struct ts_matching *m, struct part *left, struct part *right, struct part *out)
{
	int left_width = left->answer == TS_NO ? 0 : left->spots.width;
	int right_width = right->answer == TS_NO ? 0 : right->spots.width;
	int width = larger(left_width, right_width);
	bool not_left = left->spots.negate, not_right = right->spots.negate;

	if (left->answer == TS_NO && right->answer == TS_NO)
		return TS_NO;
	if (left->answer == TS_MAYBE || right->answer == TS_MAYBE)
		return TS_MAYBE;
	out->spots.width = width;
	out->spots.negate = not_left || not_right;
	if (!out->spots.negate)
		return combine(m, left, right, width - left_width, width - right_width, IN_BOTH | IN_LEFT | IN_RIGHT,
		    out);
	(void)combine(m, left, right, width - left_width, width - right_width,
	    not_left && not_right ? IN_BOTH
		: not_left	  ? IN_LEFT
				  : IN_RIGHT,
	    out);
	return TS_YES;
}

/* Everywhere but there. */
static enum ts_answer
nowhere(struct part *right, struct part *out)
{
	if (right->answer == TS_MAYBE)
		return TS_MAYBE;
	if (right->answer == TS_NO) {
		out->spots.negate = true;
		return TS_YES;
	}
	if (right->spots.n == 0) /* it is everywhere */
		return TS_NO;
	out->spots = right->spots;
	out->spots.negate = !right->spots.negate;
	right->spots = (struct ts_spots) { .at = NULL };
	return TS_YES;
}

static enum ts_answer
place(struct ts_matching *m, size_t i, struct part *parts, struct part *out)
{
	const struct tsquery_node *node = &m->query->nodes[i];
	struct part *right = &parts[i == 0 ? 0 : TSQUERY_RIGHT(i)], *left;
	enum ts_answer answer;

	if (node->kind == TSQUERY_WORD)
		return m->check(m, i, &out->spots);
	if (node->kind == TSQUERY_NOT) {
		answer = nowhere(right, out);
		free(right->spots.at);
		right->spots.at = NULL;
		return answer;
	}
	left = &parts[TSQUERY_LEFT(m->query, i)];
	answer = node->kind == TSQUERY_OR ? either(m, left, right, out) : both(m, node, left, right, out);
	free(left->spots.at);
	free(right->spots.at);
	left->spots.at = right->spots.at = NULL;
	return answer;
}

/* ---- above ---- */

static enum ts_answer
judge(struct ts_matching *m, size_t i, const struct part *parts)
{
	const struct tsquery_node *node = &m->query->nodes[i];
	enum ts_answer left, right;

	if (node->kind == TSQUERY_WORD)
		return m->check(m, i, NULL);
	right = parts[TSQUERY_RIGHT(i)].answer;
	if (node->kind == TSQUERY_NOT)
		return right == TS_NO ? TS_YES : right == TS_YES ? TS_NO : TS_MAYBE;
	left = parts[TSQUERY_LEFT(m->query, i)].answer;
	if (node->kind == TSQUERY_AND)
		return left == TS_NO || right == TS_NO ? TS_NO : left == TS_MAYBE ? TS_MAYBE : right;
	return left == TS_YES || right == TS_YES ? TS_YES : left == TS_MAYBE ? TS_MAYBE : right;
}

/* A phrase without positions to compare does not match. */
static void
settle_phrase(struct part *part)
{
	free(part->spots.at);
	part->spots = (struct ts_spots) { .at = NULL };
	if (part->answer == TS_MAYBE)
		part->answer = TS_NO;
}

/* For each node, the outermost phrase that it stands in: its end, 0 for none. */
static size_t *
find_phrases(const struct tsquery *q)
{
	size_t *phrases = calloc(q->n, sizeof(*phrases));

	for (size_t i = q->n; phrases != NULL && i-- > 0;) {
		if (phrases[i] != 0 || q->nodes[i].kind != TSQUERY_PHRASE)
			continue;
		for (size_t k = 0; k < q->nodes[i].size; k++)
			phrases[i - k] = i + 1;
	}
	return phrases;
}

int
ts_match(struct ts_matching *m, bool *matches)
{
	const struct tsquery *q = m->query;
	struct part *parts;
	size_t *phrases;

	*matches = false;
	if (q->n == 0)
		return 0;
	parts = calloc(q->n, sizeof(*parts));
	phrases = find_phrases(q);
	if (parts == NULL || phrases == NULL)
		out_of_memory(m);
	for (size_t i = 0; i < q->n && !m->failed; i++) {
		parts[i].answer = phrases[i] != 0 ? place(m, i, parts, &parts[i]) : judge(m, i, parts);
		if (phrases[i] == i + 1)
			settle_phrase(&parts[i]);
		if (m->poll != NULL && ts_poll(m->poll, m->report) < 0)
			m->failed = true;
	}
	if (!m->failed)
		*matches = parts[q->n - 1].answer != TS_NO;
	for (size_t i = 0; parts != NULL && i < q->n; i++)
		free(parts[i].spots.at);
	free(parts);
	free(phrases);
	return m->failed ? -1 : 0;
}

/* ---- the words of a tsvector ---- */

size_t
ts_find_word(const struct tsvector *v, const char *text, size_t length)
{
	size_t low = 0, high = v->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ts_compare_words(v->words[middle].text, v->words[middle].length, text, length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
ts_begins_with(const struct tsvector_word *word, const char *text, size_t length)
{
	return word->length >= length && memcmp(word->text, text, length) == 0;
}

/* Adds the places of a word that are of the wanted weights; which a word without places has all of. */
static enum ts_answer
take_word(const struct tsvector_word *word, unsigned weights, struct ts_spots *spots)
{
	bool any = false;

	if (word->nplaces == 0)
		return spots == NULL ? TS_YES : TS_MAYBE;
	if (weights == 0 && spots == NULL)
		return TS_YES;
	for (uint32_t i = 0; i < word->nplaces; i++) {
		if (weights != 0 && (weights & 1U << TS_WEIGHT(word->places[i])) == 0)
			continue;
		any = true;
		if (spots != NULL)
			spots->at[spots->n++] = TS_POSITION(word->places[i]);
	}
	return any ? TS_YES : TS_NO;
}

static int
compare_spots(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static void
sort_spots(struct ts_spots *spots)
{
	size_t n = 0;

	if (spots->n == 0)
		return;
	qsort(spots->at, spots->n, sizeof(*spots->at), compare_spots);
	for (size_t i = 0; i < spots->n; i++)
		if (n == 0 || spots->at[n - 1] != spots->at[i])
			spots->at[n++] = spots->at[i];
	spots->n = n;
}

/* The words from `first` on that a query's word stands for. */
static size_t
count_words(const struct tsvector *v, size_t first, const char *text, const struct tsquery_node *node, size_t *places)
{
	size_t n = 0;

	*places = 0;
	for (; first + n < v->n && ts_begins_with(&v->words[first + n], text, node->length); n++) {
		if (!node->prefix && v->words[first + n].length != node->length)
			break;
		*places += v->words[first + n].nplaces;
	}
	return n;
}

static enum ts_answer
check_vector(struct ts_matching *m, size_t i, struct ts_spots *spots)
{
	const struct tsvector *v = m->arg;
	const struct tsquery_node *node = &m->query->nodes[i];
	const char *text = tsquery_text(m->query, node);
	size_t first = ts_find_word(v, text, node->length), places;
	size_t n = count_words(v, first, text, node, &places);
	enum ts_answer answer = TS_NO;

	if (spots != NULL && (spots->at = malloc((places + 1) * sizeof(*spots->at))) == NULL) {
		out_of_memory(m);
		return TS_NO;
	}
	for (size_t k = 0; k < n; k++) {
		enum ts_answer one = take_word(&v->words[first + k], node->weights, spots);

		if (one == TS_MAYBE) {
			if (spots != NULL)
				spots->n = 0;
			return TS_MAYBE;
		}
		if (one == TS_YES)
			answer = TS_YES;
	}
	if (spots != NULL && n > 1)
		sort_spots(spots);
	return answer;
}

int
ts_match_vector(const struct tsvector *v, const struct tsquery *q, struct ts_poll *poll, bool *matches,
    struct report *r)
{
	struct ts_matching m = { .query = q,
		.check = check_vector,
		.arg = (void *)(uintptr_t)v,
		.poll = poll,
		.report = r };

	return ts_match(&m, matches);
}
