/*
 * jsonb with one value changed: set, inserted or deleted at a path.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/json_span.h"

struct change {
	sqlite3_context *c;
	struct pgwire_buffer out;
	struct json_path path;
	struct json_span value; /* at NULL: the place is deleted */
	bool create;		/* where there is no such place */
	bool insert, after;	/* beside an element, and never in place of a member */
	bool failed;
};

static void change_at(struct change *change, struct json_span x, int level);

static void
put(struct change *change, struct json_span x)
{
	pgwire_put_bytes(&change->out, x.at, x.length);
}

/* A member or element that stays, is changed within, or is what the path means. */
static void
put_place(struct change *change, struct json_span key, struct json_span value, bool meant, int level, bool *first)
{
	bool last = level == change->path.n - 1;

	if (!meant || !last) {
		if (!meant || json_span_is_scalar(value)) {
			json_put_item(&change->out, key, value, first);
			return;
		}
		json_put_item(&change->out, key, (struct json_span) { "", 0 }, first);
		change_at(change, value, level + 1);
		return;
	}
	if (change->insert && change->after)
		json_put_item(&change->out, key, value, first);
	if (change->value.at != NULL)
		json_put_item(&change->out, key, change->value, first);
	if (change->insert && !change->after)
		json_put_item(&change->out, key, value, first);
}

static void
fail(struct change *change, enum sqlstate state, const char *text)
{
	if (!change->failed)
		function_fail(change->c, state, "%s", text);
	change->failed = true;
}

static void
change_object(struct change *change, struct json_span x, int level)
{
	const char *step = change->path.steps[level];
	struct pgwire_buffer buffer = { 0 };
	struct json_span key = json_span_quote(&buffer, step, strlen(step));
	struct json_span found = json_span_member(x, key);
	bool adds = found.at == NULL && level == change->path.n - 1 && change->create && change->value.at != NULL;
	bool first = true;
	struct json_walk w;

	if (found.at != NULL && level == change->path.n - 1 && change->insert)
		fail(change, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot replace existing key");
	pgwire_put_byte(&change->out, '{');
	json_walk_open(&w, x);
	while (!change->failed && json_walk_next(&w)) {
		int order = json_span_compare_keys(w.key, key);

		if (adds && order > 0) {
			json_put_item(&change->out, key, change->value, &first);
			adds = false;
		}
		put_place(change, w.key, w.value, order == 0, level, &first);
	}
	if (adds)
		json_put_item(&change->out, key, change->value, &first);
	pgwire_put_byte(&change->out, '}');
	pgwire_buffer_free(&buffer);
}

/* Beyond either end is at that end. */
static void
change_array(struct change *change, struct json_span x, int level)
{
	const char *step = change->path.steps[level];
	int64_t n = (int64_t)json_span_count(x), index, i = 0;
	bool last = level == change->path.n - 1, adds = last && change->create && change->value.at != NULL;
	bool before = false, first = true;
	struct json_span none = { NULL, 0 };
	struct json_walk w;

	if (!json_path_index(step, &index)) {
		if (!change->failed)
			function_fail(change->c, SQLSTATE_INVALID_TEXT_REPRESENTATION,
			    "path element at position %d is not an integer: \"%s\"", level + 1, step);
		change->failed = true;
		return;
	}
	if (index < 0) {
		before = index < -n;
		index = before ? -1 : index + n;
	}
	pgwire_put_byte(&change->out, '[');
	if (adds && before)
		json_put_item(&change->out, none, change->value, &first);
	json_walk_open(&w, x);
	for (; !change->failed && json_walk_next(&w); i++)
		put_place(change, none, w.value, i == index, level, &first);
	if (adds && index >= n)
		json_put_item(&change->out, none, change->value, &first);
	pgwire_put_byte(&change->out, ']');
}

/* As deep as the path is long, which is bounded. */
static void
change_at(struct change *change, struct json_span x, int level)
{
	if (change->failed)
		return;
	if (level >= change->path.n || json_span_is_scalar(x)) {
		put(change, x);
		return;
	}
	if (change->path.steps[level] == NULL) {
		function_fail(change->c, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "path element at position %d is null",
		    level + 1);
		change->failed = true;
		return;
	}
	if (json_span_kind(x) == '{')
		change_object(change, x, level);
	else
		change_array(change, x, level);
}

static void
run(struct change *change, sqlite3_value **argv)
{
	struct json_span x = json_span_of(argv[0]);

	if (json_span_is_scalar(x)) {
		function_fail(change->c, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot %s path in scalar",
		    change->value.at == NULL ? "delete" : "set");
		return;
	}
	if (!json_path_read(change->c, argv[1], &change->path))
		return;
	/* An empty container has no place for what is not to be created. */
	if (json_span_count(x) == 0 && !change->create)
		put(change, x);
	else
		change_at(change, x, 0);
	json_path_free(&change->path);
	if (change->failed)
		pgwire_buffer_free(&change->out);
	else
		function_result_buffer(change->c, &change->out);
}

/* jsonb_set(target, path, value, create) */
void
jsonb_set(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct change change = { .c = c,
		.value = json_span_of(argv[2]),
		.create = argc < 4 || sqlite3_value_int(argv[3]) != 0 };

	run(&change, argv);
}

/* jsonb_insert(target, path, value, after) */
void
jsonb_insert(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct change change = { .c = c,
		.value = json_span_of(argv[2]),
		.create = true,
		.insert = true,
		.after = argc > 3 && sqlite3_value_int(argv[3]) != 0 };

	run(&change, argv);
}

void
jsonb_delete_path(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct change change = { .c = c };

	(void)argc;
	run(&change, argv);
}

/* jsonb_set_lax(target, path, value, create, what a null value means) */
void
jsonb_set_lax(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	bool is_null = sqlite3_value_type(argv[2]) == SQLITE_NULL;
	const char *treatment = "use_json_null";
	struct change change = { .c = c, .create = argc < 4 || sqlite3_value_int(argv[3]) != 0 };
	size_t length;

	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL ||
	    (argc > 3 && sqlite3_value_type(argv[3]) == SQLITE_NULL))
		return;
	if (argc > 4)
		treatment = sqlite3_value_type(argv[4]) == SQLITE_NULL ? "" : function_text(argv[4], &length);
	if (!is_null && (argc <= 4 || sqlite3_value_type(argv[4]) != SQLITE_NULL)) {
		change.value = json_span_of(argv[2]);
		run(&change, argv);
	} else if (strcmp(treatment, "raise_exception") == 0)
		function_fail(c, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "JSON value must not be null");
	else if (strcmp(treatment, "use_json_null") == 0) {
		change.value = (struct json_span) { "null", 4 };
		run(&change, argv);
	} else if (strcmp(treatment, "delete_key") == 0) {
		change.create = false;
		run(&change, argv);
	} else if (strcmp(treatment, "return_target") == 0)
		sqlite3_result_value(c, argv[0]);
	else
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "%s",
		    "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or "
		    "\"raise_exception\"");
}
