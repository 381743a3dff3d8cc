/*
 * An array's elements with its shape, to be changed and written again.
 */
#ifndef BIBD_SQLITE_ARRAY_VALUE_H
#define BIBD_SQLITE_ARRAY_VALUE_H

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"

struct array_item {
	char *text; /* the element's text, malloc'ed; NULL: a null */
	size_t length;
};
struct array_value {
	struct array_item *items;
	size_t n, capacity;
	struct array_shape shape;
};

/* Reads an array; NULL is an array without elements. False, as from all functions below: the call failed, and *x is
 * freed. */
bool array_value_read(sqlite3_context *c, sqlite3_value *array, struct array_value *out);
/* Reads an array from the text under which one is kept. */
bool array_value_read_text(sqlite3_context *c, const char *text, size_t length, struct array_value *out);
void array_value_free(struct array_value *x);
/* Appends a copy of an element's text; text NULL: a null. */
bool array_value_add(sqlite3_context *c, struct array_value *x, const char *text, size_t length);
/* Makes a value of that type an element, whose text the caller frees. */
bool array_value_item(sqlite3_context *c, sqlite3_value *value, uint32_t oid, struct array_item *out);
/* Whether two elements are equal by their type's rules; a null equals a null. */
bool array_value_equal(uint32_t oid, const struct array_item *a, const struct array_item *b);
/* Appends the array's text. */
void array_value_put(struct pgwire_buffer *out, const struct array_value *x);
/* Returns the array, and frees it. Its shape must have as many places as there are elements. */
void array_value_give(sqlite3_context *c, struct array_value *x);
/* Makes all elements one dimension, which begins at that lower bound; without elements there is none. */
void array_value_flatten(struct array_value *x, int64_t lower);

#endif
