/*
 * An array's elements with its shape, to be changed and written again.
 */
#ifndef BIBD_SQLITE_ARRAY_VALUE_H
#define BIBD_SQLITE_ARRAY_VALUE_H

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"

struct array_item {
	char *text; /* malloc'ed; NULL: a null */
	size_t length;
};
struct array_value {
	struct array_item *items;
	size_t n, capacity;
	struct array_shape shape;
};

/* A SQL null is an array without elements. False, as in all of these: the call failed, and the value is freed. */
bool array_value_read(sqlite3_context *c, sqlite3_value *array, struct array_value *out);
/* The same of a text of the form that is kept. */
bool array_value_read_text(sqlite3_context *c, const char *text, size_t length, struct array_value *out);
void array_value_free(struct array_value *x);
/* Appends a copy; text NULL: a null. */
bool array_value_add(sqlite3_context *c, struct array_value *x, const char *text, size_t length);
/* A value of that type as an element; its text is to be freed. */
bool array_value_item(sqlite3_context *c, sqlite3_value *value, uint32_t oid, struct array_item *out);
/* Equal as the type has it; nulls are equal to each other. */
bool array_value_equal(uint32_t oid, const struct array_item *a, const struct array_item *b);
/* Appends its text. */
void array_value_put(struct pgwire_buffer *out, const struct array_value *x);
/* Writes it, and frees it; its shape has as many places as there are elements. */
void array_value_give(sqlite3_context *c, struct array_value *x);
/* One dimension of all its elements, from that lower bound on; none of no elements. */
void array_value_flatten(struct array_value *x, int64_t lower);

#endif
