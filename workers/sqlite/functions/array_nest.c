/*
 * Arrays put together of arrays, cast, and looked into for each other's elements or for where a value stands in one.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"

/* ---- an array of arrays ---- */

/* What an array of arrays grows by: the parts have one shape, which is that of the first. */
struct nest {
	struct array_value all;
	struct array_shape part;
	int64_t n;
	bool empty, null; /* a part was */
};

static bool
same_shape(const struct array_shape *a, const struct array_shape *b)
{
	bool same = a->dimensions == b->dimensions;

	for (int i = 0; same && i < a->dimensions; i++)
		same = a->sizes[i] == b->sizes[i] && a->lower[i] == b->lower[i];
	return same;
}

static bool
nest_fail(sqlite3_context *c, struct nest *nest, const char *what)
{
	array_value_free(&nest->all);
	function_fail(c, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "%s", what);
	return false;
}

/* False: the call failed, and the nest is empty again. */
static bool
nest_add(sqlite3_context *c, struct nest *nest, sqlite3_value *array, const char *mismatch)
{
	struct array_value x;
	bool ok = true;

	if (!array_value_read(c, array, &x)) {
		array_value_free(&nest->all);
		return false;
	}
	nest->null |= sqlite3_value_type(array) == SQLITE_NULL;
	if (x.shape.dimensions == 0)
		nest->empty = true;
	else if (x.shape.dimensions == ARRAY_DIMENSIONS_MAX) {
		array_value_free(&nest->all);
		function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
		    "number of array dimensions (%d) exceeds the maximum allowed (%d)", ARRAY_DIMENSIONS_MAX + 1,
		    ARRAY_DIMENSIONS_MAX);
		ok = false;
	} else if (nest->n > 0 && !same_shape(&nest->part, &x.shape))
		ok = nest_fail(c, nest, mismatch);
	else {
		nest->part = x.shape;
		nest->n++;
		for (size_t i = 0; ok && i < x.n; i++)
			ok = array_value_add(c, &nest->all, x.items[i].text, x.items[i].length);
	}
	array_value_free(&x);
	return ok;
}

static void
nest_give(sqlite3_context *c, struct nest *nest)
{
	struct array_shape *shape = &nest->all.shape;

	*shape = (struct array_shape) { .dimensions = nest->n == 0 ? 0 : nest->part.dimensions + 1 };
	shape->lower[0] = 1;
	shape->sizes[0] = nest->n;
	for (int i = 0; i + 1 < shape->dimensions; i++) {
		shape->lower[i + 1] = nest->part.lower[i];
		shape->sizes[i + 1] = nest->part.sizes[i];
	}
	array_value_give(c, &nest->all);
}

/* bibd_array_nest(array, ...): ARRAY[...] of arrays. Of empty ones it makes an empty one. */
void
array_nest(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	static const char mismatch[] = "multidimensional arrays must have array expressions with matching dimensions";
	struct nest nest = { .n = 0 };

	for (int i = 0; i < argc; i++)
		if (!nest_add(c, &nest, argv[i], mismatch))
			return;
	if (nest.empty && nest.n > 0)
		(void)nest_fail(c, &nest, mismatch);
	else
		nest_give(c, &nest);
}

/* array_agg(array), and ARRAY(SELECT array): neither takes a NULL or an empty one. */
void
array_of_arrays_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct nest *nest = sqlite3_aggregate_context(c, sizeof(*nest));

	(void)argc;
	if (nest == NULL)
		return;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL) {
		array_value_free(&nest->all);
		function_fail(c, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "cannot accumulate null arrays");
	} else if (nest_add(c, nest, argv[0], "cannot accumulate arrays of different dimensionality") && nest->empty)
		(void)nest_fail(c, nest, "cannot accumulate empty arrays");
}

void
array_of_arrays_final(sqlite3_context *c)
{
	struct nest *nest = sqlite3_aggregate_context(c, 0);

	if (nest == NULL)
		sqlite3_result_text(c, "{}", 2, SQLITE_STATIC);
	else
		nest_give(c, nest);
}

void
array_agg_arrays_final(sqlite3_context *c)
{
	if (sqlite3_aggregate_context(c, 0) != NULL)
		array_of_arrays_final(c);
}

/* ---- cast ---- */

/* bibd_array_cast(array, from, to, typmod, whether it is explicit) */
void
array_cast(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint32_t from = (uint32_t)sqlite3_value_int64(argv[1]), to = (uint32_t)sqlite3_value_int64(argv[2]);
	int32_t typmod = sqlite3_value_int(argv[3]);
	struct report r = { 0 };
	struct array_value x;
	bool ok = true;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || !array_value_read(c, argv[0], &x))
		return;
	for (size_t i = 0; ok && i < x.n; i++) {
		struct array_item *item = &x.items[i];
		struct type_value read, value = { .kind = SQLITE_NULL };
		struct pgwire_buffer text = { 0 };

		if (item->text == NULL)
			continue;
		ok = type_decode(from, TYPE_FORMAT_TEXT, item->text, item->length, &read, &r) == 0 &&
		    type_coerce(to, typmod, sqlite3_value_int(argv[4]) != 0, &read, &value, &r) == 0 &&
		    type_put_value_text(&text, &value, to, NULL, &r) == 0;
		if (ok && text.failed)
			ok = report_set(&r, SQLSTATE_OUT_OF_MEMORY, "out of memory") == 0;
		type_value_free(&value);
		type_value_free(&read);
		free(item->text);
		item->length = pgwire_buffer_length(&text);
		item->text =
		    ok ? strndup(text.data == NULL ? "" : (const char *)text.data + text.start, item->length) : NULL;
		pgwire_buffer_free(&text);
		if (ok && item->text == NULL)
			ok = report_set(&r, SQLSTATE_OUT_OF_MEMORY, "out of memory") == 0;
	}
	if (ok) {
		array_value_give(c, &x);
		return;
	}
	array_value_free(&x);
	function_fail_report(c, &r);
}

/* ---- @>, <@, && ---- */

static bool
has_element(const struct array_value *x, const struct array_item *item, uint32_t oid)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->items[i].text != NULL && array_value_equal(oid, &x->items[i], item))
			return true;
	return false;
}

/* What a comparison of two elements costs, as function_must_end() counts. */
#define COMPARISON_WORK 32

/* Gives whether all elements of `part` are in `whole`, or one is; a NULL is in none. */
static void
give_looks_into(sqlite3_context *c, const struct array_value *whole, const struct array_value *part, uint32_t oid,
    bool all)
{
	bool found = all;

	for (size_t i = 0; i < part->n && found == all; i++) {
		found = part->items[i].text != NULL && has_element(whole, &part->items[i], oid);
		if (function_must_end(c, whole->n * COMPARISON_WORK))
			return;
	}
	sqlite3_result_int(c, found);
}

/* bibd_array_contain(left, right, operator, oid) */
void
array_contain(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *op = (const char *)sqlite3_value_text(argv[2]);
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[3]);
	struct array_value left, right;

	(void)argc;
	if (op == NULL || !array_value_read(c, argv[0], &left))
		return;
	if (!array_value_read(c, argv[1], &right)) {
		array_value_free(&left);
		return;
	}
	if (op[0] == '<')
		give_looks_into(c, &right, &left, oid, true);
	else
		give_looks_into(c, &left, &right, oid, op[0] == '@');
	array_value_free(&left);
	array_value_free(&right);
}

/* bibd_width_bucket_of(operand, thresholds, oid): how many of them are not above it; they are in ascending order. */
void
array_bucket(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[2]);
	struct array_value thresholds;
	struct array_item operand;
	size_t low = 0, high;
	bool null = false;

	(void)argc;
	if (!array_value_read(c, argv[1], &thresholds))
		return;
	for (size_t i = 0; i < thresholds.n; i++)
		null |= thresholds.items[i].text == NULL;
	high = thresholds.n;
	if (thresholds.shape.dimensions > 1)
		function_fail(c, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "thresholds must be one-dimensional array");
	else if (null)
		function_fail(c, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "thresholds array must not contain NULLs");
	else if (array_value_item(c, argv[0], oid, &operand)) {
		while (low < high) {
			size_t middle = low + (high - low) / 2;
			const struct array_item *item = &thresholds.items[middle];

			if (type_compare_element(oid, operand.text, operand.length, item->text, item->length) < 0)
				high = middle;
			else
				low = middle + 1;
		}
		sqlite3_result_int64(c, (int64_t)low);
		free(operand.text);
	}
	array_value_free(&thresholds);
}
