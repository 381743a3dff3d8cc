/*
 * Functions that build texts out of others: replacing, joining, cutting, translating.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/utf8.h"

/* What is being written; NULL memory is reported to SQLite at once. */
struct stream {
	FILE *out;
	char *text;
	size_t length;
};

static bool
stream_open(sqlite3_context *c, struct stream *s)
{
	*s = (struct stream) { 0 };
	s->out = open_memstream(&s->text, &s->length);
	if (s->out == NULL)
		sqlite3_result_error_nomem(c);
	return s->out != NULL;
}

static void
stream_value(struct stream *s, sqlite3_value *value)
{
	size_t length;
	const char *text = function_text(value, &length);

	fwrite(text, 1, length, s->out);
}

void
text_replace(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, wanted, with_length;
	const char *text = function_text(argv[0], &length), *part = function_text(argv[1], &wanted);
	const char *with = function_text(argv[2], &with_length), *found, *end = text + length;
	size_t size = 0;
	struct stream s;

	(void)argc;
	if (wanted == 0) {
		function_result_text(c, text, length);
		return;
	}
	if (!stream_open(c, &s))
		return;
	while ((found = memmem(text, (size_t)(end - text), part, wanted)) != NULL && size < FUNCTION_RESULT_MAX) {
		fwrite(text, 1, (size_t)(found - text), s.out);
		fwrite(with, 1, with_length, s.out);
		size += (size_t)(found - text) + with_length;
		text = found + wanted;
	}
	fwrite(text, 1, (size_t)(end - text), s.out);
	if (size >= FUNCTION_RESULT_MAX) {
		fclose(s.out);
		free(s.text);
		function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested length too large");
		return;
	}
	function_result_stream(c, s.out, &s.text, &s.length);
}

void
text_overlay(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, with_length;
	const char *text = function_text(argv[0], &length), *with = function_text(argv[1], &with_length);
	int64_t first = sqlite3_value_int64(argv[2]);
	int64_t count = argc > 3 ? sqlite3_value_int64(argv[3]) : (int64_t)utf8_count(with, with_length);
	size_t head, tail;
	struct stream s;

	if (first <= 0) {
		function_fail(c, SQLSTATE_SUBSTRING_ERROR, "negative substring length not allowed");
		return;
	}
	if (first + count > INT32_MAX) {
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range");
		return;
	}
	if (!stream_open(c, &s))
		return;
	head = utf8_offset(text, length, (uint64_t)(first - 1));
	tail = first - 1 + count <= 0 ? 0 : utf8_offset(text, length, (uint64_t)(first - 1 + count));
	fwrite(text, 1, head, s.out);
	fwrite(with, 1, with_length, s.out);
	fwrite(text + tail, 1, length - tail, s.out);
	function_result_stream(c, s.out, &s.text, &s.length);
}

/* Fills to[0..size) with copies of a text of `length` bytes, doubling what is there: one copy at a time would keep a
 * thread for seconds. */
static void
fill_with(char *to, size_t size, const char *text, size_t length)
{
	size_t done = length;

	memcpy(to, text, length);
	for (; done < size; done += done < size - done ? done : size - done)
		memcpy(to + done, to, done < size - done ? done : size - done);
}

void
text_repeat(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *text = function_text(argv[0], &length);
	int64_t n = sqlite3_value_int64(argv[1]);
	char *result;

	(void)argc;
	if (n > 0 && length > 0 && (uint64_t)n > FUNCTION_RESULT_MAX / length) {
		function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested length too large");
		return;
	}
	if (n <= 0 || length == 0) {
		function_result_string(c, "");
		return;
	}
	if ((result = malloc((size_t)n * length)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	fill_with(result, (size_t)n * length, text, length);
	sqlite3_result_text64(c, result, (uint64_t)n * length, free, SQLITE_UTF8);
}

/* The n-th field from the left, or with n < 0 from the right. */
void
text_split_part(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, mark;
	const char *text = function_text(argv[0], &length), *delimiter = function_text(argv[1], &mark);
	const char *end = text + length, *found;
	int64_t n = sqlite3_value_int64(argv[2]), fields = 1;

	(void)argc;
	if (n == 0) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "field position must not be zero");
		return;
	}
	for (const char *p = text; mark > 0 && (p = memmem(p, (size_t)(end - p), delimiter, mark)) != NULL; p += mark)
		fields++;
	if (n < 0)
		n += fields + 1;
	if (n <= 0 || n > fields) {
		function_result_string(c, "");
		return;
	}
	for (; n > 1; n--)
		text = (const char *)memmem(text, (size_t)(end - text), delimiter, mark) + mark;
	found = mark == 0 ? NULL : memmem(text, (size_t)(end - text), delimiter, mark);
	function_result_text(c, text, (size_t)((found == NULL ? end : found) - text));
}

void
text_concat(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct stream s;

	if (!stream_open(c, &s))
		return;
	for (int i = 0; i < argc; i++)
		stream_value(&s, argv[i]);
	function_result_stream(c, s.out, &s.text, &s.length);
}

void
text_concat_ws(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	bool first = true;
	struct stream s;

	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || !stream_open(c, &s))
		return;
	for (int i = 1; i < argc; i++) {
		if (sqlite3_value_type(argv[i]) == SQLITE_NULL)
			continue;
		if (!first)
			stream_value(&s, argv[0]);
		stream_value(&s, argv[i]);
		first = false;
	}
	function_result_stream(c, s.out, &s.text, &s.length);
}

static void
result_hex(sqlite3_context *c, unsigned long long value)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%llx", value);
	function_result_string(c, text);
}

void
text_to_hex(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	result_hex(c, (uint32_t)sqlite3_value_int64(argv[0]));
}

void
text_to_hex_wide(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	result_hex(c, (uint64_t)sqlite3_value_int64(argv[0]));
}

void
text_translate(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, from_length, to_length;
	const char *text = function_text(argv[0], &length), *from = function_text(argv[1], &from_length);
	const char *to = function_text(argv[2], &to_length);
	struct stream s;

	(void)argc;
	if (!stream_open(c, &s))
		return;
	for (size_t i = 0; i < length;) {
		uint32_t character = utf8_decode(text, length, &i);
		bool found = false;
		size_t at = 0, with = 0;

		while (!found && at < from_length) {
			found = utf8_decode(from, from_length, &at) == character;
			if (!found && with < to_length)
				(void)utf8_decode(to, to_length, &with);
		}
		if (!found)
			utf8_put(s.out, character);
		else if (with < to_length)
			utf8_put(s.out, utf8_decode(to, to_length, &with));
		if (function_must_end(c, at)) {
			(void)fclose(s.out);
			free(s.text);
			return;
		}
	}
	function_result_stream(c, s.out, &s.text, &s.length);
}
