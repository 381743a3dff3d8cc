/*
 * JSON made of JSON: each value comes as the text that it is in JSON (dialect/json_value.c), each key as a text.
 */
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/codec.h"

void
json_put_value(FILE *out, sqlite3_value *value)
{
	size_t length;
	const char *text;

	if (sqlite3_value_type(value) == SQLITE_NULL) {
		fputs("null", out);
		return;
	}
	text = function_text(value, &length);
	fwrite(text, 1, length, out);
}

void
json_put_line(FILE *out, sqlite3_value *value, bool first)
{
	size_t length;
	const char *text = function_text(value, &length);

	if (first && length > 2 && text[0] == '\n')
		fwrite(text + 2, 1, length - 2, out);
	else
		json_put_value(out, value);
}

void
json_of_value(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	sqlite3_result_value(c, argv[0]);
}

static void
put_key(FILE *out, sqlite3_value *value)
{
	struct pgwire_buffer key = { 0 };
	size_t length;
	const char *text = function_text(value, &length);

	type_json_put_string(&key, text, length);
	if (!key.failed)
		fwrite(key.data + key.start, 1, pgwire_buffer_length(&key), out);
	pgwire_buffer_free(&key);
}

static void
build_object(sqlite3_context *c, int argc, sqlite3_value **argv, const char *colon)
{
	char *text = NULL;
	size_t length;
	FILE *out;

	if (argc % 2 != 0) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "argument list must have even number of elements");
		return;
	}
	for (int i = 0; i < argc; i += 2) {
		if (sqlite3_value_type(argv[i]) == SQLITE_NULL) {
			function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "argument %d cannot be null", i + 1);
			return;
		}
	}
	if ((out = open_memstream(&text, &length)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	fputc('{', out);
	for (int i = 0; i < argc; i += 2) {
		fputs(i == 0 ? "" : ", ", out);
		put_key(out, argv[i]);
		fputs(colon, out);
		json_put_value(out, argv[i + 1]);
	}
	fputc('}', out);
	function_result_stream(c, out, &text, &length);
}

void
json_build_object(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	build_object(c, argc, argv, " : ");
}

void
jsonb_build_object(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	build_object(c, argc, argv, ": ");
}

void
json_build_array(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	fputc('[', out);
	for (int i = 0; i < argc; i++) {
		fputs(i == 0 ? "" : ", ", out);
		json_put_value(out, argv[i]);
	}
	fputc(']', out);
	function_result_stream(c, out, &text, &length);
}

/* How many elements the array at this text has: the commas that are in it and in nothing that it holds. */
static int
count_elements(const char *text)
{
	int depth = 0, commas = 0;
	bool any = false;

	for (; *text != '\0'; text++) {
		if (*text == '"')
			for (text++; *text != '"' && *text != '\0'; text++)
				text += *text == '\\' && text[1] != '\0';
		any |= depth == 1 && strchr(" \t\r\n]", *text) == NULL;
		depth += (*text == '[' || *text == '{') - (*text == ']' || *text == '}');
		commas += depth == 1 && *text == ',';
		if (*text == '\0')
			break;
	}
	return any ? commas + 1 : 0;
}

void
json_array_length(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *text = function_text(argv[0], &length);

	(void)argc;
	text += strspn(text, " \t\r\n");
	if (*text != '[')
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE,
		    *text == '{' ? "cannot get array length of a non-array" : "cannot get array length of a scalar");
	else
		sqlite3_result_int(c, count_elements(text));
}
