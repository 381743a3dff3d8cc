/*
 * Matches of a regular expression one after the other: regexp_count, regexp_instr, regexp_substr, regexp_like,
 * regexp_split_to_array, and regexp_replace from a place on.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/regex_call.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/utf8.h"

struct search {
	sqlite3_context *c;
	struct pattern *pattern;
	bool is_fresh;
	const char *text;
	size_t length, at; /* bytes; at > length: there is nothing more */
	struct regex_span spans[REGEX_SPANS];
};

static size_t
next_character(const char *text, size_t length, size_t at)
{
	if (at >= length)
		return length + 1;
	(void)utf8_decode(text, length, &at);
	return at;
}

/* An argument from 1 on, or `otherwise` where there is none. False: the call failed. */
static bool
take_number(sqlite3_context *c, int argc, sqlite3_value **argv, int i, const char *name, int64_t least, int64_t *value)
{
	if (i < 0 || i >= argc)
		return true;
	*value = sqlite3_value_int64(argv[i]);
	if (*value >= least)
		return true;
	function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid value for parameter \"%s\": %lld", name,
	    (long long)*value);
	return false;
}

/* `name`: of the function that knows no option "g"; NULL: it is let pass. */
static bool
open_search(struct search *s, sqlite3_context *c, int argc, sqlite3_value **argv, int options, const char *name,
    int64_t start)
{
	unsigned flags = REGEX_SPANS_WANTED;
	bool all = false;
	size_t length;

	*s = (struct search) { .c = c };
	if (options >= 0 && options < argc &&
	    pattern_options(c, function_text(argv[options], &length), &flags, &all) == -1)
		return false;
	if (all && name != NULL) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "%s() does not support the \"global\" option", name);
		return false;
	}
	s->text = function_text(argv[0], &s->length);
	for (; start > 1 && s->at <= s->length; start--)
		s->at = next_character(s->text, s->length, s->at);
	return (s->pattern = pattern_take(c, argv, flags, &s->is_fresh)) != NULL;
}

static void
close_search(struct search *s)
{
	pattern_keep(s->c, s->pattern, s->is_fresh);
}

/* 1: the next match, 0: none, below 0: the call failed. */
static int
next_match(struct search *s)
{
	int found = s->at > s->length ? 0 : pattern_find(s->c, s->pattern->regex, s->text, s->length, s->at, s->spans);

	if (found == 1)
		s->at = s->spans[0].to > s->spans[0].from ? s->spans[0].to
							  : next_character(s->text, s->length, s->spans[0].to);
	return found;
}

/* The n-th. */
static int
find_match(struct search *s, int64_t n)
{
	int found = 1;

	while (found == 1 && n-- > 0)
		found = next_match(s);
	return found;
}

void
regexp_count(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t start = 1, n = 0;
	struct search s;
	int found;

	if (!take_number(c, argc, argv, 2, "start", 1, &start) ||
	    !open_search(&s, c, argc, argv, 3, "regexp_count", start))
		return;
	while ((found = next_match(&s)) == 1)
		n++;
	if (found == 0)
		sqlite3_result_int64(c, n);
	close_search(&s);
}

void
regexp_like(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct search s;
	int found;

	if (!open_search(&s, c, argc, argv, 2, "regexp_like", 1))
		return;
	if ((found = next_match(&s)) >= 0)
		sqlite3_result_int(c, found);
	close_search(&s);
}

/* The part of the match that is asked for; NULL: there is none. Without parentheses, part 1 is all of it. */
static const struct regex_span *
part_of(const struct search *s, int64_t part)
{
	if (part == 1 && regex_groups(s->pattern->regex) == 0)
		part = 0;
	if (part > regex_groups(s->pattern->regex) || part >= REGEX_SPANS)
		return NULL;
	return s->spans[part].from > s->spans[part].to ? NULL : &s->spans[part];
}

static int64_t
characters_before(const struct search *s, size_t end)
{
	int64_t n = 0;

	for (size_t i = 0; i < end; i++)
		n += ((unsigned char)s->text[i] & 0xc0) != 0x80;
	return n;
}

/* regexp_instr(text, pattern, start, n, end, options, part) */
void
regexp_instr(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t start = 1, n = 1, end = 0, part = 0;
	const struct regex_span *span;
	struct search s;
	int found;

	if (!take_number(c, argc, argv, 2, "start", 1, &start) || !take_number(c, argc, argv, 3, "n", 1, &n) ||
	    !take_number(c, argc, argv, 4, "endoption", 0, &end))
		return;
	if (end > 1) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid value for parameter \"endoption\": %lld",
		    (long long)end);
		return;
	}
	if (!take_number(c, argc, argv, 6, "subexpr", 0, &part) ||
	    !open_search(&s, c, argc, argv, 5, "regexp_instr", start))
		return;
	if ((found = find_match(&s, n)) >= 0) {
		span = found == 1 ? part_of(&s, part) : NULL;
		sqlite3_result_int64(c, span == NULL ? 0 : characters_before(&s, end == 1 ? span->to : span->from) + 1);
	}
	close_search(&s);
}

/* regexp_substr(text, pattern, start, n, options, part) */
void
regexp_substr(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t start = 1, n = 1, part = 0;
	const struct regex_span *span;
	struct search s;

	if (!take_number(c, argc, argv, 2, "start", 1, &start) || !take_number(c, argc, argv, 3, "n", 1, &n) ||
	    !take_number(c, argc, argv, 5, "subexpr", 0, &part) ||
	    !open_search(&s, c, argc, argv, 4, "regexp_substr", start))
		return;
	if (find_match(&s, n) == 1 && (span = part_of(&s, part)) != NULL)
		function_result_text(c, s.text + span->from, span->to - span->from);
	close_search(&s);
}

/* An empty match at the end, or where the one before ended, splits nothing. */
void
regexp_split_to_array(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer out = { 0 };
	bool first = true;
	struct search s;
	size_t begin = 0;
	int found;

	if (!open_search(&s, c, argc, argv, 2, "regexp_split_to_array", 1))
		return;
	pgwire_put_byte(&out, '{');
	while ((found = next_match(&s)) == 1) {
		if (s.spans[0].from >= s.length || s.spans[0].to <= begin)
			continue;
		array_put_text(&out, s.text + begin, s.spans[0].from - begin, false, first);
		begin = s.spans[0].to;
		first = false;
	}
	array_put_text(&out, s.text + begin, s.length - begin, false, first);
	pgwire_put_byte(&out, '}');
	if (found == 0)
		function_result_buffer(c, &out);
	else
		pgwire_buffer_free(&out);
	close_search(&s);
}

/* The n-th match, or all for 0. Below 0: the call failed. */
static int
replace(struct search *s, FILE *out, const char *with, int64_t n)
{
	int64_t i = 0;
	size_t copied = 0;
	int found;

	while ((found = next_match(s)) == 1) {
		if (n > 0 && ++i != n)
			continue;
		fwrite(s->text + copied, 1, s->spans[0].from - copied, out);
		pattern_put_replacement(out, with, s->text, s->spans);
		copied = s->spans[0].to;
		if (n > 0 || (size_t)ftell(out) > FUNCTION_RESULT_MAX)
			break;
	}
	fwrite(s->text + copied, 1, s->length - copied, out);
	return found;
}

/* regexp_replace(text, pattern, with, start, n, options) */
void
regexp_replace_from(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t start = 1, n = 1;
	size_t length, size;
	const char *with = function_text(argv[2], &length);
	char *text = NULL;
	struct search s;
	FILE *out;

	/* Without n it is one match, or all with the option "g", which only the form without a start has. */
	if (!take_number(c, argc, argv, 3, "start", 1, &start) || !take_number(c, argc, argv, 4, "n", 0, &n) ||
	    !open_search(&s, c, argc, argv, 5, NULL, start))
		return;
	if ((out = open_memstream(&text, &size)) == NULL)
		sqlite3_result_error_nomem(c);
	else if (replace(&s, out, with, n) >= 0)
		function_result_stream(c, out, &text, &size);
	else {
		(void)fclose(out);
		free(text);
	}
	close_search(&s);
}
