/*
 * Parts of a JSON document's text: its members and elements, one by one. The text was checked when it was stored; that
 * of jsonb has the one form that PostgreSQL shows.
 */
#ifndef BIBD_SQLITE_JSON_SPAN_H
#define BIBD_SQLITE_JSON_SPAN_H

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"

/* A part of a document, without blanks around it; its bytes are the document's. at NULL: there is none. */
struct json_span {
	const char *at;
	size_t length;
};

struct json_span json_span_of(sqlite3_value *value);
struct json_span json_span_trim(const char *text, size_t length);
/* The text that a string in quotes stands for; the value owns it. -1: the report is filled. */
int json_span_unquote(struct json_span x, struct type_value *value, struct report *r);
/* The first byte, which tells what it is: '{', '[', '"', 't', 'f', 'n', or a digit or '-'. */
char json_span_kind(struct json_span x);
bool json_span_is_scalar(struct json_span x);

/* json_field.c: reads a JSON value as a value of a type, which owns its bytes. A part that is not there and null are
 * NULL. `key` is named in the hint of an error. -1: the report is filled. */
int json_span_read(const struct type_settings *settings, struct json_span x, const char *key, uint32_t oid,
    int32_t typmod, struct type_value *value, struct report *r);

/* Reads a JSON array with a function for its elements: that appends an element's kept text, or says that the element
 * is null. */
typedef int json_read_element_fn(void *arg, struct json_span x, struct pgwire_buffer *text, bool *null,
    struct report *r);
int json_span_read_array(struct json_span x, const char *key, json_read_element_fn *read, void *arg,
    struct type_value *value, struct report *r);

/* A walk over the members of an object or the elements of an array; a scalar has none. */
struct json_walk {
	const char *at, *end;
	bool object;
	struct json_span key, value; /* the key has its quotes */
};
void json_walk_open(struct json_walk *w, struct json_span container);
bool json_walk_next(struct json_walk *w);
size_t json_span_count(struct json_span container);

/* Appends a text as a string of JSON, in quotes, to a buffer, which owns the bytes of the result. */
struct json_span json_span_quote(struct pgwire_buffer *out, const char *text, size_t length);
bool json_span_equal(struct json_span a, struct json_span b);
/* The order of keys in jsonb: the shorter first, then by bytes. */
int json_span_compare_keys(struct json_span a, struct json_span b);
/* The last member under that key, which has its quotes; and the element at that index, which counts from the end
 * when it is below 0. */
struct json_span json_span_member(struct json_span object, struct json_span key);
struct json_span json_span_element(struct json_span array, int64_t index);

/* The steps of a path, which SQL has as an array of texts. */
#define JSON_PATH_MAX 256
struct json_path {
	char *steps[JSON_PATH_MAX]; /* [n], malloc'ed; NULL: a null */
	int n;
};
/* Reads the array. False: the call failed. json_keys_read: of keys that are looked for, or deleted. */
bool json_path_read(sqlite3_context *c, sqlite3_value *array, struct json_path *path);
bool json_keys_read(sqlite3_context *c, sqlite3_value *array, struct json_path *keys);
void json_path_free(struct json_path *path);
bool json_path_index(const char *step, int64_t *index);

/* Appends a member, or, key.at NULL, an element; a comma and a blank stand before all but the first. */
void json_put_item(struct pgwire_buffer *out, struct json_span key, struct json_span value, bool *first);

#endif
