/*
 * Parts of a JSON document's text: its members and elements, one by one. The text was checked when it came in; of jsonb
 * it is in the one form that PostgreSQL shows.
 */
#ifndef BIBD_SQLITE_JSON_SPAN_H
#define BIBD_SQLITE_JSON_SPAN_H

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"

/* Without blanks around it. at NULL: there is none. */
struct json_span {
	const char *at;
	size_t length;
};

struct json_span json_span_of(sqlite3_value *value);
struct json_span json_span_trim(const char *text, size_t length);
/* What a string in quotes says, owned by the value. */
int json_span_unquote(struct json_span x, struct type_value *value, struct report *r);
/* '{', '[', '"', 't', 'f', 'n', or a digit or '-'. */
char json_span_kind(struct json_span x);
bool json_span_is_scalar(struct json_span x);

/* json_field.c: a value as one of a type, owned; at NULL and null are NULL. `key` is named in a hint. */
int json_span_read(const struct type_settings *settings, struct json_span x, const char *key, uint32_t oid,
    int32_t typmod, struct type_value *value, struct report *r);

/* An array whose elements are read by a function: it appends an element's kept text, or says that it is null. */
typedef int json_read_element_fn(void *arg, struct json_span x, struct pgwire_buffer *text, bool *null,
    struct report *r);
int json_span_read_array(struct json_span x, const char *key, json_read_element_fn *read, void *arg,
    struct type_value *value, struct report *r);

/* Walks over a container; of a scalar there is nothing to walk over. */
struct json_walk {
	const char *at, *end;
	bool object;
	struct json_span key, value; /* the key with its quotes */
};
void json_walk_open(struct json_walk *w, struct json_span container);
bool json_walk_next(struct json_walk *w);
size_t json_span_count(struct json_span container);

/* A text as JSON's string, in quotes; its bytes are the buffer's. */
struct json_span json_span_quote(struct pgwire_buffer *out, const char *text, size_t length);
bool json_span_equal(struct json_span a, struct json_span b);
/* The order of keys in jsonb: the shorter first, then by bytes. */
int json_span_compare_keys(struct json_span a, struct json_span b);
/* The member of that name (with its quotes), or the element, from the end when below 0. */
struct json_span json_span_member(struct json_span object, struct json_span key);
struct json_span json_span_element(struct json_span array, int64_t index);

/* The path's array of texts, taken apart; n elements of which one may be NULL. */
#define JSON_PATH_MAX 256
struct json_path {
	char *steps[JSON_PATH_MAX]; /* malloc'ed, NULL: a null */
	int n;
};
/* False: the call failed. */
bool json_path_read(sqlite3_context *c, sqlite3_value *array, struct json_path *path);
void json_path_free(struct json_path *path);
bool json_path_index(const char *step, int64_t *index);

/* Appends a part; a comma and a blank stand before all but the first. */
void json_put_item(struct pgwire_buffer *out, struct json_span key, struct json_span value, bool *first);

#endif
