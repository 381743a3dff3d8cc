/*
 * Arrays that are changed, put together, filled and described. What compares elements is told their type: the last
 * argument is its OID.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"

#define ELEMENTS_MAX 134217727
#define FILL_MAX 10000000

static uint32_t
oid_of(sqlite3_value *value)
{
	return (uint32_t)sqlite3_value_int64(value);
}

static void
add_element(sqlite3_context *c, sqlite3_value *array, sqlite3_value *element, uint32_t oid, bool front)
{
	struct array_value x;
	struct array_item item, last;
	int64_t lower;

	if (!array_value_read(c, array, &x))
		return;
	if (x.shape.dimensions > 1) {
		function_fail(c, SQLSTATE_DATA_EXCEPTION, "argument must be empty or one-dimensional array");
		array_value_free(&x);
		return;
	}
	if (!array_value_item(c, element, oid, &item)) {
		array_value_free(&x);
		return;
	}
	lower = x.n == 0 ? 1 : x.shape.lower[0];
	if (array_value_add(c, &x, item.text, item.length)) {
		last = x.items[x.n - 1];
		if (front) {
			memmove(x.items + 1, x.items, (x.n - 1) * sizeof(last));
			x.items[0] = last;
		}
		array_value_flatten(&x, lower);
		array_value_give(c, &x);
	}
	free(item.text);
}

void
array_append(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	add_element(c, argv[0], argv[1], oid_of(argv[2]), false);
}

void
array_prepend(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	add_element(c, argv[1], argv[0], oid_of(argv[2]), true);
}

/* Both of one shape but for the first dimension, or one of them an element of the other. False: they do not fit. */
static bool
join_shapes(const struct array_shape *a, const struct array_shape *b, struct array_shape *out)
{
	int more = a->dimensions - b->dimensions, skip_a = more<0, skip_b = more> 0;

	*out = more >= 0 ? *a : *b;
	if (more > 1 || more < -1)
		return false;
	for (int i = more == 0; i + (more != 0) < out->dimensions; i++)
		if (a->sizes[i + skip_b] != b->sizes[i + skip_a] || a->lower[i + skip_b] != b->lower[i + skip_a])
			return false;
	out->sizes[0] = more == 0 ? a->sizes[0] + b->sizes[0] : out->sizes[0] + 1;
	return true;
}

void
array_cat(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_value a, b;
	struct array_shape shape;

	(void)argc;
	for (int i = 0; i < 2; i++)
		if (sqlite3_value_type(argv[i]) == SQLITE_NULL) {
			sqlite3_result_value(c, argv[1 - i]);
			return;
		}
	if (!array_value_read(c, argv[0], &a))
		return;
	if (!array_value_read(c, argv[1], &b)) {
		array_value_free(&a);
		return;
	}
	if (a.n == 0 || b.n == 0)
		sqlite3_result_value(c, argv[a.n == 0 && b.n > 0 ? 1 : 0]);
	else if (!join_shapes(&a.shape, &b.shape, &shape))
		function_fail(c, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "cannot concatenate incompatible arrays");
	else {
		bool ok = true;

		for (size_t i = 0; ok && i < b.n; i++)
			ok = array_value_add(c, &a, b.items[i].text, b.items[i].length);
		a.shape = shape;
		if (ok)
			array_value_give(c, &a);
	}
	array_value_free(&a);
	array_value_free(&b);
}

void
array_remove(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint32_t oid = oid_of(argv[2]);
	struct array_value x;
	struct array_item item;
	size_t n = 0;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || !array_value_read(c, argv[0], &x))
		return;
	if (x.shape.dimensions > 1) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "removing elements from multidimensional arrays is not supported");
		array_value_free(&x);
	} else if (!array_value_item(c, argv[1], oid, &item))
		array_value_free(&x);
	else {
		for (size_t i = 0; i < x.n; i++) {
			if (array_value_equal(oid, &x.items[i], &item))
				free(x.items[i].text);
			else
				x.items[n++] = x.items[i];
		}
		x.n = n;
		array_value_flatten(&x, x.shape.lower[0]);
		array_value_give(c, &x);
		free(item.text);
	}
}

/* array_replace(array, from, to) */
void
array_replace(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint32_t oid = oid_of(argv[3]);
	struct array_value x;
	struct array_item from = { NULL, 0 }, to = { NULL, 0 };
	bool ok;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || !array_value_read(c, argv[0], &x))
		return;
	ok = array_value_item(c, argv[1], oid, &from) && array_value_item(c, argv[2], oid, &to);
	for (size_t i = 0; ok && i < x.n; i++) {
		char *copy = NULL;

		if (!array_value_equal(oid, &x.items[i], &from))
			continue;
		if (to.text != NULL && (copy = strdup(to.text)) == NULL) {
			sqlite3_result_error_nomem(c);
			ok = false;
			break;
		}
		free(x.items[i].text);
		x.items[i] = (struct array_item) { copy, to.length };
	}
	if (ok)
		array_value_give(c, &x);
	array_value_free(&x);
	free(from.text);
	free(to.text);
}

/* Where it is, from that subscript on: the first place, or all of them as an array. */
static void
find(sqlite3_context *c, sqlite3_value **argv, uint32_t oid, sqlite3_value *start, bool all)
{
	struct array_value x, places = { .items = NULL };
	struct array_item item = { NULL, 0 };
	int64_t from = start == NULL ? INT64_MIN : sqlite3_value_int64(start);
	char text[24];
	bool ok = true, found = false;

	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || !array_value_read(c, argv[0], &x))
		return;
	if (x.shape.dimensions > 1) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "searching for elements in multidimensional arrays is not supported");
		ok = false;
	}
	if (ok && x.n > 0 && start != NULL && sqlite3_value_type(start) == SQLITE_NULL) {
		function_fail(c, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "initial position must not be null");
		ok = false;
	}
	ok = ok && array_value_item(c, argv[1], oid, &item);
	for (size_t i = 0; ok && !found && i < x.n; i++) {
		int64_t place = x.shape.lower[0] + (int64_t)i;

		if (place < from || !array_value_equal(oid, &x.items[i], &item))
			continue;
		if (all)
			ok = array_value_add(c, &places, text,
			    (size_t)snprintf(text, sizeof(text), "%lld", (long long)place));
		else {
			sqlite3_result_int64(c, place);
			found = true;
		}
	}
	if (ok && all) {
		array_value_flatten(&places, 1);
		array_value_give(c, &places);
	}
	array_value_free(&x);
	free(item.text);
}

void
array_positions(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	find(c, argv, oid_of(argv[2]), NULL, true);
}

/* array_position(array, element[, start]) */
void
array_position_of(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	find(c, argv, oid_of(argv[argc - 1]), argc == 4 ? argv[2] : NULL, false);
}

void
array_trim(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t n = sqlite3_value_int64(argv[1]), rows, width;
	struct array_value x;

	(void)argc;
	if (!array_value_read(c, argv[0], &x))
		return;
	rows = x.shape.dimensions > 0 ? x.shape.sizes[0] : 0;
	if (n < 0 || n > rows) {
		function_fail(c, SQLSTATE_ARRAY_SUBSCRIPT_ERROR,
		    "number of elements to trim must be between 0 and %lld", (long long)rows);
		array_value_free(&x);
		return;
	}
	width = rows > 0 ? (int64_t)x.n / rows : 0;
	for (int64_t i = 0; i < n * width; i++)
		free(x.items[--x.n].text);
	if (rows > 0)
		x.shape.sizes[0] -= n;
	for (int i = 0; i < x.shape.dimensions; i++)
		x.shape.lower[i] = 1;
	array_value_give(c, &x);
}

/* ---- filled ---- */

/* The dimensions' sizes, or their lower bounds. False: the call failed. */
static bool
read_dimensions(sqlite3_context *c, sqlite3_value *array, int64_t values[ARRAY_DIMENSIONS_MAX], int *n)
{
	struct array_value x;
	bool ok = true;

	if (!array_value_read(c, array, &x))
		return false;
	*n = (int)(x.n > ARRAY_DIMENSIONS_MAX ? ARRAY_DIMENSIONS_MAX + 1 : x.n);
	if (x.shape.dimensions > 1) {
		function_fail(c, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
		ok = false;
	} else if (*n > ARRAY_DIMENSIONS_MAX) {
		function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
		    "number of array dimensions (%zu) exceeds the maximum allowed (%d)", x.n, ARRAY_DIMENSIONS_MAX);
		ok = false;
	}
	for (int i = 0; ok && i < *n; i++) {
		if (x.items[i].text == NULL) {
			function_fail(c, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "dimension values cannot be null");
			ok = false;
		} else
			values[i] = strtoll(x.items[i].text, NULL, 10);
	}
	array_value_free(&x);
	return ok;
}

/* How many elements; -1: the call failed. */
static int64_t
count_of(sqlite3_context *c, const struct array_shape *shape)
{
	int64_t count = shape->dimensions > 0;

	for (int i = 0; i < shape->dimensions; i++)
		if (shape->sizes[i] < 0 || __builtin_mul_overflow(count, shape->sizes[i], &count) ||
		    count > ELEMENTS_MAX) {
			function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed (%d)",
			    ELEMENTS_MAX);
			return -1;
		}
	if (count <= FILL_MAX)
		return count;
	function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested length too large");
	return -1;
}

/* array_fill(element, sizes, oid), array_fill(element, sizes, lower bounds, oid) */
void
array_fill(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_value x = { .items = NULL };
	struct array_item item;
	int64_t count;
	int n = 0, bounds;

	for (int i = 1; i < argc - 1; i++)
		if (sqlite3_value_type(argv[i]) == SQLITE_NULL) {
			function_fail(c, SQLSTATE_NULL_VALUE_NOT_ALLOWED,
			    "dimension array or low bound array cannot be null");
			return;
		}
	for (int i = 0; i < ARRAY_DIMENSIONS_MAX; i++)
		x.shape.lower[i] = 1;
	if (!read_dimensions(c, argv[1], x.shape.sizes, &n))
		return;
	x.shape.dimensions = n;
	if (argc == 4) {
		if (!read_dimensions(c, argv[2], x.shape.lower, &bounds))
			return;
		if (bounds != n) {
			function_fail(c, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
			return;
		}
	}
	if ((count = count_of(c, &x.shape)) < 0 || !array_value_item(c, argv[0], oid_of(argv[argc - 1]), &item))
		return;
	while (count-- > 0)
		if (!array_value_add(c, &x, item.text, item.length)) {
			free(item.text);
			return;
		}
	free(item.text);
	array_value_give(c, &x);
}

/* ---- described ---- */

void
array_dims(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_shape shape;
	char text[ARRAY_DIMENSIONS_MAX * 48] = "";
	size_t length, n = 0;
	const char *array = function_text(argv[0], &length);

	(void)argc;
	array_read_shape(array, length, &shape);
	for (int i = 0; i < shape.dimensions; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "[%lld:%lld]", (long long)shape.lower[i],
		    (long long)(shape.lower[i] + shape.sizes[i] - 1));
	if (n > 0)
		function_result_text(c, text, n);
}

void
array_ndims(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_shape shape;
	size_t length;
	const char *array = function_text(argv[0], &length);

	(void)argc;
	array_read_shape(array, length, &shape);
	if (shape.dimensions > 0)
		sqlite3_result_int(c, shape.dimensions);
}
