/*
 * jsonb put together and without some of its members: ||, -, jsonb_strip_nulls.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/json_span.h"

static const struct json_span no_key = { NULL, 0 };

static void
put_elements(struct pgwire_buffer *out, struct json_span x, bool *first)
{
	struct json_walk w;

	if (json_span_kind(x) != '[') {
		json_put_item(out, no_key, x, first);
		return;
	}
	json_walk_open(&w, x);
	while (json_walk_next(&w))
		json_put_item(out, no_key, w.value, first);
}

/* Both are sorted; of equal keys the right one's value counts. */
static void
merge(struct pgwire_buffer *out, struct json_span a, struct json_span b)
{
	struct json_walk left, right;
	bool more_left, more_right, first = true;

	json_walk_open(&left, a);
	json_walk_open(&right, b);
	more_left = json_walk_next(&left);
	more_right = json_walk_next(&right);
	while (more_left || more_right) {
		int order = !more_left ? 1 : !more_right ? -1 : json_span_compare_keys(left.key, right.key);

		if (order < 0)
			json_put_item(out, left.key, left.value, &first);
		else
			json_put_item(out, right.key, right.value, &first);
		if (order <= 0)
			more_left = json_walk_next(&left);
		if (order >= 0)
			more_right = json_walk_next(&right);
	}
}

void
jsonb_concatenate(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct json_span a = json_span_of(argv[0]), b = json_span_of(argv[1]);
	bool objects = json_span_kind(a) == '{' && json_span_kind(b) == '{', first = true;
	struct pgwire_buffer out = { 0 };

	(void)argc;
	pgwire_put_byte(&out, objects ? '{' : '[');
	if (objects)
		merge(&out, a, b);
	else {
		put_elements(&out, a, &first);
		put_elements(&out, b, &first);
	}
	pgwire_put_byte(&out, objects ? '}' : ']');
	function_result_buffer(c, &out);
}

/* Members of such a name, or elements that are such a string. */
static bool
is_named(const struct json_walk *w, const struct json_path *names, bool *failed)
{
	bool found = false;

	if (!w->object && json_span_kind(w->value) != '"')
		return false;
	for (int i = 0; i < names->n && !found; i++) {
		struct pgwire_buffer buffer = { 0 };

		if (names->steps[i] != NULL)
			found = json_span_compare_keys(w->object ? w->key : w->value,
				    json_span_quote(&buffer, names->steps[i], strlen(names->steps[i]))) == 0;
		*failed |= buffer.failed;
		pgwire_buffer_free(&buffer);
	}
	return found;
}

static void
delete_names(sqlite3_context *c, struct json_span x, const struct json_path *names)
{
	struct pgwire_buffer out = { 0 };
	bool first = true, failed = false;
	struct json_walk w;

	if (json_span_is_scalar(x)) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot delete from scalar");
		return;
	}
	json_walk_open(&w, x);
	pgwire_put_byte(&out, w.object ? '{' : '[');
	while (json_walk_next(&w))
		if (!is_named(&w, names, &failed))
			json_put_item(&out, w.object ? w.key : no_key, w.value, &first);
	pgwire_put_byte(&out, w.object ? '}' : ']');
	out.failed |= failed;
	function_result_buffer(c, &out);
}

void
jsonb_delete(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	char *name = strdup(function_text(argv[1], &length));
	struct json_path names = { .steps = { name }, .n = 1 };

	(void)argc;
	if (name == NULL)
		sqlite3_result_error_nomem(c);
	else
		delete_names(c, json_span_of(argv[0]), &names);
	free(name);
}

void
jsonb_delete_all(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct json_path names;

	(void)argc;
	if (!json_keys_read(c, argv[1], &names))
		return;
	delete_names(c, json_span_of(argv[0]), &names);
	json_path_free(&names);
}

void
jsonb_delete_index(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct json_span x = json_span_of(argv[0]);
	int64_t index = sqlite3_value_int64(argv[1]), i = 0;
	struct pgwire_buffer out = { 0 };
	bool first = true;
	struct json_walk w;

	(void)argc;
	if (json_span_kind(x) != '[') {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE,
		    json_span_kind(x) == '{' ? "cannot delete from object using integer index"
					     : "cannot delete from scalar");
		return;
	}
	if (index < 0)
		index += (int64_t)json_span_count(x);
	pgwire_put_byte(&out, '[');
	json_walk_open(&w, x);
	for (; json_walk_next(&w); i++)
		if (i != index)
			json_put_item(&out, no_key, w.value, &first);
	pgwire_put_byte(&out, ']');
	function_result_buffer(c, &out);
}

/* ---- without nulls ---- */

/* A string in quotes; returns how long it is. */
static size_t
string_length(const char *p, const char *end)
{
	const char *at = p + 1;

	while (at < end && *at != '"')
		at += *at == '\\' ? 2 : 1;
	return (size_t)(at + 1 - p);
}

/* Copies token by token. Each member's name waits until its value is known not to be null; commas are set anew. */
static void
strip(struct pgwire_buffer *out, struct json_span x, const char *comma, const char *colon)
{
	const char *p = x.at, *end = x.at + x.length, *key = NULL;
	size_t key_length = 0, n;
	bool first = true;

	while (p < end) {
		if (strchr(" \t\r\n,", *p) != NULL) {
			p++;
			continue;
		}
		n = *p == '"' ? string_length(p, end) : strchr("{}[]", *p) != NULL ? 1 : strcspn(p, " \t\r\n,:]}");
		if (*p == '}' || *p == ']') {
			pgwire_put_byte(out, (uint8_t)*p++);
			first = false;
			continue;
		}
		if (*p == '"' && key == NULL && p[n + strspn(p + n, " \t\r\n")] == ':') {
			key = p;
			key_length = n;
			p += n + strspn(p + n, " \t\r\n") + 1;
			continue;
		}
		if (key == NULL || *p != 'n') {
			if (!first)
				pgwire_put_bytes(out, comma, strlen(comma));
			if (key != NULL) {
				pgwire_put_bytes(out, key, key_length);
				pgwire_put_bytes(out, colon, strlen(colon));
			}
			pgwire_put_bytes(out, p, n);
			first = *p == '{' || *p == '[';
		}
		key = NULL;
		p += n;
	}
}

void
jsonb_strip_nulls(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer out = { 0 };

	(void)argc;
	strip(&out, json_span_of(argv[0]), ", ", ": ");
	function_result_buffer(c, &out);
}

void
json_strip_nulls(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer out = { 0 };

	(void)argc;
	strip(&out, json_span_of(argv[0]), ",", ":");
	function_result_buffer(c, &out);
}
