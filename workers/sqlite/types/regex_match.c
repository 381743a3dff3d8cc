/*
 * Finds a match of a tree, and then which part of it each group matched. What a part may match at all is found by an
 * automaton that is in all of its states at once, so that it takes no longer than text times states.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/regex_tree.h"
#include "workers/sqlite/types/utf8.h"
#include "workers/sqlite/types/regex_run.h"

/* ---- taking a match apart: 1 done, 0 it does not fit, -1 see s->failed ---- */

static int dissect(struct regex_search_run *s, struct regex_part *part, size_t from, size_t to);

static void
forget(struct regex_search_run *s, const struct regex_part *part)
{
	if (part->capture > 0 && part->capture < REGEX_SPANS)
		s->spans[part->capture] = (struct regex_span) { 1, 0 };
	for (part = part->child; part != NULL; part = part->sibling)
		forget(s, part);
}

static size_t
behind(const struct regex_search_run *s, size_t at)
{
	(void)utf8_decode(s->text, s->length, &at);
	return at;
}

/* Two parts, the first of which takes as much as it can, or (by its preference) as little. */
static int
dissect_pair(struct regex_search_run *s, struct regex_part *part, size_t from, size_t to)
{
	struct regex_part *left = part->child, *right = left->sibling;
	bool little = (left->flags & REGEX_SHORTER) != 0;
	size_t middle = little ? regex_shortest(s, left, from, from, to) : regex_longest(s, left, from, to);

	for (;;) {
		int done = 0;

		if (s->failed != 0)
			return -1;
		if (middle == NOWHERE)
			return 0;
		if (regex_longest(s, right, middle, to) == to) {
			if ((done = dissect(s, left, from, middle)) > 0)
				done = dissect(s, right, middle, to);
			if (done != 0)
				return done;
		}
		if (little ? middle == to : middle == from)
			return 0;
		middle = little ? regex_shortest(s, left, from, behind(s, middle), to)
				: regex_longest(s, left, from, regex_before(s->text, middle));
		forget(s, left);
		forget(s, right);
	}
}

static int
dissect_either(struct regex_search_run *s, struct regex_part *part, size_t from, size_t to)
{
	for (struct regex_part *one = part->child; one != NULL; one = one->sibling) {
		int done = regex_longest(s, one, from, to) == to ? dissect(s, one, from, to) : 0;

		if (s->failed != 0)
			return -1;
		if (done != 0)
			return done;
		forget(s, one);
	}
	return 0;
}

static bool
is_same(const struct regex_search_run *s, size_t a, size_t b, size_t n)
{
	if (!s->tree->ignore_case)
		return memcmp(s->text + a, s->text + b, n) == 0;
	for (size_t end = a + n; a < end;)
		if (regex_fold(utf8_decode(s->text, s->length, &a)) != regex_fold(utf8_decode(s->text, s->length, &b)))
			return false;
	return true;
}

static int
dissect_reference(struct regex_search_run *s, const struct regex_part *part, size_t from, size_t to)
{
	struct regex_span group = s->spans[part->refers];
	size_t n = group.to - group.from, times;

	if (group.from > group.to)
		return 0;
	if (n == 0)
		return from == to && (part->max < 0 || part->min <= part->max);
	if (from == to)
		return part->min == 0;
	times = (to - from) / n;
	if ((to - from) % n != 0 || times < (size_t)part->min || (part->max >= 0 && times > (size_t)part->max))
		return 0;
	for (size_t at = from; at < to; at += n)
		if (!is_same(s, group.from, at, n))
			return 0;
	return 1;
}

/* Rounds of an iteration: where each ends, and how many of them, from the first on, are known to fit. */
struct regex_rounds {
	size_t *ends, k, least, most, verified;
	size_t to;
	bool little; /* each takes as little as it can */
};

/* Where round k ends, in the order that the part prefers: the first place, or the one after ends[k]. */
static size_t
next_end(struct regex_search_run *s, struct regex_part *part, const struct regex_rounds *r, bool first)
{
	size_t from = r->ends[r->k - 1], end = first ? from : r->ends[r->k];

	if (r->k >= r->most) /* the last that may be */
		return first && regex_longest(s, part->child, from, r->to) == r->to ? r->to : NOWHERE;
	if (first)
		return r->little ? regex_shortest(s, part->child, from, from, r->to)
				 : regex_longest(s, part->child, from, r->to);
	if (end == (r->little ? r->to : from))
		return NOWHERE;
	return r->little ? regex_shortest(s, part->child, from, behind(s, end), r->to)
			 : regex_longest(s, part->child, from, regex_before(s->text, end));
}

/* Whether another round can come behind round k. One that is empty has to be needed: without it the characters that
 * are left would be fewer than the rounds that there must be. */
static bool
can_follow(const struct regex_search_run *s, const struct regex_rounds *r)
{
	size_t at = r->ends[r->k];

	if (at == r->to || r->k >= r->most)
		return false;
	if (at > r->ends[r->k - 1])
		return true;
	for (size_t k = r->k; k < r->least && at < r->to; k++)
		at = behind(s, at);
	return at >= r->to;
}

/* 0: the round behind those that are verified does not fit. */
static int
verify(struct regex_search_run *s, struct regex_part *part, struct regex_rounds *r)
{
	for (; r->verified < r->k; r->verified++) {
		size_t i = r->verified + 1;
		int done;

		forget(s, part->child);
		if ((done = dissect(s, part->child, r->ends[i - 1], r->ends[i])) <= 0)
			return done;
	}
	return 1;
}

/* The first division into rounds that fit, as the part prefers them. */
static int
divide(struct regex_search_run *s, struct regex_part *part, struct regex_rounds *r)
{
	bool first = true;

	while (r->k > 0) {
		size_t end = next_end(s, part, r, first);
		int done = 0;

		if (s->failed != 0)
			return -1;
		first = false;
		if (end == NOWHERE) {
			r->k--;
			continue;
		}
		r->ends[r->k] = end;
		if (r->verified >= r->k)
			r->verified = r->k - 1;
		if (can_follow(s, r)) {
			r->k++;
			first = true;
			continue;
		}
		if (end != r->to || r->k < r->least)
			continue;
		if ((done = verify(s, part, r)) != 0)
			return done;
		r->k = r->verified + 1; /* what comes behind it changes nothing */
	}
	return 0;
}

static int
dissect_iteration(struct regex_search_run *s, struct regex_part *part, size_t from, size_t to)
{
	struct regex_rounds r = { .k = 1,
		.least = part->min <= 0 ? 1 : (size_t)part->min,
		.most = to - from,
		.to = to,
		.little = (part->child->flags & REGEX_SHORTER) != 0 };
	int done;

	if (part->min <= 0 && r.little && from == to)
		return 1;
	if (part->max >= 0 && r.most > (size_t)part->max)
		r.most = (size_t)part->max;
	if (r.most < r.least)
		r.most = r.least;
	if ((r.ends = calloc(r.most + 2, sizeof(*r.ends))) == NULL) {
		s->failed = -2;
		return -1;
	}
	r.ends[0] = from;
	done = divide(s, part, &r);
	free(r.ends);
	if (done != 0 || from != to || part->min > 0)
		return done;
	forget(s, part->child); /* no round at all, where an empty one does not fit */
	return 1;
}

static int
dissect(struct regex_search_run *s, struct regex_part *part, size_t from, size_t to)
{
	int done;

	if (regex_has_to_stop(s, 16))
		return -1;
	switch (part->op) {
	case '.':
		done = dissect_pair(s, part, from, to);
		break;
	case '|':
		done = dissect_either(s, part, from, to);
		break;
	case '*':
		done = dissect_iteration(s, part, from, to);
		break;
	case 'b':
		done = dissect_reference(s, part, from, to);
		break;
	case '(':
		done = dissect(s, part->child, from, to);
		break;
	default:
		done = 1;
	}
	if (done > 0 && part->capture > 0 && part->capture < REGEX_SPANS)
		s->spans[part->capture] = (struct regex_span) { from, to };
	return done;
}

/* A match that begins here: the one that the whole prefers, or where groups don't fit it, the next. */
static int
match_at(struct regex_search_run *s, size_t from)
{
	struct regex_part *top = s->tree->top;
	bool little = (top->flags & REGEX_SHORTER) != 0;
	size_t least = from, most = s->length;

	for (;;) {
		size_t end = little ? regex_shortest(s, top, from, least, most) : regex_longest(s, top, from, most);
		int done;

		if (s->failed != 0)
			return -1;
		if (end == NOWHERE)
			return 0;
		for (unsigned i = 0; i < REGEX_SPANS; i++)
			s->spans[i] = (struct regex_span) { 1, 0 };
		if ((done = dissect(s, top, from, end)) != 0) {
			s->spans[0] = (struct regex_span) { from, end };
			return done;
		}
		if (little ? end == most : end == from)
			return 0;
		if (little)
			least = behind(s, end);
		else
			most = regex_before(s->text, end);
	}
}

/* Whether one begins between these two places; 1: found. */
static int
match_between(struct regex_search_run *s, size_t from, size_t to)
{
	for (;;) {
		int done = match_at(s, from);

		if (done != 0 || from >= to)
			return done;
		from = behind(s, from);
	}
}

/* As PostgreSQL searches: where back references refuse all that may begin up to the first end, it goes on behind that,
 * and does not look at the very end of the text any more. */
static int
search(struct regex_search_run *s, size_t from)
{
	for (;;) {
		size_t end = regex_first_end(s, from);
		int done;

		if (end == NOWHERE)
			return 0;
		if (!s->tree->refers && s->spans == NULL)
			return 1;
		if ((done = match_between(s, from, end)) != 0 || end >= s->length)
			return done;
		if ((from = behind(s, end)) >= s->length)
			return 0;
	}
}

int
regex_tree_find(struct regex_tree *tree, const char *text, size_t length, size_t from, struct regex_span *spans,
    bool (*must_stop)(void *), void *arg)
{
	struct regex_span own[REGEX_SPANS];
	struct regex_search_run s = { .tree = tree,
		.text = text,
		.length = length,
		.spans = spans == NULL && tree->refers ? own : spans,
		.must_stop = must_stop,
		.arg = arg };
	int done = search(&s, from);

	if (s.failed != 0)
		return s.failed;
	return done > 0 ? 1 : 0;
}
