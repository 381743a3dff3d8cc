/*
 * A headline while it is made: the document is parsed, what is shown is chosen, then it is written. Private to the
 * room.
 */
#ifndef BIBD_SQLITE_TS_HEADLINE_H
#define BIBD_SQLITE_TS_HEADLINE_H

#include "workers/sqlite/textsearch/textsearch.h"

#define TS_NO_NODE SIZE_MAX

/* A token. One that several words of the query are has further entries behind it, which repeat it. */
struct ts_shown {
	const char *text;
	size_t length;
	size_t node; /* the query's node that the word matches; TS_NO_NODE: none */
	uint8_t type;
	bool repeats, in, selected, replaced, skipped;
	uint16_t position;
};

struct ts_headline_options {
	int32_t max_words, min_words, short_word, max_fragments;
	bool all;
	char *start, *stop, *delimiter; /* NULL: the default */
};

struct ts_showing {
	struct ts_shown *words;
	size_t n, room;
	const struct tsquery *query;
	struct ts_headline_options options;
	struct ts_poll *poll;
	struct report *report;
	bool checks;		    /* a stretch is being tried, whose ends are below */
	size_t check_from, check_n; /* which */
};

/* headline_options.c: 42601, 22023, 22P02. */
int ts_read_headline_options(const char *text, size_t length, struct ts_headline_options *options, struct report *r);
void ts_headline_options_free(struct ts_headline_options *options);

/* headline_choice.c, headline_fragments.c: marks what is shown. */
int ts_choose_words(struct ts_showing *s);
int ts_choose_fragments(struct ts_showing *s);
/* The next stretch from *first on that the query matches: 1, with its ends; it is not far longer than a headline. */
int ts_next_cover(struct ts_showing *s, size_t *first, size_t *last);
bool ts_counts(const struct ts_shown *word);	/* whether it counts as a word */
bool ts_is_wanted(const struct ts_shown *word); /* whether it is a word of the query */
bool ts_ends_badly(const struct ts_showing *s, size_t i);
void ts_mark(struct ts_showing *s, size_t first, size_t end); /* marks a stretch; end: behind the last */
/* Marks so many words from the beginning. */
void ts_mark_beginning(struct ts_showing *s);

#endif
