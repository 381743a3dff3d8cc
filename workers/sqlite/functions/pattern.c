/*
 * LIKE and ILIKE at run time, by PostgreSQL's rules: case matters, and a backslash escapes unless ESCAPE says
 * otherwise.
 */
#include <string.h>

#include "workers/sqlite/types/utf8.h"
#include "workers/sqlite/functions/functions.h"

struct like {
	const char *text, *pattern;
	size_t text_length, pattern_length;
	uint32_t escape; /* 0: none */
	bool fold;
};

static uint32_t
next(const char *text, size_t length, size_t *at, bool fold)
{
	unsigned char c = (unsigned char)text[*at];

	if (c < 0x80) {
		++*at;
		return fold && c >= 'A' && c <= 'Z' ? c + 32U : c;
	}
	return fold ? utf8_map_case(utf8_decode(text, length, at), false) : utf8_decode(text, length, at);
}

enum pattern_step { STEP_ANY_RUN, STEP_ANY_ONE, STEP_CHARACTER, STEP_END, STEP_BROKEN };

/* Takes one element of the pattern. */
static enum pattern_step
next_step(const struct like *l, size_t *at, uint32_t *character)
{
	size_t before = *at;

	if (*at >= l->pattern_length)
		return STEP_END;
	*character = next(l->pattern, l->pattern_length, at, false);
	if (l->escape != 0 && *character == l->escape) {
		if (*at >= l->pattern_length)
			return STEP_BROKEN;
		*character = next(l->pattern, l->pattern_length, at, l->fold);
		return STEP_CHARACTER;
	}
	if (*character == '%')
		return STEP_ANY_RUN;
	if (*character == '_')
		return STEP_ANY_ONE;
	*at = before;
	*character = next(l->pattern, l->pattern_length, at, l->fold);
	return STEP_CHARACTER;
}

/* Bytes of the pattern from there on that stand for themselves. Where letters' case is nothing it is characters that
 * are compared, not bytes: 0. */
static size_t
literal_length(const struct like *l, size_t at)
{
	size_t end = at;

	for (; !l->fold && end < l->pattern_length; end++) {
		unsigned char c = (unsigned char)l->pattern[end];

		if (c == '%' || c == '_' || c == l->escape || (c >= 0x80 && l->escape >= 0x80))
			break;
	}
	return end - at;
}

/* What is left of a match: where in both, and where the last % may begin anew. */
struct place {
	size_t text, pattern, run_text, run_pattern; /* run_pattern SIZE_MAX: there was no % yet */
};

static unsigned char
lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* Passes over what is not the first letter, in either case. Letters beyond ASCII may be: the Kelvin sign is a k. */
static bool
seek_letter(const struct like *l, struct place *at)
{
	unsigned char first = (unsigned char)l->pattern[at->run_pattern];

	if (!l->fold || first >= 0x80 || first == '%' || first == '_' || first == l->escape)
		return true;
	for (first = lower(first); at->run_text < l->text_length; at->run_text++) {
		unsigned char c = (unsigned char)l->text[at->run_text];

		if (c >= 0x80 || lower(c) == first)
			return true;
	}
	return false;
}

/* Sixteen bytes at once. */
typedef unsigned char block __attribute__((vector_size(16)));

/* memmem(3) prepares itself for each text; this looks for the part's first and last byte at once, and needs no
 * preparation. Longer parts would have to be compared too often. */
#define SEEK_SHORT 16

/* Where in the sixteen places from there on the part begins; NULL: nowhere. */
static const char *
seek_in_block(const char *text, const char *part, size_t length)
{
	const block first = (block) { 0 } + (unsigned char)*part,
		    last = (block) { 0 } + (unsigned char)part[length - 1];
	block begins, ends;
	uint64_t both[2];

	memcpy(&begins, text, sizeof(begins));
	memcpy(&ends, text + length - 1, sizeof(ends));
	begins = (block)((begins == first) & (ends == last));
	memcpy(both, &begins, sizeof(both));
	if ((both[0] | both[1]) == 0)
		return NULL;
	for (size_t i = 0; i < sizeof(block); i++)
		if (begins[i] != 0 && memcmp(text + i, part, length) == 0)
			return text + i;
	return NULL;
}

/* memmem(3) of a part that is not empty. */
static const char *
seek_bytes(const char *text, size_t text_length, const char *part, size_t length)
{
	size_t places = text_length < length ? 0 : text_length - length + 1;
	const char *found = NULL;

	if (length > SEEK_SHORT || places < sizeof(block))
		return memmem(text, text_length, part, length);
	for (size_t i = 0; found == NULL && i < places; i += sizeof(block)) {
		/* The last block begins where it is whole. */
		size_t at = i + sizeof(block) <= places ? i : places - sizeof(block);

		found = seek_in_block(text + at, part, length);
	}
	return found;
}

/* The next place at or after run_text where what follows the last % may begin. */
static bool
seek(const struct like *l, struct place *at)
{
	size_t length = literal_length(l, at->run_pattern);
	const char *found;

	if (!seek_letter(l, at))
		return false;
	found = length == 0
	    ? l->text + at->run_text
	    : seek_bytes(l->text + at->run_text, l->text_length - at->run_text, l->pattern + at->run_pattern, length);
	if (found == NULL)
		return false;
	at->run_text = (size_t)(found - l->text);
	at->text = at->run_text + length;
	at->pattern = at->run_pattern + length;
	return true;
}

/* From the next character on. */
static bool
seek_further(const struct like *l, struct place *at)
{
	if (at->run_pattern == SIZE_MAX || at->run_text >= l->text_length)
		return false;
	next(l->text, l->text_length, &at->run_text, false);
	return seek(l, at);
}

/* 1, 0, or -1: the pattern ends with its escape character, and some of the text is left for it. Goes back to the last %
 * only, which is enough. */
static int
match(const struct like *l)
{
	struct place at = { .run_pattern = SIZE_MAX };

	for (;;) {
		uint32_t wanted = 0;
		size_t pattern = at.pattern, text = at.text, length = literal_length(l, at.pattern);
		enum pattern_step step;

		if (length > 0) {
			if (l->text_length - at.text >= length &&
			    memcmp(l->text + at.text, l->pattern + at.pattern, length) == 0) {
				at.text += length;
				at.pattern += length;
			} else if (!seek_further(l, &at))
				return 0;
			continue;
		}
		step = next_step(l, &pattern, &wanted);
		if (step == STEP_BROKEN)
			return at.text < l->text_length ? -1 : 0;
		if (step == STEP_ANY_RUN) {
			at.run_pattern = pattern;
			at.run_text = at.text;
			if (pattern == l->pattern_length)
				return 1;
			if (!seek(l, &at))
				return 0;
		} else if (step == STEP_END && at.text == l->text_length)
			return 1;
		else if (step != STEP_END && at.text < l->text_length &&
		    (next(l->text, l->text_length, &text, l->fold) == wanted || step == STEP_ANY_ONE)) {
			at.text = text;
			at.pattern = pattern;
		} else if (!seek_further(l, &at))
			return 0;
	}
}

static void
like(sqlite3_context *c, int argc, sqlite3_value **argv, bool fold)
{
	struct like l = { .fold = fold, .escape = '\\' };
	struct type_value escape;
	size_t at = 0;
	int matched;

	for (int i = 0; i < argc; i++)
		if (sqlite3_value_type(argv[i]) == SQLITE_NULL)
			return;
	l.text = (const char *)sqlite3_value_text(argv[0]);
	l.text_length = (size_t)sqlite3_value_bytes(argv[0]);
	l.pattern = (const char *)sqlite3_value_text(argv[1]);
	l.pattern_length = (size_t)sqlite3_value_bytes(argv[1]);
	if (l.text == NULL || l.pattern == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	if (argc > 2) {
		escape = type_value_of(argv[2]);
		l.escape = escape.length == 0 ? 0 : next(escape.bytes, escape.length, &at, false);
		if (at != escape.length) {
			function_fail(c, SQLSTATE_INVALID_ESCAPE_SEQUENCE, "invalid escape string");
			return;
		}
	}
	if ((matched = match(&l)) < 0)
		function_fail(c, SQLSTATE_INVALID_ESCAPE_SEQUENCE, "LIKE pattern must not end with escape character");
	else
		sqlite3_result_int(c, matched);
}

void
operator_like(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	like(c, argc, argv, false);
}

void
operator_ilike(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	like(c, argc, argv, true);
}

/* What a pattern without an escape matches begins with this much of it. */
static size_t
prefix_length(const char *pattern, size_t length)
{
	size_t n = 0;

	while (n < length && pattern[n] != '%' && pattern[n] != '_' && pattern[n] != '\\')
		n++;
	return n;
}

/* The bounds of what begins as the pattern does: texts are ordered by their bytes, none of which is 0xff. */
static void
bound(sqlite3_context *c, sqlite3_value *value, bool upper)
{
	const char *pattern = (const char *)sqlite3_value_text(value);
	size_t length = pattern == NULL ? 0 : prefix_length(pattern, (size_t)sqlite3_value_bytes(value));
	char *text = pattern == NULL ? NULL : sqlite3_malloc64(length + 1);

	if (text == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	memcpy(text, pattern, length);
	text[length] = '\xff';
	sqlite3_result_text64(c, text, length + upper, sqlite3_free, SQLITE_UTF8);
}

void
operator_like_from(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	bound(c, argv[0], false);
}

void
operator_like_to(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	bound(c, argv[0], true);
}
