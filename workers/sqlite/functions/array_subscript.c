/*
 * Elements and slices of an array: read, and assigned to. What is left out of a slice, a[:2], is given as a text.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"

#define ELEMENTS_MAX 134217727 /* PostgreSQL's own bound */
#define FILL_MAX 10000000      /* elements that one assignment may make of nothing */
#define NAME_BYTES 64

/* Per dimension the first and the last. */
struct subscripts {
	int n;
	int64_t low[ARRAY_DIMENSIONS_MAX], high[ARRAY_DIMENSIONS_MAX];
	bool has_low[ARRAY_DIMENSIONS_MAX], has_high[ARRAY_DIMENSIONS_MAX];
};

/* One value each, or two where it is a slice. False: one is NULL. */
static bool
read_subscripts(int argc, sqlite3_value **argv, bool slice, struct subscripts *out)
{
	int step = slice ? 2 : 1;

	*out = (struct subscripts) { .n = argc / step };
	for (int i = 0; i < out->n; i++) {
		sqlite3_value *low = argv[i * step], *high = argv[i * step + step - 1];

		if (sqlite3_value_type(low) == SQLITE_NULL || sqlite3_value_type(high) == SQLITE_NULL)
			return false;
		out->low[i] = sqlite3_value_int64(low);
		out->high[i] = sqlite3_value_int64(high);
		out->has_low[i] = sqlite3_value_type(low) == SQLITE_INTEGER;
		out->has_high[i] = sqlite3_value_type(high) == SQLITE_INTEGER;
	}
	return true;
}

static int64_t
last_of(const struct array_shape *shape, int i)
{
	return shape->lower[i] + shape->sizes[i] - 1;
}

/* Where the element stands among all; -1: there is none. */
static int64_t
place_of(const struct array_shape *shape, const int64_t *at)
{
	int64_t place = 0;

	for (int i = 0; i < shape->dimensions; i++) {
		if (at[i] < shape->lower[i] || at[i] > last_of(shape, i))
			return -1;
		place = place * shape->sizes[i] + at[i] - shape->lower[i];
	}
	return place;
}

/* bibd_array_item(array, oid, subscript, ...) */
void
array_item(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_value array = type_value_of(argv[0]), value;
	struct array_reader reader;
	struct subscripts subscripts;
	struct array_shape shape;
	struct report r = { 0 };
	int64_t place;

	if (array.kind != SQLITE_TEXT || !read_subscripts(argc - 2, argv + 2, false, &subscripts))
		return;
	array_read_shape(array.bytes, array.length, &shape);
	if (shape.dimensions == 0 || shape.dimensions != subscripts.n || (place = place_of(&shape, subscripts.low)) < 0)
		return;
	array_reader_open(&reader, array.bytes, array.length);
	while (place >= 0 && array_reader_next(&reader))
		place--;
	if (reader.failed)
		sqlite3_result_error_nomem(c);
	else if (!reader.null &&
	    type_decode((uint32_t)sqlite3_value_int64(argv[1]), TYPE_FORMAT_TEXT, reader.element, reader.length, &value,
		&r) < 0)
		function_fail_report(c, &r);
	else if (!reader.null)
		function_result_value(c, &value);
	array_reader_close(&reader);
}

/* The next place within the bounds; false: that was the last. */
static bool
advance(int64_t *at, const struct array_shape *within)
{
	for (int i = within->dimensions - 1; i >= 0; i--) {
		if (++at[i] <= last_of(within, i))
			return true;
		at[i] = within->lower[i];
	}
	return false;
}

/* What a slice means of an array of that shape; false: nothing of it. */
static bool
clip(const struct array_shape *shape, const struct subscripts *subscripts, struct array_shape *slice)
{
	if (shape->dimensions == 0 || shape->dimensions < subscripts->n)
		return false;
	*slice = *shape;
	for (int i = 0; i < subscripts->n; i++) {
		int64_t low = shape->lower[i], high = last_of(shape, i);

		if (subscripts->has_low[i] && subscripts->low[i] > low)
			low = subscripts->low[i];
		if (subscripts->has_high[i] && subscripts->high[i] < high)
			high = subscripts->high[i];
		if (low > high)
			return false;
		slice->lower[i] = low;
		slice->sizes[i] = high - low + 1;
	}
	return true;
}

/* bibd_array_slice(array, low, high, ...): its bounds begin at 1. */
void
array_slice(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t at[ARRAY_DIMENSIONS_MAX];
	struct array_value x, out = { .items = NULL };
	struct subscripts subscripts;
	struct array_shape slice;
	bool ok = true;

	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || !read_subscripts(argc - 1, argv + 1, true, &subscripts) ||
	    !array_value_read(c, argv[0], &x))
		return;
	if (clip(&x.shape, &subscripts, &slice)) {
		memcpy(at, slice.lower, sizeof(at));
		do {
			const struct array_item *item = &x.items[place_of(&x.shape, at)];

			ok = array_value_add(c, &out, item->text, item->length);
		} while (ok && advance(at, &slice));
		out.shape = slice;
		for (int i = 0; i < slice.dimensions; i++)
			out.shape.lower[i] = 1;
	}
	if (ok)
		array_value_give(c, &out);
	array_value_free(&x);
}

/* ---- assignment ---- */

static bool
fail_subscript(sqlite3_context *c, const char *what)
{
	function_fail(c, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "%s", what);
	return false;
}

static bool
check_size(sqlite3_context *c, const struct array_shape *shape)
{
	int64_t n = 1;

	for (int i = 0; i < shape->dimensions; i++)
		if (last_of(shape, i) >= INT32_MAX || __builtin_mul_overflow(n, shape->sizes[i], &n) || n > FILL_MAX) {
			function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed (%d)",
			    ELEMENTS_MAX);
			return false;
		}
	return true;
}

/* An empty array takes the bounds of what is assigned, which must say them all. */
static bool
shape_new(sqlite3_context *c, const struct subscripts *subscripts, struct array_value *x)
{
	x->shape = (struct array_shape) { .dimensions = subscripts->n };
	for (int i = 0; i < subscripts->n; i++) {
		if (!subscripts->has_low[i] || !subscripts->has_high[i]) {
			struct report r = { 0 };

			(void)report_set(&r, SQLSTATE_ARRAY_SUBSCRIPT_ERROR,
			    "array slice subscript must provide both boundaries");
			report_detail(&r,
			    "When assigning to a slice of an empty array value, slice boundaries must be fully "
			    "specified.");
			function_fail_report(c, &r);
			return false;
		}
		if (subscripts->high[i] < subscripts->low[i])
			return fail_subscript(c, "upper bound cannot be less than lower bound");
		x->shape.lower[i] = subscripts->low[i];
		x->shape.sizes[i] = subscripts->high[i] - subscripts->low[i] + 1;
	}
	return check_size(c, &x->shape);
}

/* An array of one dimension grows to both sides; one of more stays as large as it is. */
static bool
shape_grown(sqlite3_context *c, struct subscripts *subscripts, bool slice, struct array_value *x)
{
	struct array_shape *shape = &x->shape;
	int64_t low = shape->lower[0], high = last_of(shape, 0);

	if (shape->dimensions < subscripts->n || (!slice && shape->dimensions != subscripts->n))
		return fail_subscript(c, "wrong number of array subscripts");
	for (int i = 0; i < shape->dimensions; i++) {
		if (i >= subscripts->n || !subscripts->has_low[i])
			subscripts->low[i] = shape->lower[i];
		if (i >= subscripts->n || !subscripts->has_high[i])
			subscripts->high[i] = last_of(shape, i);
		if (subscripts->low[i] > subscripts->high[i])
			return fail_subscript(c, "upper bound cannot be less than lower bound");
		if (shape->dimensions > 1 &&
		    (subscripts->low[i] < shape->lower[i] || subscripts->high[i] > last_of(shape, i)))
			return fail_subscript(c, "array subscript out of range");
	}
	if (shape->dimensions > 1)
		return true;
	shape->lower[0] = subscripts->low[0] < low ? subscripts->low[0] : low;
	shape->sizes[0] = (subscripts->high[0] > high ? subscripts->high[0] : high) - shape->lower[0] + 1;
	return check_size(c, shape);
}

/* Brings the elements into an array of the shape that it has now; `before` had the same dimensions. */
static bool
respread(sqlite3_context *c, const struct array_shape *before, struct array_value *x)
{
	struct array_value grown = { .shape = x->shape };
	int64_t at[ARRAY_DIMENSIONS_MAX];

	memcpy(at, grown.shape.lower, sizeof(at));
	do {
		int64_t place = before->dimensions == 0 ? -1 : place_of(before, at);
		const struct array_item *item = place < 0 ? NULL : &x->items[place];

		if (!array_value_add(c, &grown, item == NULL ? NULL : item->text, item == NULL ? 0 : item->length)) {
			array_value_free(x);
			return false;
		}
	} while (advance(at, &grown.shape));
	array_value_free(x);
	*x = grown;
	return true;
}

/* Puts the source's elements, in their order, into the places that the subscripts mean. */
static bool
replace(sqlite3_context *c, struct array_value *x, const struct subscripts *subscripts, struct array_value *source)
{
	struct array_shape target = x->shape;
	int64_t at[ARRAY_DIMENSIONS_MAX];
	size_t n = 0;

	for (int i = 0; i < target.dimensions; i++) {
		target.lower[i] = subscripts->low[i];
		target.sizes[i] = subscripts->high[i] - subscripts->low[i] + 1;
	}
	memcpy(at, target.lower, sizeof(at));
	do {
		struct array_item *item = &x->items[place_of(&x->shape, at)];

		if (n == source->n)
			return fail_subscript(c, "source array too small");
		free(item->text);
		*item = source->items[n];
		source->items[n++].text = NULL;
	} while (advance(at, &target));
	return true;
}

/* What is assigned, as the elements that it has. False: the call failed. */
static bool
read_source(sqlite3_context *c, sqlite3_value *value, uint32_t oid, bool slice, struct array_value *out)
{
	struct array_item item;
	bool ok;

	if (slice)
		return array_value_read(c, value, out);
	*out = (struct array_value) { .items = NULL };
	if (!array_value_item(c, value, oid, &item))
		return false;
	ok = array_value_add(c, out, item.text, item.length);
	free(item.text);
	return ok;
}

/* bibd_array_assign(array, oid, whether it is a slice, value, subscript, ...): the array as it is then. */
void
array_assign(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	bool slice = sqlite3_value_int(argv[2]) != 0, ok;
	struct array_value x, source = { .items = NULL };
	struct subscripts subscripts;
	struct array_shape before;

	if (!read_subscripts(argc - 4, argv + 4, slice, &subscripts)) {
		function_fail(c, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "array subscript in assignment must not be null");
		return;
	}
	if (!array_value_read(c, argv[0], &x))
		return;
	if (slice && sqlite3_value_type(argv[3]) == SQLITE_NULL) {
		array_value_give(c, &x);
		return;
	}
	before = x.shape;
	ok = before.dimensions == 0 ? shape_new(c, &subscripts, &x) : shape_grown(c, &subscripts, slice, &x);
	if (!ok)
		array_value_free(&x);
	ok = ok && respread(c, &before, &x) &&
	    read_source(c, argv[3], (uint32_t)sqlite3_value_int64(argv[1]), slice, &source) &&
	    replace(c, &x, &subscripts, &source);
	array_value_free(&source);
	if (ok)
		array_value_give(c, &x);
	else
		array_value_free(&x);
}

/* A byte of a name, which is an array of 64 bytes that is counted from 0; those behind its text are zero. */
void
name_item(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t at = sqlite3_value_int64(argv[1]);
	size_t length;
	const char *name = function_text(argv[0], &length);
	char text[8] = "";

	(void)argc;
	if (at < 0 || at >= NAME_BYTES)
		return;
	if (at < (int64_t)length)
		(void)snprintf(text, sizeof(text), (unsigned char)name[at] < 0x80 ? "%c" : "\\%03o",
		    (unsigned)(unsigned char)name[at]);
	function_result_string(c, text);
}
