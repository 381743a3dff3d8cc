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
	size_t length;
	const char *text = function_text(array, &length);

	*out = (struct array_value) { .items = NULL };
	return sqlite3_value_type(array) == SQLITE_NULL || array_value_read_text(c, text, length, out);
}

bool
array_value_read_text(sqlite3_context *c, const char *text, size_t length, struct array_value *out)
{
	struct array_reader reader;
	bool ok = true;

	*out = (struct array_value) { .items = NULL };
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
	if (type_put_text(&text, value, oid, NULL, &r) == -1) {
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
	return type_compare_element(oid, a->text, a->length, b->text, b->length) == 0;
}

void
array_value_flatten(struct array_value *x, int64_t lower)
{
	x->shape = (struct array_shape) { .dimensions = x->n > 0, .lower = { lower }, .sizes = { (int64_t)x->n } };
}

static void
put_items(struct pgwire_buffer *out, const struct array_value *x)
{
	for (size_t i = 0; i < x->n; i++) {
		if (i > 0)
			pgwire_put_byte(out, ',');
		array_put_braces(out, &x->shape, i, '{');
		array_put_text(out, x->items[i].text == NULL ? "" : x->items[i].text, x->items[i].length,
		    x->items[i].text == NULL, true);
		array_put_braces(out, &x->shape, i + 1, '}');
	}
}

void
array_value_put(struct pgwire_buffer *out, const struct array_value *x)
{
	if (x->n == 0) {
		pgwire_put_bytes(out, "{}", 2);
		return;
	}
	array_put_bounds(out, &x->shape);
	put_items(out, x);
}

void
array_value_give(sqlite3_context *c, struct array_value *x)
{
	struct pgwire_buffer out = { 0 };

	array_value_put(&out, x);
	array_value_free(x);
	function_result_buffer(c, &out);
}
