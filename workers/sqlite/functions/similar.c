/*
 * SIMILAR TO: a pattern of the SQL standard as a regular expression that matches all of a text.
 */
#include <string.h>

#include "workers/sqlite/functions/regex_call.h"
#include "workers/sqlite/types/utf8.h"

struct similar {
	const char *p, *end;
	const char *escape; /* one character; NULL: none */
	size_t escape_length;
	unsigned marks; /* that part the pattern in three */
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

/* The first part takes as little as it can, then the middle as much. False: the call failed. */
static bool
put_mark(struct similar *s, sqlite3_context *c)
{
	if (++s->marks > 2) {
		function_fail(c, SQLSTATE_INVALID_USE_OF_ESCAPE_CHARACTER,
		    "SQL regular expression may not contain more than two escape-double-quote separators");
		return false;
	}
	put(s, s->marks == 1 ? "){1,1}?(" : "){1,1}(?:");
	return true;
}

/* False: the call failed. */
static bool
convert(struct similar *s, sqlite3_context *c)
{
	bool in_class = false, escaped = false;

	put(s, "^(?:");
	while (s->p < s->end) {
		if (escaped && *s->p == '"' && !in_class) {
			if (!put_mark(s, c))
				return false;
			s->p++;
			escaped = false;
		} else if (escaped) {
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

/* Of a pattern, and its escape where one is given. False: the call failed. */
static bool
take(sqlite3_context *c, struct similar *s, sqlite3_value *pattern, sqlite3_value *escape)
{
	size_t length;

	*s = (struct similar) { .escape = "\\", .escape_length = 1 };
	s->p = function_text(pattern, &length);
	s->end = s->p + length;
	if (escape != NULL) {
		s->escape = function_text(escape, &s->escape_length);
		if (s->escape_length == 0)
			s->escape = NULL;
		else if (utf8_count(s->escape, s->escape_length) != 1) {
			function_fail(c, SQLSTATE_INVALID_ESCAPE_SEQUENCE, "invalid escape string");
			return false;
		}
	}
	if (convert(s, c))
		return true;
	pgwire_buffer_free(&s->out);
	return false;
}

/* bibd_similar(pattern[, escape]) */
void
similar_pattern(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct similar s;

	if (take(c, &s, argv[0], argc > 1 ? argv[1] : NULL))
		function_result_buffer(c, &s.out);
}

static void
give_found(sqlite3_context *c, const struct regex *regex, sqlite3_value *value)
{
	struct regex_span spans[REGEX_SPANS], *found = &spans[regex_groups(regex) > 0 ? 1 : 0];
	size_t length;
	const char *text = function_text(value, &length);

	if (pattern_find(c, regex, text, length, 0, spans) == 1 && found->from <= found->to)
		function_result_text(c, text + found->from, found->to - found->from);
}

/* substring(text SIMILAR pattern ESCAPE escape) */
void
similar_substring(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct report r = { 0 };
	struct regex *regex;
	struct similar s;

	(void)argc;
	if (!take(c, &s, argv[1], argv[2]))
		return;
	if (s.out.failed)
		sqlite3_result_error_nomem(c);
	else if ((regex = regex_new((const char *)s.out.data + s.out.start, pgwire_buffer_length(&s.out),
		      REGEX_SPANS_WANTED, &r)) == NULL)
		function_fail_report(c, &r);
	else {
		give_found(c, regex, argv[0]);
		regex_free(regex);
	}
	pgwire_buffer_free(&s.out);
}
