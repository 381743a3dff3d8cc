/*
 * Assignment to a part of a jsonb: j['a'][1] = value. What isn't there is made on the way: objects for names, arrays
 * for numbers, with nulls before.
 */
#include <string.h>

#include "workers/sqlite/functions/json_span.h"

struct assignment {
	sqlite3_context *c;
	struct pgwire_buffer out;
	struct json_path path;
	struct json_span value;
	bool failed;
};

static void assign_at(struct assignment *a, struct json_span x, int level);

static bool
may_go_on(struct assignment *a)
{
	if (!a->failed && pgwire_buffer_length(&a->out) > FUNCTION_RESULT_MAX) {
		function_fail(a->c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested length too large");
		a->failed = true;
	}
	return !a->failed && !a->out.failed;
}

static void
fail(struct assignment *a, enum sqlstate state, const char *message)
{
	if (!a->failed)
		function_fail(a->c, state, "%s", message);
	a->failed = true;
}

/* The comma before all but the first. */
static void
put_comma(struct assignment *a, bool *first)
{
	if (!*first)
		pgwire_put_bytes(&a->out, ", ", 2);
	*first = false;
}

static void
put_nulls(struct assignment *a, int64_t n, bool *first)
{
	for (int64_t i = 0; i < n && may_go_on(a); i++) {
		put_comma(a, first);
		pgwire_put_bytes(&a->out, "null", 4);
	}
}

static void
put_key(struct assignment *a, const char *name)
{
	type_json_put_string(&a->out, name, strlen(name));
	pgwire_put_bytes(&a->out, ": ", 2);
}

/* What stands in a place that there was not: the containers of the other steps, and the value within. */
static void
put_new(struct assignment *a, int level)
{
	int64_t index;

	for (int i = level; i < a->path.n && may_go_on(a); i++) {
		bool first = true, is_array = json_path_index(a->path.steps[i], &index);

		pgwire_put_byte(&a->out, is_array ? '[' : '{');
		if (is_array) {
			put_nulls(a, index, &first);
			put_comma(a, &first);
		} else
			put_key(a, a->path.steps[i]);
	}
	pgwire_put_bytes(&a->out, a->value.at, a->value.length);
	for (int i = a->path.n; i-- > level;)
		pgwire_put_byte(&a->out, json_path_index(a->path.steps[i], &index) ? ']' : '}');
}

static void
put_place(struct assignment *a, struct json_span x, bool meant, int level)
{
	if (!meant)
		pgwire_put_bytes(&a->out, x.at, x.length);
	else if (level == a->path.n - 1)
		pgwire_put_bytes(&a->out, a->value.at, a->value.length);
	else
		assign_at(a, x, level + 1);
}

static void
assign_member(struct assignment *a, struct json_span x, int level)
{
	const char *step = a->path.steps[level];
	struct pgwire_buffer buffer = { 0 };
	struct json_span key = json_span_quote(&buffer, step, strlen(step));
	bool first = true, done = false;
	struct json_walk w;

	pgwire_put_byte(&a->out, '{');
	json_walk_open(&w, x);
	while (may_go_on(a) && json_walk_next(&w)) {
		int order = json_span_compare_keys(w.key, key);

		if (order > 0 && !done) {
			put_comma(a, &first);
			put_key(a, step);
			put_new(a, level + 1);
			done = true;
		}
		put_comma(a, &first);
		pgwire_put_bytes(&a->out, w.key.at, w.key.length);
		pgwire_put_bytes(&a->out, ": ", 2);
		put_place(a, w.value, order == 0, level);
		done = done || order == 0;
	}
	if (!done && may_go_on(a)) {
		put_comma(a, &first);
		put_key(a, step);
		put_new(a, level + 1);
	}
	pgwire_put_byte(&a->out, '}');
	pgwire_buffer_free(&buffer);
}

static void
assign_element(struct assignment *a, struct json_span x, int level)
{
	int64_t n = (int64_t)json_span_count(x), index, i = 0;
	bool first = true;
	struct json_walk w;

	if (!json_path_index(a->path.steps[level], &index)) {
		function_fail(a->c, SQLSTATE_INVALID_TEXT_REPRESENTATION,
		    "path element at position %d is not an integer: \"%s\"", level + 1, a->path.steps[level]);
		a->failed = true;
		return;
	}
	if (index < -n) {
		function_fail(a->c, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "path element at position %d is out of range: %lld", level + 1, (long long)index);
		a->failed = true;
		return;
	}
	if (index < 0)
		index += n;
	pgwire_put_byte(&a->out, '[');
	json_walk_open(&w, x);
	for (; may_go_on(a) && json_walk_next(&w); i++) {
		put_comma(a, &first);
		put_place(a, w.value, i == index, level);
	}
	if (index >= n && may_go_on(a)) {
		put_nulls(a, index - n, &first);
		put_comma(a, &first);
		put_new(a, level + 1);
	}
	pgwire_put_byte(&a->out, ']');
}

/* As deep as the path is long, which is bounded. */
static void
assign_at(struct assignment *a, struct json_span x, int level)
{
	if (json_span_is_scalar(x))
		fail(a, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot replace existing key");
	else if (json_span_kind(x) == '{')
		assign_member(a, x, level);
	else
		assign_element(a, x, level);
}

/* bibd_jsonb_assign(document, steps, whether the first is a number, value) */
void
jsonb_assign(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct assignment a = { .c = c, .value = { "null", 4 } };
	struct json_span x = { "{}", 2 };

	(void)argc;
	if (sqlite3_value_type(argv[3]) != SQLITE_NULL)
		a.value = json_span_of(argv[3]);
	if (sqlite3_value_type(argv[0]) != SQLITE_NULL)
		x = json_span_of(argv[0]);
	else if (sqlite3_value_int(argv[2]) != 0)
		x.at = "[]";
	if (!json_path_read(c, argv[1], &a.path))
		return;
	for (int i = 0; i < a.path.n; i++)
		if (a.path.steps[i] == NULL)
			fail(&a, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "jsonb subscript in assignment must not be null");
	if (!a.failed)
		assign_at(&a, x, 0);
	json_path_free(&a.path);
	if (a.failed)
		pgwire_buffer_free(&a.out);
	else
		function_result_buffer(c, &a.out);
}
