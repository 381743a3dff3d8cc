/*
 * ->> at run time: the text in a JSON value.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/codec.h"

/* What a string in quotes says; malloc'ed, NULL: the report is filled. */
static char *
decode_string(const char *text, size_t length, size_t *n, struct report *r)
{
	char *value = malloc(length);

	if (value == NULL)
		(void)type_out_of_memory(r);
	else if (type_json_unescape(text, length, value, n, r) == 0)
		return value;
	free(value);
	return NULL;
}

static void
unquote(sqlite3_context *c, const char *text, size_t length)
{
	struct report report = { 0 };
	size_t n;
	char *value = decode_string(text, length, &n, &report);

	if (value == NULL)
		function_fail_report(c, &report);
	else
		sqlite3_result_text64(c, value, n, free, SQLITE_UTF8);
	report_reset(&report);
}

/* ---- document -> member: the text is JSON, and was checked when it came in ---- */

/* A part of a document; at NULL: there is none. */
struct span {
	const char *at, *end;
};

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && strchr(" \t\r\n", *p) != NULL)
		p++;
	return p;
}

static const char *
skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		p += *p == '\\' && p + 1 < end;
	return p < end ? p + 1 : end;
}

/* Behind the value that begins at p. */
static const char *
skip_value(const char *p, const char *end)
{
	size_t depth = 0;

	while (p < end) {
		if (*p == '"')
			p = skip_string(p, end);
		else if (*p == '{' || *p == '[') {
			depth++;
			p++;
		} else if (depth > 0) {
			depth -= *p == '}' || *p == ']';
			p++;
		} else {
			while (p < end && strchr(",]} \t\r\n", *p) == NULL)
				p++;
			return p;
		}
		if (depth == 0)
			return p;
	}
	return end;
}

/* The next value of an object or array, with its key (an array has none); false: there is no more. *p is behind the
 * opening bracket, or behind the value before. */
static bool
next_member(const char **p, const char *end, bool object, struct span *key, struct span *value)
{
	const char *at = skip_blanks(*p, end);

	if (at < end && *at == ',')
		at = skip_blanks(at + 1, end);
	if (at >= end || *at == ']' || *at == '}')
		return false;
	if (object) {
		key->at = at;
		key->end = at = skip_string(at, end);
		at = skip_blanks(at, end);
		at = skip_blanks(at + (at < end), end); /* the colon */
	}
	value->at = at;
	value->end = *p = skip_value(at, end);
	return true;
}

static bool
key_is(const struct span *key, const char *name, size_t length)
{
	size_t raw = (size_t)(key->end - key->at), n;
	struct report report = { 0 };
	char *decoded;
	bool same;

	if (raw < 2 || memchr(key->at, '\\', raw) == NULL)
		return raw == length + 2 && memcmp(key->at + 1, name, length) == 0;
	decoded = decode_string(key->at, raw, &n, &report); /* a key that is no text is no member's name */
	report_reset(&report);
	same = decoded != NULL && n == length && memcmp(decoded, name, length) == 0;
	free(decoded);
	return same;
}

/* Of several members of one name the last counts. */
static struct span
find_key(const char *p, const char *end, const char *name, size_t length)
{
	struct span key, value, found = { 0 };

	while (next_member(&p, end, true, &key, &value))
		if (key_is(&key, name, length))
			found = value;
	return found;
}

/* From 0; a negative place counts from the end. */
static struct span
find_place(const char *begin, const char *end, int64_t place)
{
	struct span key, value;
	const char *p = begin;
	int64_t n = 0;

	while (place < 0 && next_member(&p, end, false, &key, &value))
		n++;
	if (place < 0)
		place += n;
	p = begin;
	for (n = 0; place >= 0 && next_member(&p, end, false, &key, &value); n++)
		if (n == place)
			return value;
	return (struct span) { 0 };
}

static struct span
find_member(sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]), *end, *name;
	struct span found = { 0 };

	if (text == NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL)
		return found;
	end = text + sqlite3_value_bytes(argv[0]);
	text = skip_blanks(text, end);
	if (text < end && *text == '[' && sqlite3_value_type(argv[1]) == SQLITE_INTEGER)
		found = find_place(text + 1, end, sqlite3_value_int64(argv[1]));
	else if (text < end && *text == '{' && sqlite3_value_type(argv[1]) == SQLITE_TEXT &&
	    (name = (const char *)sqlite3_value_text(argv[1])) != NULL)
		found = find_key(text + 1, end, name, (size_t)sqlite3_value_bytes(argv[1]));
	return found;
}

/* It has the name of SQLite's own function, which SQLite 3.40 calls unsafe in views, indexes and CHECK, and which takes
 * '1' for a place and "a.b" for a path. */
void
operator_json_member(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct span found = find_member(argv);

	(void)argc;
	if (found.at != NULL)
		sqlite3_result_text64(c, found.at, (sqlite3_uint64)(found.end - found.at), SQLITE_TRANSIENT,
		    SQLITE_UTF8);
}

static void
give_text(sqlite3_context *c, const char *text, size_t length)
{
	if (text == NULL || (length == 4 && memcmp(text, "null", 4) == 0))
		return;
	if (length >= 2 && text[0] == '"')
		unquote(c, text, length);
	else
		sqlite3_result_text64(c, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void
operator_jsonb_element(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t place = sqlite3_value_int64(argv[1]);
	const char *text = (const char *)sqlite3_value_text(argv[0]);

	if (text == NULL || *text == '[' || *text == '{')
		operator_json_member(c, argc, argv);
	else if (place == 0 || place == -1)
		sqlite3_result_value(c, argv[0]);
}

void
operator_json_text(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);

	(void)argc;
	give_text(c, text, (size_t)sqlite3_value_bytes(argv[0]));
}
