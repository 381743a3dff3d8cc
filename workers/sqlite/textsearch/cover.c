/*
 * ts_rank_cd(): the shortest stretches of a document that a query matches (covers), each worth the more the shorter it
 * is. After Clarke, Cormack and Tudhope, "Relevance Ranking for One to Three Term Queries".
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/textsearch/rank.h"

/* A place where words of the query stand: the operands are items[first .. first + n). */
struct spot {
	uint16_t place;
	size_t word, first, n;
};

/* One operand at one place of one word. */
struct item {
	uint16_t place;
	size_t word, node;
};

/* Where an operand stands in the stretch that is being tried. */
struct operand {
	uint16_t *at;
	size_t n, room;
};

struct covering {
	const struct tsvector *v;
	const struct tsquery *q;
	struct ts_poll *poll;
	struct report *report;
	struct item *items;
	size_t nitems;
	struct spot *spots;
	size_t nspots;
	struct operand *operands; /* by node */
	bool backwards;
};

/* Of the spots from begin to end. */
struct cover {
	size_t from; /* where the next one is looked for */
	size_t begin, end;
};

static int
out_of_memory(struct covering *c)
{
	(void)report_set(c->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return -1;
}

static int
compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (TS_POSITION(x->place) != TS_POSITION(y->place))
		return TS_POSITION(x->place) < TS_POSITION(y->place) ? -1 : 1;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	if (x->word != y->word)
		return x->word < y->word ? -1 : 1;
	return x->node > y->node ? -1 : x->node < y->node;
}

/* Counts the places of an operand, and with items not NULL puts them there. */
static size_t
list_operand(struct covering *c, size_t node, struct item *items)
{
	struct ts_found found = ts_find_operand(c->v, c->q, node);
	unsigned weights = c->q->nodes[node].weights;
	size_t n = 0;

	for (size_t k = found.first; k < found.first + found.n; k++)
		for (uint32_t i = 0; i < c->v->words[k].nplaces; i++) {
			uint16_t place = c->v->words[k].places[i];

			if (weights != 0 && (weights & 1U << TS_WEIGHT(place)) == 0)
				continue;
			if (items != NULL)
				items[n] = (struct item) { place, k, node };
			n++;
		}
	return n;
}

static int
list_items(struct covering *c)
{
	struct spot *spots;

	for (size_t i = 0; i < c->q->n; i++)
		if (c->q->nodes[i].kind == TSQUERY_WORD) {
			c->operands[i].room = list_operand(c, i, NULL);
			c->nitems += c->operands[i].room;
		}
	c->items = malloc((c->nitems + 1) * sizeof(*c->items));
	c->spots = spots = malloc((c->nitems + 1) * sizeof(*spots));
	if (c->items == NULL || spots == NULL)
		return out_of_memory(c);
	for (size_t i = 0, n = 0; i < c->q->n; i++) {
		if (c->q->nodes[i].kind != TSQUERY_WORD)
			continue;
		n += list_operand(c, i, c->items + n);
		c->operands[i].at = malloc((c->operands[i].room + 1) * sizeof(uint16_t));
		if (c->operands[i].at == NULL)
			return out_of_memory(c);
	}
	if (c->nitems > 0)
		qsort(c->items, c->nitems, sizeof(*c->items), compare_items);
	for (size_t i = 0; i < c->nitems; i++) {
		const struct item *item = &c->items[i];
		struct spot *last = c->nspots > 0 ? &spots[c->nspots - 1] : NULL;

		if (last != NULL && last->place == item->place && last->word == item->word)
			last->n++;
		else
			spots[c->nspots++] = (struct spot) { item->place, item->word, i, 1 };
	}
	return 0;
}

static enum ts_answer
check_operand(struct ts_matching *m, size_t node, struct ts_spots *spots)
{
	const struct covering *c = m->arg;
	const struct operand *operand = &c->operands[node];

	if (operand->n == 0)
		return TS_NO;
	if (spots == NULL)
		return TS_YES;
	if ((spots->at = malloc(operand->n * sizeof(*spots->at))) == NULL) {
		m->failed = true;
		(void)report_set(m->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return TS_NO;
	}
	for (size_t i = 0; i < operand->n; i++)
		spots->at[i] = operand->at[c->backwards ? operand->n - 1 - i : i];
	spots->n = operand->n;
	return TS_YES;
}

static void
begin_stretch(struct covering *c, bool backwards)
{
	for (size_t i = 0; i < c->q->n; i++)
		c->operands[i].n = 0;
	c->backwards = backwards;
}

/* 1: with this spot the stretch matches. */
static int
add_spot(struct covering *c, const struct spot *spot)
{
	struct ts_matching m = { .query = c->q,
		.check = check_operand,
		.arg = c,
		.poll = c->poll,
		.report = c->report };
	bool matches;

	for (size_t i = spot->first; i < spot->first + spot->n; i++) {
		struct operand *operand = &c->operands[c->items[i].node];

		if (operand->n == 0 || TS_POSITION(operand->at[operand->n - 1]) != TS_POSITION(spot->place))
			operand->at[operand->n++] = spot->place;
	}
	return ts_match(&m, &matches) < 0 ? -1 : matches;
}

/* 1: one was found, from cover->from on. */
static int
next_cover(struct covering *c, struct cover *cover)
{
	for (;; cover->from++) {
		size_t at = cover->from;
		int matches = 0;

		begin_stretch(c, false);
		for (; at < c->nspots; at++)
			if ((matches = add_spot(c, &c->spots[at])) != 0)
				break;
		if (matches <= 0)
			return matches;
		cover->end = at;
		begin_stretch(c, true);
		while ((matches = add_spot(c, &c->spots[at])) == 0 && at > cover->from)
			at--;
		if (matches < 0)
			return -1;
		if (matches > 0) {
			cover->begin = at;
			cover->from = at + 1;
			return 1;
		}
	}
}

struct sum {
	double worth, closeness, last;
	int n;
};

/* Words between those of the query make it less worth. */
static void
add_cover(const struct covering *c, const float *weights, const struct cover *cover, struct sum *sum)
{
	int first = TS_POSITION(c->spots[cover->begin].place), last = TS_POSITION(c->spots[cover->end].place);
	int span = (int)(cover->end - cover->begin), noise = last - first - span;
	double inverse = 0, middle = (double)(last + first) / 2.0;

	for (size_t i = cover->begin; i <= cover->end; i++)
		inverse += 1.0 / (double)weights[TS_WEIGHT(c->spots[i].place)];
	if (noise < 0) /* where positions end */
		noise = span / 2;
	sum->worth += (double)(span + 1) / inverse / (double)(1 + noise);
	if (sum->n > 0 && middle > sum->last)
		sum->closeness += 1.0 / (middle - sum->last);
	sum->last = middle;
	sum->n++;
}

static double
normalize(const struct sum *sum, const struct tsvector *v, int how)
{
	size_t length = ts_document_length(v);
	double rank = sum->worth;

	if ((how & TS_BY_LOG_LENGTH) != 0)
		rank /= log((double)(length + 1));
	if ((how & TS_BY_LENGTH) != 0)
		rank /= (double)length;
	if ((how & TS_BY_DISTANCE) != 0 && sum->n > 0 && sum->closeness > 0)
		rank /= (double)sum->n / sum->closeness;
	if ((how & TS_BY_WORDS) != 0)
		rank /= (double)v->n;
	if ((how & TS_BY_LOG_WORDS) != 0)
		rank /= log((double)(v->n + 1)) / log(2.0);
	if ((how & TS_BY_ITSELF) != 0)
		rank /= rank + 1;
	return rank;
}

static void
covering_free(struct covering *c)
{
	for (size_t i = 0; c->operands != NULL && i < c->q->n; i++)
		free(c->operands[i].at);
	free(c->operands);
	free(c->items);
	free(c->spots);
}

int
ts_rank_cover(const float weights[TS_WEIGHTS], const struct tsvector *v, const struct tsquery *q, int normalization,
    struct ts_poll *poll, float *rank, struct report *r)
{
	struct covering c = { .v = v, .q = q, .poll = poll, .report = r };
	struct cover cover = { .from = 0 };
	struct sum sum = { .worth = 0 };
	int result;

	*rank = 0;
	if (v->n == 0 || q->n == 0)
		return 0;
	c.operands = calloc(q->n, sizeof(*c.operands));
	result = c.operands == NULL ? out_of_memory(&c) : list_items(&c);
	if (result == 0 && c.nspots > 0) {
		while ((result = next_cover(&c, &cover)) > 0)
			add_cover(&c, weights, &cover, &sum);
		*rank = (float)normalize(&sum, v, normalization);
	}
	covering_free(&c);
	return result < 0 ? -1 : 0;
}
