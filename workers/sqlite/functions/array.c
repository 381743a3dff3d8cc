/*
 * Functions of arrays, and of the catalog's vectors (types/array_reader.h).
 */
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/array_reader.h"

void
function_put_value(FILE *out, sqlite3_value *value)
{
	struct pgwire_buffer element = { 0 };
	size_t length;
	const char *text = function_text(value, &length);

	array_put_text(&element, text, length, sqlite3_value_type(value) == SQLITE_NULL, true);
	if (!element.failed)
		(void)fwrite(element.data + element.start, 1, pgwire_buffer_length(&element), out);
	pgwire_buffer_free(&element);
}

/* ---- how large ---- */

static struct array_shape
shape_of(sqlite3_value *array)
{
	struct array_shape shape;
	size_t length;
	const char *text = function_text(array, &length);

	array_read_shape(text, length, &shape);
	return shape;
}

/* The dimension that is asked for, counted from 0; -1: the array has no such. */
static int
dimension_of(const struct array_shape *shape, sqlite3_value *dimension)
{
	int64_t n = sqlite3_value_int64(dimension);

	return n >= 1 && n <= shape->dimensions ? (int)n - 1 : -1;
}

void
array_length(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_shape shape = shape_of(argv[0]);
	int i = dimension_of(&shape, argv[1]);

	(void)argc;
	if (i >= 0)
		sqlite3_result_int64(c, shape.sizes[i]);
}

void
array_lower(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_shape shape = shape_of(argv[0]);
	int i = dimension_of(&shape, argv[1]);

	(void)argc;
	if (i >= 0)
		sqlite3_result_int64(c, shape.lower[i]);
}

void
array_upper(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_shape shape = shape_of(argv[0]);
	int i = dimension_of(&shape, argv[1]);

	(void)argc;
	if (i >= 0)
		sqlite3_result_int64(c, shape.lower[i] + shape.sizes[i] - 1);
}

void
array_cardinality(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_shape shape = shape_of(argv[0]);
	int64_t n = shape.dimensions > 0;

	(void)argc;
	for (int i = 0; i < shape.dimensions; i++)
		n *= shape.sizes[i];
	sqlite3_result_int64(c, n);
}

/* ---- what is in it ---- */

void
array_position(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t wanted_length, length;
	const char *wanted = function_text(argv[1], &wanted_length), *text = function_text(argv[0], &length);
	bool wants_null = sqlite3_value_type(argv[1]) == SQLITE_NULL, found = false;
	struct array_shape shape;
	struct array_reader reader;
	int64_t n;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	array_read_shape(text, length, &shape);
	if (shape.dimensions > 1) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "searching for elements in multidimensional arrays is not supported");
		return;
	}
	n = shape.lower[0] - 1;
	array_reader_open(&reader, text, length);
	while (!found && array_reader_next(&reader)) {
		n++;
		found = wants_null ? reader.null
				   : !reader.null && reader.length == wanted_length &&
			memcmp(reader.element, wanted, wanted_length) == 0;
	}
	if (reader.failed)
		sqlite3_result_error_nomem(c);
	else if (found)
		sqlite3_result_int64(c, n);
	array_reader_close(&reader);
}

void
array_to_string(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, text_length;
	const char *delimiter = function_text(argv[1], &length), *text = function_text(argv[0], &text_length);
	bool shows_null = argc > 2 && sqlite3_value_type(argv[2]) != SQLITE_NULL, first = true;
	struct pgwire_buffer out = { 0 };
	struct array_reader reader;

	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL)
		return;
	array_reader_open(&reader, text, text_length);
	while (array_reader_next(&reader)) {
		size_t n = reader.length;
		const char *shown = reader.element;

		if (reader.null && !shows_null)
			continue;
		if (reader.null)
			shown = function_text(argv[2], &n);
		if (!first)
			pgwire_put_bytes(&out, delimiter, length);
		pgwire_put_bytes(&out, shown, n);
		first = false;
	}
	out.failed |= reader.failed;
	array_reader_close(&reader);
	function_result_buffer(c, &out);
}

/* The end of the piece that begins here: at the delimiter, or behind one character where there is none. */
static const char *
piece_end(const char *piece, const char *end, const char *delimiter, size_t mark)
{
	const char *found = piece + 1;

	if (delimiter != NULL) {
		found = mark == 0 ? NULL : memmem(piece, (size_t)(end - piece), delimiter, mark);
		return found == NULL ? end : found;
	}
	while (found < end && ((unsigned char)*found & 0xc0) == 0x80)
		found++;
	return found;
}

void
string_to_array(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, mark, null_length = 0;
	const char *text = function_text(argv[0], &length), *delimiter = function_text(argv[1], &mark);
	bool has_null = argc > 2 && sqlite3_value_type(argv[2]) != SQLITE_NULL;
	const char *null = has_null ? function_text(argv[2], &null_length) : NULL, *end = text + length, *to;
	bool characters = sqlite3_value_type(argv[1]) == SQLITE_NULL;
	struct pgwire_buffer out = { 0 };

	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	pgwire_put_byte(&out, '{');
	for (const char *piece = text; length > 0; piece = to + (characters ? 0 : mark)) {
		size_t n;

		to = piece_end(piece, end, characters ? NULL : delimiter, mark);
		n = (size_t)(to - piece);
		array_put_text(&out, piece, n, has_null && n == null_length && memcmp(piece, null, n) == 0,
		    piece == text);
		if (to == end)
			break;
	}
	pgwire_put_byte(&out, '}');
	function_result_buffer(c, &out);
}
