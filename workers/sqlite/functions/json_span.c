/*
 * Walks over the text of JSON documents. Whatever the depth, nothing here recurs.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/json_span.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

static const char *
skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		p += *p == '\\' && p + 1 < end;
	return p < end ? p + 1 : end;
}

static const char *
skip_value(const char *p, const char *end)
{
	size_t depth = 0;

	for (; p < end; p++) {
		if (*p == '"')
			p = skip_string(p, end) - 1;
		else if (*p == '{' || *p == '[')
			depth++;
		else if (*p == '}' || *p == ']') {
			if (depth == 0)
				return p;
			depth--;
		} else if (*p == ',' && depth == 0)
			return p;
	}
	return end;
}

static struct json_span
trim(const char *at, const char *end)
{
	at = skip_blanks(at, end);
	while (end > at && is_blank(end[-1]))
		end--;
	return (struct json_span) { at, (size_t)(end - at) };
}

struct json_span
json_span_of(sqlite3_value *value)
{
	size_t length;
	const char *text = function_text(value, &length);

	return trim(text, text + length);
}

struct json_span
json_span_trim(const char *text, size_t length)
{
	return trim(text, text + length);
}

int
json_span_unquote(struct json_span x, struct type_value *value, struct report *r)
{
	char *text = malloc(x.length + 1);
	size_t n;

	if (text == NULL)
		return type_out_of_memory(r);
	if (type_json_unescape(x.at, x.length, text, &n, r) < 0) {
		free(text);
		return -1;
	}
	*value = (struct type_value) { .kind = SQLITE_TEXT, .bytes = text, .length = n, .owned = text };
	return 0;
}

char
json_span_kind(struct json_span x)
{
	return x.length == 0 ? '\0' : *x.at;
}

bool
json_span_is_scalar(struct json_span x)
{
	return json_span_kind(x) != '{' && json_span_kind(x) != '[';
}

void
json_walk_open(struct json_walk *w, struct json_span container)
{
	*w = (struct json_walk) { .object = json_span_kind(container) == '{' };
	if (json_span_is_scalar(container))
		return;
	w->at = container.at + 1;
	w->end = container.at + container.length - 1;
}

bool
json_walk_next(struct json_walk *w)
{
	const char *end;

	w->at = w->at == NULL ? w->end : skip_blanks(w->at, w->end);
	if (w->at == w->end)
		return false;
	if (w->object) {
		end = skip_string(w->at, w->end);
		w->key = (struct json_span) { w->at, (size_t)(end - w->at) };
		w->at = skip_blanks(end, w->end) + 1;
	}
	end = skip_value(w->at, w->end);
	w->value = trim(w->at, end);
	w->at = end + (end < w->end);
	return true;
}

size_t
json_span_count(struct json_span container)
{
	struct json_walk w;
	size_t n = 0;

	json_walk_open(&w, container);
	while (json_walk_next(&w))
		n++;
	return n;
}

struct json_span
json_span_quote(struct pgwire_buffer *out, const char *text, size_t length)
{
	type_json_put_string(out, text, length);
	if (out->failed)
		return (struct json_span) { NULL, 0 };
	return (struct json_span) { (const char *)out->data + out->start, pgwire_buffer_length(out) };
}

/* What a string says; malloc'ed. */
static char *
unescape(struct json_span x, size_t *n)
{
	struct report r = { 0 };
	char *text = malloc(x.length + 1);

	*n = 0;
	if (text != NULL)
		(void)type_json_unescape(x.at, x.length, text, n, &r);
	report_reset(&r);
	return text;
}

static bool
is_escaped(struct json_span x)
{
	return memchr(x.at, '\\', x.length) != NULL;
}

bool
json_span_equal(struct json_span a, struct json_span b)
{
	return type_compare_jsonb(a.at, a.length, b.at, b.length) == 0;
}

int
json_span_compare_keys(struct json_span a, struct json_span b)
{
	size_t left = a.length - 2, right = b.length - 2;
	char *x = NULL, *y = NULL;
	const char *s = a.at + 1, *t = b.at + 1;
	int order;

	if (is_escaped(a) && (x = unescape(a, &left)) != NULL)
		s = x;
	if (is_escaped(b) && (y = unescape(b, &right)) != NULL)
		t = y;
	order = left != right ? (left < right ? -1 : 1) : memcmp(s, t, left);
	free(x);
	free(y);
	return order;
}

/* Of several of one name the last counts. */
struct json_span
json_span_member(struct json_span object, struct json_span key)
{
	struct json_span found = { NULL, 0 };
	struct json_walk w;

	json_walk_open(&w, object);
	while (w.object && json_walk_next(&w))
		if (json_span_compare_keys(w.key, key) == 0)
			found = w.value;
	return found;
}

struct json_span
json_span_element(struct json_span array, int64_t index)
{
	struct json_walk w;

	if (index < 0)
		index += (int64_t)json_span_count(array);
	json_walk_open(&w, array);
	for (int64_t i = 0; index >= 0 && json_walk_next(&w); i++)
		if (i == index)
			return w.value;
	return (struct json_span) { NULL, 0 };
}

static bool
read_steps(sqlite3_context *c, sqlite3_value *array, const char *what, struct json_path *path)
{
	struct array_reader reader;
	size_t length;
	const char *text = function_text(array, &length);
	bool ok = true;

	path->n = 0;
	array_reader_open(&reader, text, length);
	while (ok && array_reader_next(&reader)) {
		if (path->n == JSON_PATH_MAX) {
			function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "more than %d %s are not supported",
			    JSON_PATH_MAX, what);
			ok = false;
			break;
		}
		path->steps[path->n] = reader.null ? NULL : strdup(reader.element);
		ok = reader.null || path->steps[path->n] != NULL;
		path->n += ok;
		if (!ok)
			sqlite3_result_error_nomem(c);
	}
	if (ok && reader.failed) {
		sqlite3_result_error_nomem(c);
		ok = false;
	}
	array_reader_close(&reader);
	if (!ok)
		json_path_free(path);
	return ok;
}

bool
json_path_read(sqlite3_context *c, sqlite3_value *array, struct json_path *path)
{
	return read_steps(c, array, "elements of a path", path);
}

bool
json_keys_read(sqlite3_context *c, sqlite3_value *array, struct json_path *keys)
{
	return read_steps(c, array, "keys at once", keys);
}

void
json_path_free(struct json_path *path)
{
	for (int i = 0; i < path->n; i++)
		free(path->steps[i]);
	path->n = 0;
}

bool
json_path_index(const char *step, int64_t *index)
{
	char *end;

	errno = 0;
	*index = strtol(step, &end, 10);
	return end != step && *end == '\0' && errno == 0 && *index <= INT_MAX && *index >= INT_MIN;
}

void
json_put_item(struct pgwire_buffer *out, struct json_span key, struct json_span value, bool *first)
{
	if (!*first)
		pgwire_put_bytes(out, ", ", 2);
	*first = false;
	if (key.at != NULL) {
		pgwire_put_bytes(out, key.at, key.length);
		pgwire_put_bytes(out, ": ", 2);
	}
	pgwire_put_bytes(out, value.at, value.length);
}
