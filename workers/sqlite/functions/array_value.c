/*
 * Reads arrays of any shape into their elements, and writes them.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"

void
array_value_free(struct array_value *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->items[i].text);
	free(x->items);
	*x = (struct array_value) { .items = NULL };
}

bool
array_value_add(sqlite3_context *c, struct array_value *x, const char *text, size_t length)
{
	struct array_item *grown;
	char *copy = NULL;

	if (x->n == x->capacity) {
		if ((grown = realloc(x->items, (x->capacity * 2 + 16) * sizeof(*grown))) == NULL)
			goto fail;
		x->items = grown;
		x->capacity = x->capacity * 2 + 16;
	}
	if (text != NULL) {
		if ((copy = malloc(length + 1)) == NULL)
			goto fail;
		memcpy(copy, text, length);
		copy[length] = '\0';
	}
	x->items[x->n++] = (struct array_item) { copy, length };
	return true;
fail:
	array_value_free(x);
	sqlite3_result_error_nomem(c);
	return false;
}

bool
array_value_read(sqlite3_context *c, sqlite3_value *array, struct array_value *out)
{
	struct array_reader reader;
	size_t length;
	const char *text = function_text(array, &length);
	bool ok = true;

	*out = (struct array_value) { .items = NULL };
	if (sqlite3_value_type(array) == SQLITE_NULL)
		return true;
	array_read_shape(text, length, &out->shape);
	array_reader_open(&reader, text, length);
	while (ok && array_reader_next(&reader))
		ok = array_value_add(c, out, reader.null ? NULL : reader.element, reader.length);
	if (ok && reader.failed) {
		sqlite3_result_error_nomem(c);
		ok = false;
	}
	array_reader_close(&reader);
	return ok;
}

bool
array_value_item(sqlite3_context *c, sqlite3_value *value, uint32_t oid, struct array_item *out)
{
	struct pgwire_buffer text = { 0 };
	struct report r = { 0 };
	size_t length;

	*out = (struct array_item) { NULL, 0 };
	if (sqlite3_value_type(value) == SQLITE_NULL)
		return true;
	if (type_put_text(&text, value, oid, &function_session(c)->types, &r) == -1) {
		function_fail_report(c, &r);
		pgwire_buffer_free(&text);
		return false;
	}
	length = pgwire_buffer_length(&text);
	if (!text.failed && (out->text = malloc(length + 1)) != NULL) {
		if (length > 0)
			memcpy(out->text, text.data + text.start, length);
		out->text[length] = '\0';
		out->length = length;
	} else
		sqlite3_result_error_nomem(c);
	pgwire_buffer_free(&text);
	return out->text != NULL;
}

bool
array_value_equal(uint32_t oid, const struct array_item *a, const struct array_item *b)
{
	if (a->text == NULL || b->text == NULL)
		return a->text == b->text;
	switch (oid) {
	case TYPE_NUMERIC:
		return type_compare_numeric(a->text, a->length, b->text, b->length) == 0;
	case TYPE_INTERVAL:
		return type_compare_interval(a->text, a->length, b->text, b->length) == 0;
	case TYPE_JSONB:
		return type_compare_jsonb(a->text, a->length, b->text, b->length) == 0;
	case TYPE_FLOAT4:
	case TYPE_FLOAT8: /* -0 is 0 */
		return strcmp(a->text + (strcmp(a->text, "-0") == 0), b->text + (strcmp(b->text, "-0") == 0)) == 0;
	default:
		return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
	}
}

void
array_value_flatten(struct array_value *x, int64_t lower)
{
	x->shape = (struct array_shape) { .dimensions = x->n > 0, .lower = { lower }, .sizes = { (int64_t)x->n } };
}

/* "[0:2][1:2]=", where a bound is not 1. */
static void
put_bounds(struct pgwire_buffer *out, const struct array_shape *shape)
{
	bool plain = true;
	char text[64];

	for (int i = 0; i < shape->dimensions; i++)
		plain &= shape->lower[i] == 1;
	for (int i = 0; !plain && i < shape->dimensions; i++) {
		int n = snprintf(text, sizeof(text), "[%lld:%lld]", (long long)shape->lower[i],
		    (long long)(shape->lower[i] + shape->sizes[i] - 1));

		pgwire_put_bytes(out, text, (size_t)n);
	}
	if (!plain)
		pgwire_put_byte(out, '=');
}

/* Braces open before an element that is the first of its dimension, and close behind the last. */
static void
put_items(struct pgwire_buffer *out, const struct array_value *x)
{
	for (size_t i = 0; i < x->n; i++) {
		size_t run = 1;

		if (i > 0)
			pgwire_put_byte(out, ',');
		for (int d = x->shape.dimensions - 1; d >= 0; d--) {
			run *= (size_t)x->shape.sizes[d];
			if (run > 0 && i % run == 0)
				pgwire_put_byte(out, '{');
		}
		array_put_text(out, x->items[i].text == NULL ? "" : x->items[i].text, x->items[i].length,
		    x->items[i].text == NULL, true);
		run = 1;
		for (int d = x->shape.dimensions - 1; d >= 0; d--) {
			run *= (size_t)x->shape.sizes[d];
			if (run > 0 && (i + 1) % run == 0)
				pgwire_put_byte(out, '}');
		}
	}
}

void
array_value_give(sqlite3_context *c, struct array_value *x)
{
	struct pgwire_buffer out = { 0 };

	if (x->n == 0)
		pgwire_put_bytes(&out, "{}", 2);
	else {
		put_bounds(&out, &x->shape);
		put_items(&out, x);
	}
	array_value_free(x);
	function_result_buffer(c, &out);
}
