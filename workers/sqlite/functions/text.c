/*
 * Functions of texts. Characters are those of UTF-8; bytea arguments are counted in bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/utf8.h"

static void
map_case(sqlite3_context *c, sqlite3_value *value, bool upper, bool words)
{
	size_t length, size;
	const char *text = function_text(value, &length);
	bool inside = false;
	char *result = NULL;
	FILE *out = open_memstream(&result, &size);

	if (out == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	for (size_t i = 0; i < length;) {
		uint32_t character = utf8_decode(text, length, &i);

		character = utf8_map_case(character, words ? !inside : upper);
		inside = utf8_is_alphanumeric(character);
		utf8_put(out, character);
	}
	function_result_stream(c, out, &result, &size);
}

void
text_lower(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	map_case(c, argv[0], false, false);
}

void
text_upper(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	map_case(c, argv[0], true, false);
}

void
text_initcap(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	map_case(c, argv[0], false, true);
}

static bool
is_bytes(sqlite3_value *value)
{
	return sqlite3_value_type(value) == SQLITE_BLOB;
}

void
text_length(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *text;

	(void)argc;
	if (is_bytes(argv[0])) {
		sqlite3_result_int64(c, sqlite3_value_bytes(argv[0]));
		return;
	}
	text = function_text(argv[0], &length);
	sqlite3_result_int64(c, (sqlite3_int64)utf8_count(text, length));
}

void
text_octet_length(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;

	(void)argc;
	if (!is_bytes(argv[0]))
		(void)function_text(argv[0], &length);
	sqlite3_result_int64(c, sqlite3_value_bytes(argv[0]));
}

void
text_bit_length(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;

	(void)argc;
	if (!is_bytes(argv[0]))
		(void)function_text(argv[0], &length);
	sqlite3_result_int64(c, (sqlite3_int64)sqlite3_value_bytes(argv[0]) * 8);
}

/* Where n characters (or bytes) from the start end. */
static size_t
offset_of(const char *text, size_t length, int64_t n, bool bytes)
{
	if (n <= 0)
		return 0;
	if (bytes)
		return (uint64_t)n < length ? (size_t)n : length;
	return utf8_offset(text, length, (uint64_t)n);
}

static void
result_piece(sqlite3_context *c, const char *text, size_t from, size_t to, bool bytes)
{
	if (to < from)
		to = from;
	if (bytes)
		sqlite3_result_blob64(c, text + from, to - from, SQLITE_TRANSIENT);
	else
		function_result_text(c, text + from, to - from);
}

void
text_substring(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	bool bytes = is_bytes(argv[0]);
	size_t length = 0;
	const char *text = bytes ? sqlite3_value_blob(argv[0]) : function_text(argv[0], &length);
	int64_t first = sqlite3_value_int64(argv[1]), end = INT64_MAX;

	if (bytes)
		length = (size_t)sqlite3_value_bytes(argv[0]);
	if (sqlite3_value_type(argv[1]) == SQLITE_TEXT) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "substring with a pattern is not supported on SQLite");
		return;
	}
	if (argc == 3) {
		int64_t count = sqlite3_value_int64(argv[2]);

		if (count < 0) {
			function_fail(c, SQLSTATE_SUBSTRING_ERROR, "negative substring length not allowed");
			return;
		}
		if (__builtin_add_overflow(first, count, &end))
			end = INT64_MAX;
	}
	if (text == NULL)
		text = "";
	result_piece(c, text, offset_of(text, length, first - 1, bytes), offset_of(text, length, end - 1, bytes),
	    bytes);
}

void
text_position(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, wanted;
	const char *text = function_text(argv[0], &length), *part = function_text(argv[1], &wanted);
	const char *found = wanted == 0 ? text : memmem(text, length, part, wanted);

	(void)argc;
	sqlite3_result_int64(c, found == NULL ? 0 : (sqlite3_int64)utf8_count(text, (size_t)(found - text)) + 1);
}

/* left and right: a negative count leaves that many out at the other end. */
void
text_left(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *text = function_text(argv[0], &length);
	int64_t n = sqlite3_value_int64(argv[1]);

	(void)argc;
	if (n < 0)
		n += (int64_t)utf8_count(text, length);
	result_piece(c, text, 0, offset_of(text, length, n, false), false);
}

void
text_right(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *text = function_text(argv[0], &length);
	int64_t n = sqlite3_value_int64(argv[1]), all = (int64_t)utf8_count(text, length);

	(void)argc;
	n = n < 0 ? -n : all - n;
	result_piece(c, text, offset_of(text, length, n, false), length, false);
}

static void
pad(sqlite3_context *c, int argc, sqlite3_value **argv, bool left)
{
	size_t length, fill_length = 1, size;
	const char *text = function_text(argv[0], &length);
	const char *fill = argc > 2 ? function_text(argv[2], &fill_length) : " ";
	int64_t wanted = sqlite3_value_int64(argv[1]), have = (int64_t)utf8_count(text, length);
	char *result = NULL;
	FILE *out;

	if (wanted > FUNCTION_RESULT_MAX / 4) {
		function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested length too large");
		return;
	}
	if (wanted <= have || fill_length == 0) {
		result_piece(c, text, 0, wanted <= have ? offset_of(text, length, wanted, false) : length, false);
		return;
	}
	if ((out = open_memstream(&result, &size)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	if (!left)
		fwrite(text, 1, length, out);
	for (size_t at = 0; have < wanted; have++) {
		utf8_put(out, utf8_decode(fill, fill_length, &at));
		if (at >= fill_length)
			at = 0;
	}
	if (left)
		fwrite(text, 1, length, out);
	function_result_stream(c, out, &result, &size);
}

void
text_lpad(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	pad(c, argc, argv, true);
}

void
text_rpad(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	pad(c, argc, argv, false);
}

static bool
is_among(uint32_t character, const char *set, size_t length)
{
	for (size_t i = 0; i < length;) {
		if (utf8_decode(set, length, &i) == character)
			return true;
	}
	return false;
}

static void
trim(sqlite3_context *c, int argc, sqlite3_value **argv, bool left, bool right)
{
	size_t length, set_length = 1, from = 0, to;
	const char *text = function_text(argv[0], &length);
	const char *set = argc > 1 ? function_text(argv[1], &set_length) : " ";

	to = length;
	for (size_t next = 0; left && from < to; from = next) {
		if (!is_among(utf8_decode(text, length, &next), set, set_length))
			break;
		if (function_must_end(c, set_length))
			return;
	}
	while (right && to > from) {
		size_t before = to - 1, next;

		while (before > from && ((unsigned char)text[before] & 0xc0) == 0x80)
			before--;
		next = before;
		if (!is_among(utf8_decode(text, length, &next), set, set_length))
			break;
		to = before;
		if (function_must_end(c, set_length))
			return;
	}
	result_piece(c, text, from, to, false);
}

void
text_ltrim(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	trim(c, argc, argv, true, false);
}

void
text_rtrim(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	trim(c, argc, argv, false, true);
}

void
text_btrim(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	trim(c, argc, argv, true, true);
}

void
text_reverse(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, size;
	const char *text = function_text(argv[0], &length);
	char *result = NULL;
	FILE *out = open_memstream(&result, &size);

	(void)argc;
	if (out == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	for (size_t end = length; end > 0;) {
		size_t begin = end - 1;

		while (begin > 0 && ((unsigned char)text[begin] & 0xc0) == 0x80)
			begin--;
		fwrite(text + begin, 1, end - begin, out);
		end = begin;
	}
	function_result_stream(c, out, &result, &size);
}

void
text_chr(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t code = sqlite3_value_int64(argv[0]);
	char *result = NULL;
	size_t size;
	FILE *out;

	(void)argc;
	if (code < 0)
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "character number must be positive");
	else if (code == 0)
		function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "null character not permitted");
	else if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested character %s for encoding: %lld",
		    code > 0x10ffff ? "too large" : "not valid", (long long)code);
	if (code <= 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return;
	if ((out = open_memstream(&result, &size)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	utf8_put(out, (uint32_t)code);
	function_result_stream(c, out, &result, &size);
}

void
text_ascii(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, at = 0;
	const char *text = function_text(argv[0], &length);

	(void)argc;
	sqlite3_result_int64(c, length == 0 ? 0 : utf8_decode(text, length, &at));
}

void
text_starts_with(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, wanted;
	const char *text = function_text(argv[0], &length), *start = function_text(argv[1], &wanted);

	(void)argc;
	sqlite3_result_int(c, wanted <= length && memcmp(text, start, wanted) == 0);
}
