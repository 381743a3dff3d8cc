/*
 * Which pieces of a document a headline in several pieces shows: of the stretches that a query matches those with the
 * most of its words, each made as long as a headline may be.
 */
#include <stdlib.h>

#include "workers/sqlite/textsearch/headline.h"

struct fragment {
	size_t first, last;
	int32_t words, wanted;
	bool chosen, excluded;
};

struct fragments {
	struct fragment *list;
	size_t n, room;
};

static int
add_fragment(struct ts_showing *s, struct fragments *all, struct fragment fragment)
{
	size_t room = all->room == 0 ? 32 : all->room * 2;
	struct fragment *list;

	if (all->n == all->room) {
		if ((list = realloc(all->list, room * sizeof(*list))) == NULL)
			return report_set(s->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		all->list = list;
		all->room = room;
	}
	all->list[all->n++] = fragment;
	return 0;
}

/* From the first wanted word on, of so many words at most, up to a wanted one. */
static struct fragment
cut(const struct ts_showing *s, size_t first, size_t last)
{
	struct fragment f = { .first = first, .last = last };
	size_t i;

	while (f.first < last && !ts_is_wanted(&s->words[f.first]))
		f.first++;
	for (i = f.first; i <= last && f.words < s->options.max_words; i++) {
		f.words += ts_counts(&s->words[i]);
		f.wanted += ts_is_wanted(&s->words[i]);
	}
	if (last <= i)
		return f;
	for (f.last = i; f.last > f.first && !ts_is_wanted(&s->words[f.last]); f.last--)
		f.words -= ts_counts(&s->words[f.last]);
	if (f.last == f.first && !ts_is_wanted(&s->words[f.last]))
		f.words -= ts_counts(&s->words[f.last]);
	return f;
}

static int
find_all(struct ts_showing *s, struct fragments *all)
{
	size_t first = 0, last;
	int found;

	for (; (found = ts_next_cover(s, &first, &last)) > 0; first++)
		for (size_t from = first; from <= last;) {
			struct fragment fragment = cut(s, from, last);

			if (add_fragment(s, all, fragment) < 0)
				return -1;
			from = fragment.last + 1;
		}
	return found;
}

/* The one with the most wanted words, of several the shortest. NULL: none is left. */
static struct fragment *
choose(struct fragments *all)
{
	struct fragment *best = NULL;

	for (size_t i = 0; i < all->n; i++) {
		struct fragment *f = &all->list[i];
		int32_t wanted = best == NULL ? 0 : best->wanted, words = best == NULL ? INT32_MAX : best->words;

		if (!f->chosen && !f->excluded && (f->wanted > wanted || (f->wanted == wanted && f->words < words)))
			best = f;
	}
	return best;
}

/* Half of what is missing on the left, and the rest on the right, up to what another shows. */
static void
stretch(const struct ts_showing *s, struct fragment *f)
{
	int32_t most = (s->options.max_words - f->words) / 2, more = 0;
	size_t mark = f->first, i;

	for (i = f->first; i > 0 && more < most && !s->words[i - 1].in; i--) {
		int32_t counts = ts_counts(&s->words[i - 1]);

		f->words += counts;
		more += counts;
		mark = i - 1;
	}
	for (i = mark; i < f->first && ts_ends_badly(s, i); i++)
		f->words -= ts_counts(&s->words[i]);
	f->first = i;
	mark = f->last;
	for (i = f->last + 1; i < s->n && f->words < s->options.max_words && !s->words[i].in; i++) {
		f->words += ts_counts(&s->words[i]);
		mark = i;
	}
	for (i = mark; i > f->last && ts_ends_badly(s, i); i--)
		f->words -= ts_counts(&s->words[i]);
	f->last = i;
}

static bool
touches(const struct fragment *a, const struct fragment *b)
{
	return (a->first >= b->first && a->first <= b->last) || (a->last >= b->first && a->last <= b->last) ||
	    (a->first < b->first && a->last > b->last);
}

int
ts_choose_fragments(struct ts_showing *s)
{
	struct fragments all = { .list = NULL };
	struct fragment *f;
	bool any = false;
	int result;

	result = find_all(s, &all);
	for (int32_t i = 0; result == 0 && i < s->options.max_fragments && (f = choose(&all)) != NULL; i++) {
		f->chosen = any = true;
		if (f->words < s->options.max_words)
			stretch(s, f);
		ts_mark(s, f->first, f->last + 1);
		for (size_t k = 0; k < all.n; k++)
			if (&all.list[k] != f && touches(&all.list[k], f))
				all.list[k].excluded = true;
		result = ts_poll(s->poll, s->report);
	}
	if (result == 0 && !any)
		ts_mark_beginning(s);
	free(all.list);
	return result;
}
