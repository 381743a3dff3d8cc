/*
 * JSON made of values. SQLite tells JSON from text by a subtype; a text column of type json comes as plain text, and is
 * taken for JSON when it is an object or an array.
 */
#include <math.h>
#include <string.h>

#include "workers/sqlite/catalog/functions.h"
#include "workers/sqlite/types_codec.h"

static void
put_string(FILE *out, const char *text, size_t length)
{
	static const char plain[] = "\"\\/\b\f\n\r\t", letters[] = "\"\\/bfnrt";

	fputc('"', out);
	for (size_t i = 0; i < length; i++) {
		const char *found = text[i] == '\0' || text[i] == '/' ? NULL : strchr(plain, text[i]);

		if (found != NULL)
			fprintf(out, "\\%c", letters[found - plain]);
		else if ((unsigned char)text[i] < 0x20)
			fprintf(out, "\\u%04x", (unsigned)text[i]);
		else
			fputc(text[i], out);
	}
	fputc('"', out);
}

static bool
is_json(const char *text, size_t length)
{
	struct report r = {0};
	bool valid;

	if (length < 2 || (*text != '{' && *text != '['))
		return false;
	valid = type_check_json(text, length, &r) == 0;
	report_reset(&r);
	return valid;
}

void
json_put_value(FILE *out, sqlite3_value *value)
{
	char number[TYPE_FLOAT_TEXT];
	size_t length;
	const char *text;

	switch (sqlite3_value_type(value)) {
	case SQLITE_NULL:
		fputs("null", out);
		break;
	case SQLITE_INTEGER:
		fprintf(out, "%lld", (long long)sqlite3_value_int64(value));
		break;
	case SQLITE_FLOAT:
		if (isfinite(sqlite3_value_double(value)))
			fwrite(number, 1, type_write_float(sqlite3_value_double(value), false, 1, number), out);
		else
			fputs("\"NaN\"", out);
		break;
	default:
		text = function_text(value, &length);
		if (is_json(text, length))
			fwrite(text, 1, length, out);
		else
			put_string(out, text, length);
	}
}

void
json_of_value(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	(void)argc;
	if (out == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	json_put_value(out, argv[0]);
	function_result_stream(c, out, &text, &length);
}

static void
put_key(FILE *out, sqlite3_value *value)
{
	size_t length;
	const char *text = function_text(value, &length);

	put_string(out, text, length);
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
