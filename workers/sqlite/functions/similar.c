/*
 * SIMILAR TO: a pattern of the SQL standard as a regular expression that matches all of a text.
 */
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/utf8.h"

struct similar {
	const char *p, *end;
	const char *escape; /* one character; NULL: none */
	size_t escape_length;
	struct pgwire_buffer out;
};

static void
put(struct similar *s, const char *text)
{
	pgwire_put_bytes(&s->out, text, strlen(text));
}

static bool
at_escape(const struct similar *s)
{
	return s->escape != NULL && (size_t)(s->end - s->p) >= s->escape_length &&
	    memcmp(s->p, s->escape, s->escape_length) == 0;
}

/* What stands alone is an ordinary character in one of the two languages, and a special one in the other. */
static void
put_character(struct similar *s)
{
	char c = *s->p++;

	if (c == '%')
		put(s, ".*");
	else if (c == '_')
		put(s, ".");
	else if (c == '(')
		put(s, "(?:");
	else {
		if (strchr("\\.^$", c) != NULL)
			pgwire_put_byte(&s->out, '\\');
		pgwire_put_byte(&s->out, (uint8_t)c);
	}
}

/* False: the call failed. */
static bool
convert(struct similar *s, sqlite3_context *c)
{
	bool in_class = false, escaped = false;

	put(s, "^(?:");
	while (s->p < s->end) {
		if (escaped && *s->p == '"' && !in_class) {
			function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "parts of a pattern of SIMILAR TO are not supported on SQLite");
			return false;
		}
		if (escaped) {
			pgwire_put_byte(&s->out, '\\');
			pgwire_put_byte(&s->out, (uint8_t)*s->p++);
			escaped = false;
		} else if (at_escape(s)) {
			escaped = true;
			s->p += s->escape_length;
		} else if (in_class) {
			if (*s->p == '\\')
				pgwire_put_byte(&s->out, '\\');
			in_class = *s->p != ']';
			pgwire_put_byte(&s->out, (uint8_t)*s->p++);
		} else if (*s->p == '[') {
			in_class = true;
			pgwire_put_byte(&s->out, (uint8_t)*s->p++);
		} else
			put_character(s);
	}
	put(s, ")$");
	return true;
}

/* bibd_similar(pattern[, escape]) */
void
similar_pattern(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct similar s = { .escape = "\\", .escape_length = 1 };
	size_t length;

	s.p = function_text(argv[0], &length);
	s.end = s.p + length;
	if (argc > 1) {
		s.escape = function_text(argv[1], &s.escape_length);
		if (s.escape_length == 0)
			s.escape = NULL;
		else if (utf8_count(s.escape, s.escape_length) != 1) {
			function_fail(c, SQLSTATE_INVALID_ESCAPE_SEQUENCE, "invalid escape string");
			return;
		}
	}
	if (convert(&s, c))
		function_result_buffer(c, &s.out);
	else
		pgwire_buffer_free(&s.out);
}
