/*
 * Which words of a document a headline in one piece shows: the stretch that a query matches, made longer or shorter
 * until it is a headline.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/textsearch/headline.h"
#include "workers/sqlite/textsearch/parser.h"

/* Whether the parts of the word follow it as words of their own, as those of a hyphenated word do. */
static bool
is_whole_of_parts(const struct ts_shown *word)
{
	return word->type == TS_URL || word->type == TS_NUMHWORD || word->type == TS_ASCIIHWORD ||
	    word->type == TS_HWORD;
}

bool
ts_counts(const struct ts_shown *word)
{
	return word->type != TS_BLANK && word->type != TS_TAG && !is_whole_of_parts(word);
}

bool
ts_is_wanted(const struct ts_shown *word)
{
	return word->node != TS_NO_NODE && !word->repeats;
}

static bool
is_number(const struct ts_shown *word)
{
	return word->type == TS_SFLOAT || word->type == TS_VERSION || word->type == TS_FLOAT || word->type == TS_INT ||
	    word->type == TS_UINT;
}

bool
ts_ends_badly(const struct ts_showing *s, size_t i)
{
	const struct ts_shown *word = &s->words[i];

	if (ts_is_wanted(word))
		return false;
	return !ts_counts(word) || is_number(word) || word->type == TS_PROTOCOL || word->type == TS_ENTITY ||
	    (int64_t)word->length <= s->options.short_word;
}

void
ts_mark(struct ts_showing *s, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		struct ts_shown *word = &s->words[i];

		word->selected = word->node != TS_NO_NODE;
		word->replaced = !s->options.all && word->type == TS_TAG;
		word->skipped = is_whole_of_parts(word);
		word->in = !word->repeats;
	}
}

void
ts_mark_beginning(struct ts_showing *s)
{
	int32_t words = 0;
	size_t i = 0;

	for (; i < s->n && words < s->options.min_words; i++)
		words += ts_counts(&s->words[i]);
	ts_mark(s, 0, i);
}

/* ---- the stretches that a query matches ---- */

static enum ts_answer
check_stretch(struct ts_matching *m, size_t node, struct ts_spots *spots)
{
	const struct ts_showing *s = m->arg;
	const struct ts_shown *words = &s->words[s->check_from];

	if (spots != NULL && (spots->at = malloc((s->check_n + 1) * sizeof(*spots->at))) == NULL) {
		m->failed = true;
		(void)report_set(m->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return TS_NO;
	}
	for (size_t i = 0; i < s->check_n; i++) {
		if (words[i].node != node)
			continue;
		if (spots == NULL)
			return TS_YES;
		if (spots->n == 0 || spots->at[spots->n - 1] < words[i].position)
			spots->at[spots->n++] = words[i].position;
	}
	return spots != NULL && spots->n > 0 ? TS_YES : TS_NO;
}

static int
matches(struct ts_showing *s, size_t first, size_t last)
{
	struct ts_matching m = { .query = s->query,
		.check = check_stretch,
		.arg = s,
		.poll = s->poll,
		.report = s->report };
	bool found;

	s->check_from = first;
	s->check_n = last - first + 1;
	return ts_match(&m, &found) < 0 ? -1 : found;
}

/* The next token that is a word of the query, or s->n. */
static size_t
next_found(const struct ts_showing *s, size_t at)
{
	while (at < s->n && s->words[at].node == TS_NO_NODE)
		at++;
	return at;
}

static size_t
longest_cover(const struct ts_headline_options *options)
{
	int64_t words = (int64_t)options->max_words * 10;

	words = words < 100 ? 100 : words;
	if (options->max_fragments > 0)
		words *= options->max_fragments;
	return words > INT32_MAX ? INT32_MAX : (size_t)words;
}

int
ts_next_cover(struct ts_showing *s, size_t *first, size_t *last)
{
	size_t longest = longest_cover(&s->options);

	for (size_t from = next_found(s, *first); from < s->n; from = next_found(s, from + 1))
		for (size_t to = from; to < s->n && (to == from || to - from < longest); to = next_found(s, to + 1)) {
			int found = matches(s, from, to);

			if (found == 0)
				continue;
			*first = from;
			*last = to;
			return found;
		}
	return 0;
}

/* ---- a headline of one of them ---- */

struct stretch {
	size_t first, last;
	int32_t words, wanted;
	bool whole; /* the cover is within it */
};

static void
count(struct stretch *stretch, const struct ts_shown *word, int by)
{
	if (ts_counts(word))
		stretch->words += by;
	if (ts_is_wanted(word))
		stretch->wanted += by;
}

/* On to the right until a word is a good end and there are enough, then to the left while there are too few. */
static void
lengthen(const struct ts_showing *s, struct stretch *stretch, size_t first, size_t last)
{
	const struct ts_headline_options *o = &s->options;
	size_t i;

	for (i = stretch->last; i < s->n && stretch->words < o->max_words; i++) {
		if (i > last)
			count(stretch, &s->words[i], 1);
		stretch->last = i;
		if (!ts_ends_badly(s, i) && stretch->words >= o->min_words)
			break;
	}
	if (stretch->words >= o->min_words)
		return;
	for (i = first; i-- > 0;) {
		count(stretch, &s->words[i], 1);
		if (stretch->words >= o->max_words)
			break;
		if (!ts_ends_badly(s, i) && stretch->words >= o->min_words)
			break;
	}
	stretch->first = i == SIZE_MAX ? 0 : i;
}

/* Back to a good end. */
static void
shorten(const struct ts_showing *s, struct stretch *stretch, size_t i)
{
	for (; stretch->words > s->options.min_words && ts_ends_badly(s, i); i--) {
		count(stretch, &s->words[i], -1);
		stretch->last = i - 1;
	}
}

static struct stretch
make_stretch(const struct ts_showing *s, size_t first, size_t last)
{
	struct stretch stretch = { .first = first, .last = first };
	size_t i;

	for (i = first; i <= last && stretch.words < s->options.max_words; i++) {
		count(&stretch, &s->words[i], 1);
		stretch.last = i;
	}
	if (stretch.words < s->options.max_words)
		lengthen(s, &stretch, first, last);
	else
		shorten(s, &stretch, i > last ? last : i);
	stretch.whole = stretch.first <= first && stretch.last >= last;
	return stretch;
}

static bool
is_better(const struct ts_showing *s, const struct stretch *a, const struct stretch *best)
{
	if (a->whole != best->whole)
		return a->whole;
	if (a->wanted != best->wanted)
		return a->wanted > best->wanted;
	return !ts_ends_badly(s, a->last) && ts_ends_badly(s, best->last);
}

int
ts_choose_words(struct ts_showing *s)
{
	struct stretch best = { .wanted = -1 };
	size_t first = 0, last;
	int found;

	if (s->options.all) {
		ts_mark(s, 0, s->n);
		return 0;
	}
	while ((found = ts_next_cover(s, &first, &last)) > 0) {
		struct stretch stretch = make_stretch(s, first, last);

		if (best.wanted < 0 || is_better(s, &stretch, &best))
			best = stretch;
		first++;
	}
	if (found < 0)
		return -1;
	if (best.wanted < 0)
		ts_mark_beginning(s);
	else
		ts_mark(s, best.first, best.last + 1);
	return 0;
}
