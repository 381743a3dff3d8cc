/*
 * ts_rank(): how often a query's words stand in a document, and for words that must all be there, how near to each
 * other. Sums are float where PostgreSQL's are, so that the last digit is the same.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/textsearch/rank.h"

#define ZETA_2 1.64493406685 /* of which 1/1 + 1/4 + 1/9 + ... has the most */
#define FAR 16384

size_t
ts_document_length(const struct tsvector *v)
{
	size_t length = 0;

	for (size_t i = 0; i < v->n; i++)
		length += v->words[i].nplaces > 0 ? v->words[i].nplaces : 1;
	return length;
}

struct ts_found
ts_find_operand(const struct tsvector *v, const struct tsquery *q, size_t node)
{
	const struct tsquery_node *operand = &q->nodes[node];
	const char *text = tsquery_text(q, operand);
	struct ts_found found = { ts_find_word(v, text, operand->length), 0 };

	while (found.first + found.n < v->n) {
		const struct tsvector_word *word = &v->words[found.first + found.n];

		if (!ts_begins_with(word, text, operand->length) ||
		    (!operand->prefix && word->length != operand->length))
			break;
		found.n++;
	}
	return found;
}

struct operands {
	const struct tsquery *query;
	size_t *nodes, n;
};

static int
compare_operands(const void *a, const void *b, void *query)
{
	const struct tsquery *q = query;
	size_t i = *(const size_t *)a, j = *(const size_t *)b;
	int order = ts_compare_words(tsquery_text(q, &q->nodes[i]), q->nodes[i].length, tsquery_text(q, &q->nodes[j]),
	    q->nodes[j].length);

	return order != 0 ? order : i > j ? -1 : 1;
}

/* Each word of the query once, sorted; of several the one that stands last. */
static int
collect_operands(const struct tsquery *q, struct operands *operands, struct report *r)
{
	size_t n = 0, kept = 0;

	*operands = (struct operands) { q, malloc((q->n + 1) * sizeof(size_t)), 0 };
	if (operands->nodes == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (size_t i = 0; i < q->n; i++)
		if (q->nodes[i].kind == TSQUERY_WORD)
			operands->nodes[n++] = i;
	qsort_r(operands->nodes, n, sizeof(size_t), compare_operands, (void *)(uintptr_t)q);
	for (size_t i = 0; i < n; i++) {
		const struct tsquery_node *node = &q->nodes[operands->nodes[i]], *last;

		last = kept > 0 ? &q->nodes[operands->nodes[kept - 1]] : NULL;
		if (last == NULL || last->length != node->length ||
		    memcmp(tsquery_text(q, last), tsquery_text(q, node), node->length) != 0)
			operands->nodes[kept++] = operands->nodes[i];
	}
	operands->n = kept;
	return 0;
}

struct places {
	const uint16_t *at;
	uint32_t n;
	bool unknown;
};

static struct places
places_of(const struct tsvector_word *word, const uint16_t *unknown)
{
	if (word->nplaces == 0)
		return (struct places) { unknown, 1, true };
	return (struct places) { word->places, word->nplaces, false };
}

/* Later places count less and less, but the weightiest counts in full. */
static float
rank_of_word(const float *weights, struct places places)
{
	float sum = 0, most = -1;
	int at = 0;

	for (int i = 0; i < (int)places.n; i++) {
		float weight = weights[TS_WEIGHT(places.at[i])];

		sum = sum + weight / (float)((i + 1) * (i + 1));
		if (weight > most) {
			most = weight;
			at = i;
		}
	}
	return most + sum - most / (float)((at + 1) * (at + 1));
}

static float
rank_any(const float *weights, const struct tsvector *v, const struct operands *operands)
{
	static const uint16_t unknown = 0;
	float rank = 0;

	for (size_t i = 0; i < operands->n; i++) {
		struct ts_found found = ts_find_operand(v, operands->query, operands->nodes[i]);

		for (size_t k = 0; k < found.n; k++)
			rank = (float)((double)rank +
			    (double)rank_of_word(weights, places_of(&v->words[found.first + k], &unknown)) / ZETA_2);
	}
	return operands->n > 0 ? rank / (float)operands->n : rank;
}

static float
nearness(int distance)
{
	if (distance > 100)
		return 1e-30F;
	return (float)(1.0 / (1.005 + 0.05 * exp((double)(float)distance / 1.5 - 2)));
}

/* Adds what each place of the one with each of the other is worth; rank < 0: nothing yet. */
static int
rank_pair(const float *weights, struct places a, struct places b, struct ts_poll *poll, float *rank, struct report *r)
{
	for (uint32_t i = 0; i < a.n; i++) {
		if (ts_poll(poll, r) < 0)
			return -1;
		for (uint32_t k = 0; k < b.n; k++) {
			int distance = abs((int)TS_POSITION(a.at[i]) - (int)TS_POSITION(b.at[k]));
			float worth;

			if (distance == 0 && !a.unknown && !b.unknown)
				continue;
			worth = weights[TS_WEIGHT(a.at[i])] * weights[TS_WEIGHT(b.at[k])] *
			    nearness(distance == 0 ? FAR : distance);
			worth = (float)sqrt((double)worth);
			*rank = *rank < 0 ? worth : (float)(1.0 - (1.0 - (double)*rank) * (1.0 - (double)worth));
		}
	}
	return 0;
}

/* Each word with each before it; of words with one beginning, the last stands for them. */
static int
rank_all(const float *weights, const struct tsvector *v, const struct operands *operands, struct ts_poll *poll,
    float *rank, struct report *r)
{
	static const uint16_t unknown = TSVECTOR_POSITION_MAX;
	struct places *last = calloc(operands->n, sizeof(*last));
	int result = 0;

	*rank = -1;
	if (last == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (size_t i = 0; i < operands->n; i++) {
		struct ts_found found = ts_find_operand(v, operands->query, operands->nodes[i]);

		for (size_t word = 0; word < found.n; word++) {
			last[i] = places_of(&v->words[found.first + word], &unknown);
			for (size_t k = 0; k < i && result == 0; k++)
				result = rank_pair(weights, last[i], last[k], poll, rank, r);
		}
	}
	free(last);
	return result;
}

static float
normalize(float rank, const struct tsvector *v, int how)
{
	size_t length = ts_document_length(v);

	if ((how & TS_BY_LOG_LENGTH) != 0)
		rank = (float)((double)rank / (log((double)(length + 1)) / log(2.0)));
	if ((how & TS_BY_LENGTH) != 0)
		rank /= (float)length;
	if ((how & TS_BY_WORDS) != 0)
		rank /= (float)v->n;
	if ((how & TS_BY_LOG_WORDS) != 0)
		rank = (float)((double)rank / (log((double)(v->n + 1)) / log(2.0)));
	if ((how & TS_BY_ITSELF) != 0)
		rank /= rank + 1;
	return rank;
}

int
ts_rank(const float weights[TS_WEIGHTS], const struct tsvector *v, const struct tsquery *q, int normalization,
    struct ts_poll *poll, float *rank, struct report *r)
{
	struct operands operands;
	enum tsquery_kind kind;
	int result = 0;

	*rank = 0;
	if (v->n == 0 || q->n == 0)
		return 0;
	if (collect_operands(q, &operands, r) < 0)
		return -1;
	kind = q->nodes[q->n - 1].kind;
	if ((kind == TSQUERY_AND || kind == TSQUERY_PHRASE) && operands.n > 1)
		result = rank_all(weights, v, &operands, poll, rank, r);
	else
		*rank = rank_any(weights, v, &operands);
	free(operands.nodes);
	if (*rank < 0)
		*rank = 1e-20F;
	*rank = normalize(*rank, v, normalization);
	return result;
}
