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

enum session_step { STEP_ANY_RUN, STEP_ANY_ONE, STEP_CHARACTER, STEP_END, STEP_BROKEN };

/* Takes one element of the pattern. */
static enum session_step
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

/* 1, 0, or -1: the pattern ends with its escape character, and some of the text is left for it. Goes back to the last %
 * only, which is enough. */
static int
match(const struct like *l)
{
	size_t text = 0, pattern = 0, run_text = 0, run_pattern = SIZE_MAX;

	for (;;) {
		uint32_t wanted = 0;
		size_t at = pattern, here = text;
		enum session_step step = next_step(l, &at, &wanted);

		if (step == STEP_BROKEN)
			return text < l->text_length ? -1 : 0;
		if (step == STEP_ANY_RUN) {
			run_pattern = pattern = at;
			run_text = text;
			if (at == l->pattern_length)
				return 1;
			continue;
		}
		if (step == STEP_END && text == l->text_length)
			return 1;
		if (step != STEP_END && text < l->text_length &&
		    (next(l->text, l->text_length, &here, l->fold) == wanted || step == STEP_ANY_ONE)) {
			text = here;
			pattern = at;
			continue;
		}
		if (run_pattern == SIZE_MAX || run_text >= l->text_length)
			return 0;
		next(l->text, l->text_length, &run_text, false);
		text = run_text;
		pattern = run_pattern;
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
