/*
 * The operators -> and ->> at run time: a member or element of a JSON document, and the text in it.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/json_span.h"

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

static bool
key_is(struct json_span key, const char *name, size_t length)
{
	struct report report = { 0 };
	char *decoded;
	size_t n;
	bool same;

	if (key.length < 2 || memchr(key.at, '\\', key.length) == NULL)
		return key.length == length + 2 && memcmp(key.at + 1, name, length) == 0;
	decoded = decode_string(key.at, key.length, &n, &report); /* a key that is no text is no member's name */
	report_reset(&report);
	same = decoded != NULL && n == length && memcmp(decoded, name, length) == 0;
	free(decoded);
	return same;
}

/* Of several members of one name the last counts. */
static struct json_span
find_key(struct json_span object, const char *name, size_t length)
{
	struct json_span found = { 0 };
	struct json_walk walk;

	json_walk_open(&walk, object);
	while (json_walk_next(&walk))
		if (key_is(walk.key, name, length))
			found = walk.value;
	return found;
}

static struct json_span
find_member(sqlite3_value **argv)
{
	struct json_span document = json_span_of(argv[0]);
	const char *name;

	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL)
		return (struct json_span) { 0 };
	if (json_span_kind(document) == '[' && sqlite3_value_type(argv[1]) == SQLITE_INTEGER)
		return json_span_element(document, sqlite3_value_int64(argv[1]));
	if (json_span_kind(document) == '{' && sqlite3_value_type(argv[1]) == SQLITE_TEXT &&
	    (name = (const char *)sqlite3_value_text(argv[1])) != NULL)
		return find_key(document, name, (size_t)sqlite3_value_bytes(argv[1]));
	return (struct json_span) { 0 };
}

/* It has the name of SQLite's own function, which SQLite 3.40 calls unsafe in views, indexes and CHECK, and which takes
 * '1' for a place and "a.b" for a path. */
void
operator_json_member(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct json_span found = find_member(argv);

	(void)argc;
	if (found.at != NULL)
		sqlite3_result_text64(c, found.at, found.length, SQLITE_TRANSIENT, SQLITE_UTF8);
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
