/*
 * Sets of what a regular expression matches: regexp_matches and regexp_split_to_table; and string_to_table.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/regex_call.h"
#include "workers/sqlite/functions/set.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/utf8.h"

struct matches {
	struct regex *regex;
	char *text;
	size_t length, at; /* at > length: there is nothing more */
	size_t begin;	   /* of the part that is split off next */
	bool all, over;
	struct regex_span spans[REGEX_SPANS];
};

static int
open_matches(struct set *set, int argc, sqlite3_value **argv, const char *alone, struct report *r)
{
	struct matches *m = set->state = calloc(1, sizeof(*m));
	unsigned flags = REGEX_SPANS_WANTED;
	size_t length;
	const char *text, *pattern, *options;

	if (m == NULL)
		return type_out_of_memory(r);
	options = argc > 2 ? function_text(argv[2], &length) : "";
	if (pattern_read_options(options, &flags, &m->all, r) != 0)
		return -1;
	if (m->all && alone != NULL)
		return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "%s() does not support the \"global\" option",
		    alone);
	text = function_text(argv[0], &m->length);
	if ((m->text = malloc(m->length + 1)) == NULL)
		return type_out_of_memory(r);
	memcpy(m->text, text, m->length);
	m->text[m->length] = '\0';
	pattern = function_text(argv[1], &length);
	return (m->regex = regex_new(pattern, length, flags, r)) == NULL ? -1 : 0;
}

/* 1: found; 0: there is none; -1: the error was set. */
static int
find(struct set *set, struct matches *m, struct report *r)
{
	int found;

	if (m->at > m->length)
		return 0;
	found = regex_find(m->regex, m->text, m->length, m->at, m->spans, set->session->must_stop,
	    set->session->must_stop_arg);
	if (found < 0)
		return found == -1 ? report_set(r, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request")
				   : type_out_of_memory(r);
	if (found == 1 && m->spans[0].to == m->spans[0].from && m->spans[0].to < m->length) {
		m->at = m->spans[0].to;
		(void)utf8_decode(m->text, m->length, &m->at);
	} else if (found == 1)
		m->at = m->spans[0].to > m->spans[0].from ? m->spans[0].to : m->length + 1;
	return found;
}

static void
matches_close(void *state)
{
	struct matches *m = state;

	regex_free(m->regex);
	free(m->text);
}

/* ---- regexp_matches(text, pattern[, options]) ---- */

static int
matches_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	return open_matches(set, argc, argv, NULL, r);
}

/* What the parts matched, or all of it where there are none, as an array. */
static int
matches_next(struct set *set, struct report *r)
{
	struct matches *m = set->state;
	struct pgwire_buffer out = { 0 };
	unsigned n = regex_groups(m->regex), first = n > 0 ? 1 : 0, last = n > 0 ? n : 0;
	int found = m->over ? 0 : find(set, m, r), status;

	if (found < 0)
		return -1;
	set->done = found == 0;
	m->over = !m->all;
	if (set->done)
		return 0;
	if (last >= REGEX_SPANS)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "more than %d pairs of parentheses in a regular expression are not supported on SQLite",
		    REGEX_SPANS - 1);
	pgwire_put_byte(&out, '{');
	for (unsigned i = first; i <= last; i++)
		array_put_text(&out, m->text + m->spans[i].from,
		    m->spans[i].from > m->spans[i].to ? 0 : m->spans[i].to - m->spans[i].from,
		    m->spans[i].from > m->spans[i].to, i == first);
	pgwire_put_byte(&out, '}');
	status = out.failed
	    ? type_out_of_memory(r)
	    : type_value_copy(&set->value, (const char *)out.data + out.start, pgwire_buffer_length(&out), r);
	pgwire_buffer_free(&out);
	return status;
}

/* ---- regexp_split_to_table(text, pattern[, options]) ---- */

static int
split_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	return open_matches(set, argc, argv, "regexp_split_to_table", r);
}

/* An empty match at the end, or where the one before ended, splits nothing. */
static int
split_next(struct set *set, struct report *r)
{
	struct matches *m = set->state;
	size_t begin = m->begin;
	int found = 1;

	set->done = m->over;
	if (m->over)
		return 0;
	while ((found = find(set, m, r)) == 1 && (m->spans[0].from >= m->length || m->spans[0].to <= begin))
		;
	if (found < 0)
		return -1;
	m->over = found == 0;
	m->begin = found == 1 ? m->spans[0].to : m->length;
	return type_value_copy(&set->value, m->text + begin, (found == 1 ? m->spans[0].from : m->length) - begin, r);
}

/* ---- string_to_table(text, delimiter[, null]) ---- */

struct pieces {
	char *text, *delimiter, *null;
	size_t length, delimiter_length, at;
	bool characters, over; /* a NULL delimiter parts every character */
};

static char *
copy_text(sqlite3_value *value, size_t *length)
{
	const char *text = function_text(value, length);
	char *copy = malloc(*length + 1);

	if (copy != NULL) {
		memcpy(copy, text, *length);
		copy[*length] = '\0';
	}
	return copy;
}

static int
pieces_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	struct pieces *p = set->state = calloc(1, sizeof(*p));
	size_t ignored;
	bool has_null = argc > 2 && sqlite3_value_type(argv[2]) != SQLITE_NULL;

	if (p == NULL || (p->text = copy_text(argv[0], &p->length)) == NULL ||
	    (p->delimiter = copy_text(argv[1], &p->delimiter_length)) == NULL ||
	    (has_null && (p->null = copy_text(argv[2], &ignored)) == NULL))
		return type_out_of_memory(r);
	p->over = sqlite3_value_type(argv[0]) == SQLITE_NULL || p->length == 0;
	p->characters = sqlite3_value_type(argv[1]) == SQLITE_NULL;
	return 0;
}

static int
pieces_next(struct set *set, struct report *r)
{
	struct pieces *p = set->state;
	size_t begin = p->at, end = p->length;
	const char *found;

	set->done = p->over;
	if (p->over)
		return 0;
	if (p->characters) {
		(void)utf8_decode(p->text, p->length, &p->at);
		end = p->at;
		p->over = end >= p->length;
	} else if (p->delimiter_length > 0 &&
	    (found = memmem(p->text + begin, p->length - begin, p->delimiter, p->delimiter_length)) != NULL) {
		end = (size_t)(found - p->text);
		p->at = end + p->delimiter_length;
	} else
		p->over = true;
	if (p->null != NULL && strlen(p->null) == end - begin && memcmp(p->null, p->text + begin, end - begin) == 0)
		return 0;
	return type_value_copy(&set->value, p->text + begin, end - begin, r);
}

static void
pieces_close(void *state)
{
	struct pieces *p = state;

	free(p->text);
	free(p->delimiter);
	free(p->null);
}

const struct set_kind set_regex_kinds[] = {
	{ "regexp_matches", false, matches_open, matches_next, matches_close },
	{ "regexp_split", false, split_open, split_next, matches_close },
	{ "string_pieces", true, pieces_open, pieces_next, pieces_close },
	{ .name = NULL },
};
