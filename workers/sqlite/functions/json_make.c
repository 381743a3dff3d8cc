/*
 * JSON made of arrays: json_object, what json_build_array and json_build_object make of VARIADIC, and
 * json_object_agg.
 */
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"

/* ---- json_object(texts), json_object(keys, values) ---- */

static void
put_pair(sqlite3_context *c, struct pgwire_buffer *out, const struct array_reader *key, const char *value,
    size_t length, bool null, bool *failed)
{
	if (key->null) {
		if (!*failed)
			function_fail(c, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "null value not allowed for object key");
		*failed = true;
		return;
	}
	if (pgwire_buffer_length(out) > 1)
		pgwire_put_bytes(out, ", ", 2);
	type_json_put_string(out, key->element, key->length);
	pgwire_put_bytes(out, " : ", 3);
	if (null)
		pgwire_put_bytes(out, "null", 4);
	else
		type_json_put_string(out, value, length);
}

/* False: the array is of no use here, and the call failed. */
static bool
check_shape(sqlite3_context *c, const struct array_shape *shape, int dimensions)
{
	const char *wrong = NULL;

	if (shape->dimensions > dimensions)
		wrong = "wrong number of array subscripts";
	else if (dimensions == 2 && shape->dimensions == 1 && shape->sizes[0] % 2 != 0)
		wrong = "array must have even number of elements";
	else if (shape->dimensions == 2 && shape->sizes[1] != 2)
		wrong = "array must have two columns";
	if (wrong != NULL)
		function_fail(c, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "%s", wrong);
	return wrong == NULL;
}

static void
give(sqlite3_context *c, struct pgwire_buffer *out, bool failed)
{
	pgwire_put_byte(out, '}');
	if (failed)
		pgwire_buffer_free(out);
	else
		function_result_buffer(c, out);
}

/* Keys and values by turns. */
static void
object_of_one(sqlite3_context *c, const char *text, size_t length)
{
	struct array_reader key, value;
	struct pgwire_buffer out = { 0 };
	bool failed = false;

	array_reader_open(&key, text, length);
	array_reader_open(&value, text, length);
	pgwire_put_byte(&out, '{');
	if (array_reader_next(&value))
		while (!failed && array_reader_next(&key) && array_reader_next(&value)) {
			put_pair(c, &out, &key, value.element, value.length, value.null, &failed);
			if (!array_reader_next(&key) || !array_reader_next(&value))
				break;
		}
	give(c, &out, failed);
	array_reader_close(&key);
	array_reader_close(&value);
}

static void
object_of_two(sqlite3_context *c, sqlite3_value **argv)
{
	size_t length, values_length;
	const char *text = function_text(argv[0], &length), *values = function_text(argv[1], &values_length);
	struct array_shape key_shape, value_shape;
	struct array_reader key, value;
	struct pgwire_buffer out = { 0 };
	bool failed = false;

	array_read_shape(text, length, &key_shape);
	array_read_shape(values, values_length, &value_shape);
	if (!check_shape(c, &key_shape, 1))
		return;
	if (key_shape.dimensions != value_shape.dimensions || key_shape.sizes[0] != value_shape.sizes[0]) {
		function_fail(c, SQLSTATE_ARRAY_SUBSCRIPT_ERROR,
		    key_shape.dimensions != value_shape.dimensions && value_shape.dimensions > 1
			? "wrong number of array subscripts"
			: "mismatched array dimensions");
		return;
	}
	array_reader_open(&key, text, length);
	array_reader_open(&value, values, values_length);
	pgwire_put_byte(&out, '{');
	while (!failed && array_reader_next(&key) && array_reader_next(&value))
		put_pair(c, &out, &key, value.element, value.length, value.null, &failed);
	give(c, &out, failed);
	array_reader_close(&key);
	array_reader_close(&value);
}

void
json_object(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *text = function_text(argv[0], &length);
	struct array_shape shape;

	if (argc > 1) {
		object_of_two(c, argv);
		return;
	}
	array_read_shape(text, length, &shape);
	if (check_shape(c, &shape, 2))
		object_of_one(c, text, length);
}

/* ---- VARIADIC: the elements of an array in place of arguments ---- */

/* bibd_json_array_of(array, type of its elements): whatever the array's dimensions, one after the other. */
void
json_array_of(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer out = { 0 };
	struct array_reader reader;
	size_t length;
	const char *text = function_text(argv[0], &length);
	uint32_t element = (uint32_t)sqlite3_value_int64(argv[1]);

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	array_reader_open(&reader, text, length);
	pgwire_put_byte(&out, '[');
	while (array_reader_next(&reader)) {
		if (pgwire_buffer_length(&out) > 1)
			pgwire_put_bytes(&out, ", ", 2);
		json_put_element(&out, &reader, element);
	}
	pgwire_put_byte(&out, ']');
	out.failed |= reader.failed;
	array_reader_close(&reader);
	function_result_buffer(c, &out);
}

/* bibd_json_object_of(array, type of its elements) */
void
json_object_of(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer out = { 0 };
	struct array_reader reader;
	size_t length;
	const char *text = function_text(argv[0], &length);
	uint32_t element = (uint32_t)sqlite3_value_int64(argv[1]);
	int64_t n = 0;
	bool failed = false;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	array_reader_open(&reader, text, length);
	pgwire_put_byte(&out, '{');
	for (; !failed && array_reader_next(&reader); n++) {
		failed = n % 2 == 0 && reader.null;
		if (failed)
			function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "argument %lld cannot be null",
			    (long long)n + 1);
		else if (n % 2 == 0) {
			pgwire_put_bytes(&out, ", ", n > 0 ? 2 : 0);
			type_json_put_string(&out, reader.element, reader.length);
			pgwire_put_bytes(&out, " : ", 3);
		} else
			json_put_element(&out, &reader, element);
	}
	if (!failed && n % 2 != 0)
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "argument list must have even number of elements");
	out.failed |= reader.failed;
	array_reader_close(&reader);
	give(c, &out, failed || n % 2 != 0);
}

/* ---- json_object_agg(key, value), both as JSON wants them ---- */

struct gathered {
	struct pgwire_buffer out;
	bool any;
};

void
json_object_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct gathered *all = sqlite3_aggregate_context(c, sizeof(*all));
	size_t length;
	const char *text;

	(void)argc;
	if (all == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "field name must not be null");
		return;
	}
	pgwire_put_bytes(&all->out, all->any ? ", " : "{ ", 2);
	all->any = true;
	text = function_text(argv[0], &length);
	type_json_put_string(&all->out, text, length);
	pgwire_put_bytes(&all->out, " : ", 3);
	text = function_text(argv[1], &length);
	if (sqlite3_value_type(argv[1]) == SQLITE_NULL)
		pgwire_put_bytes(&all->out, "null", 4);
	else
		pgwire_put_bytes(&all->out, text, length);
	if (pgwire_buffer_length(&all->out) > FUNCTION_RESULT_MAX)
		function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested length too large");
}

void
json_object_value(sqlite3_context *c)
{
	struct gathered *all = sqlite3_aggregate_context(c, 0);
	struct pgwire_buffer copy = { 0 };

	if (all == NULL || !all->any)
		return;
	pgwire_put_bytes(&copy, all->out.data + all->out.start, pgwire_buffer_length(&all->out));
	pgwire_put_bytes(&copy, " }", 2);
	copy.failed |= all->out.failed;
	function_result_buffer(c, &copy);
}

void
json_object_final(sqlite3_context *c)
{
	struct gathered *all = sqlite3_aggregate_context(c, 0);

	json_object_value(c);
	if (all != NULL)
		pgwire_buffer_free(&all->out);
}
