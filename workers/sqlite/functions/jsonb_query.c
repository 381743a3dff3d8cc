/*
 * Questions to jsonb: what kind it is, what it contains, what is at a path; and its pretty form.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/json_span.h"

#define CONTAINS_DEPTH_MAX 512
#define ELEMENT_WORK 32 /* what an element that is looked at costs, as function_must_end() counts */

void
jsonb_typeof(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	static const struct {
		char kind;
		const char *name;
	} kinds[] = { { '{', "object" }, { '[', "array" }, { '"', "string" }, { 't', "boolean" }, { 'f', "boolean" },
		{ 'n', "null" } };
	char kind = json_span_kind(json_span_of(argv[0]));

	(void)argc;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].kind == kind) {
			function_result_string(c, kinds[i].name);
			return;
		}
	function_result_string(c, "number");
}

/* ---- paths ---- */

static struct json_span
step_into(sqlite3_context *c, struct json_span x, const char *step)
{
	struct json_span found = { NULL, 0 };
	struct pgwire_buffer key = { 0 };
	int64_t index;

	if (json_span_kind(x) == '[')
		return json_path_index(step, &index) ? json_span_element(x, index) : found;
	if (json_span_kind(x) == '{')
		found = json_span_member(x, json_span_quote(&key, step, strlen(step)));
	if (key.failed)
		sqlite3_result_error_nomem(c);
	pgwire_buffer_free(&key);
	return found;
}

static void
give_text(sqlite3_context *c, struct json_span x)
{
	struct report r = { 0 };
	size_t n;
	char *text;

	if (json_span_kind(x) == 'n')
		return;
	if (json_span_kind(x) != '"') {
		function_result_text(c, x.at, x.length);
		return;
	}
	if ((text = malloc(x.length + 1)) == NULL)
		sqlite3_result_error_nomem(c);
	else if (type_json_unescape(x.at, x.length, text, &n, &r) == -1)
		function_fail_report(c, &r);
	else
		function_result_text(c, text, n);
	free(text);
}

static void
extract(sqlite3_context *c, sqlite3_value **argv, bool as_text)
{
	struct json_span x = json_span_of(argv[0]);
	struct json_path path;

	if (!json_path_read(c, argv[1], &path))
		return;
	for (int i = 0; i < path.n && x.at != NULL; i++)
		x = path.steps[i] == NULL ? (struct json_span) { NULL, 0 } : step_into(c, x, path.steps[i]);
	json_path_free(&path);
	if (x.at == NULL)
		return;
	if (as_text)
		give_text(c, x);
	else
		function_result_text(c, x.at, x.length);
}

void
jsonb_extract_path(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	extract(c, argv, false);
}

void
jsonb_extract_path_text(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	extract(c, argv, true);
}

/* ---- containment ---- */

/* A search; `ended` says that the statement is to end, and what is answered then means nothing. */
struct containing {
	sqlite3_context *c;
	bool ended;
};

static bool contains(struct containing *s, struct json_span a, struct json_span b, int depth);

static bool
contains_value(struct containing *s, struct json_span a, struct json_span b, int depth)
{
	if (json_span_is_scalar(b))
		return json_span_is_scalar(a) && json_span_equal(a, b);
	return json_span_kind(a) == json_span_kind(b) && contains(s, a, b, depth + 1);
}

static bool
has_element(struct containing *s, struct json_span array, struct json_span b, int depth)
{
	struct json_walk w;

	json_walk_open(&w, array);
	while (!s->ended && json_walk_next(&w)) {
		if (contains_value(s, w.value, b, depth))
			return true;
		s->ended |= function_must_end(s->c, ELEMENT_WORK + w.value.length);
	}
	return false;
}

/* The members of both are in the same order: the next one is looked for behind the last. */
static bool
has_members(struct containing *s, struct json_span a, struct json_span b, int depth)
{
	struct json_walk at, wanted;
	struct json_span found;

	json_walk_open(&at, a);
	json_walk_open(&wanted, b);
	while (!s->ended && json_walk_next(&wanted)) {
		found = (struct json_span) { NULL, 0 };
		while (found.at == NULL && json_walk_next(&at))
			if (json_span_compare_keys(at.key, wanted.key) == 0)
				found = at.value;
		if (found.at == NULL)
			found = json_span_member(a, wanted.key);
		if (found.at == NULL || !contains_value(s, found, wanted.value, depth))
			return false;
		s->ended |= function_must_end(s->c, ELEMENT_WORK + found.length);
	}
	return true;
}

/* Two containers of one kind. What is deeper than the bound is said not to be contained before it comes here. */
static bool
contains(struct containing *s, struct json_span a, struct json_span b, int depth)
{
	struct json_walk w;

	if (depth > CONTAINS_DEPTH_MAX)
		return false;
	json_walk_open(&w, b);
	if (w.object)
		return has_members(s, a, b, depth);
	while (json_walk_next(&w))
		if (!has_element(s, a, w.value, depth))
			return false;
	return true;
}

static int
depth_of(struct json_span x)
{
	int depth = 0, deepest = 0;
	bool quoted = false;

	for (size_t i = 0; i < x.length; i++) {
		if (quoted && x.at[i] == '\\')
			i++;
		else if (x.at[i] == '"')
			quoted = !quoted;
		else if (!quoted && (x.at[i] == '{' || x.at[i] == '['))
			deepest = ++depth > deepest ? depth : deepest;
		else if (!quoted && (x.at[i] == '}' || x.at[i] == ']'))
			depth--;
	}
	return deepest;
}

static void
give_contains(sqlite3_context *c, struct json_span a, struct json_span b)
{
	struct containing s = { .c = c };
	bool answer;

	if (depth_of(b) > CONTAINS_DEPTH_MAX) {
		function_fail(c, SQLSTATE_STATEMENT_TOO_COMPLEX,
		    "a document of more than %d levels is not supported here", CONTAINS_DEPTH_MAX);
		return;
	}
	if (json_span_is_scalar(b))
		answer = json_span_kind(a) == '[' ? has_element(&s, a, b, 0)
						  : json_span_is_scalar(a) && json_span_equal(a, b);
	else
		answer = json_span_kind(a) == json_span_kind(b) && contains(&s, a, b, 0);
	if (!s.ended)
		sqlite3_result_int(c, answer);
}

void
jsonb_contains(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_contains(c, json_span_of(argv[0]), json_span_of(argv[1]));
}

void
jsonb_contained(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_contains(c, json_span_of(argv[1]), json_span_of(argv[0]));
}

/* As a key, as an element, or as the whole. */
static bool
has_text(struct json_span x, const char *text, size_t length)
{
	struct pgwire_buffer buffer = { 0 };
	struct json_span name = json_span_quote(&buffer, text, length);
	struct json_walk w;
	bool found = json_span_kind(x) == '"' && json_span_equal(x, name);

	json_walk_open(&w, x);
	while (!found && json_walk_next(&w))
		found = w.object ? json_span_compare_keys(w.key, name) == 0
				 : json_span_kind(w.value) == '"' && json_span_equal(w.value, name);
	pgwire_buffer_free(&buffer);
	return found;
}

void
jsonb_exists(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *text = function_text(argv[1], &length);

	(void)argc;
	sqlite3_result_int(c, has_text(json_span_of(argv[0]), text, length));
}

static void
exists_of(sqlite3_context *c, sqlite3_value **argv, bool all)
{
	struct json_span x = json_span_of(argv[0]);
	struct json_path names;
	bool answer = all;

	if (!json_keys_read(c, argv[1], &names))
		return;
	for (int i = 0; i < names.n; i++)
		if (names.steps[i] != NULL && has_text(x, names.steps[i], strlen(names.steps[i])) != all)
			answer = !all;
	json_path_free(&names);
	sqlite3_result_int(c, answer);
}

void
jsonb_exists_any(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	exists_of(c, argv, false);
}

void
jsonb_exists_all(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	exists_of(c, argv, true);
}

/* ---- pretty ---- */

static void
put_line(struct pgwire_buffer *out, size_t depth)
{
	pgwire_put_byte(out, '\n');
	for (size_t i = 0; i < depth && !out->failed; i++)
		pgwire_put_bytes(out, "    ", 4);
}

/* One line for each value; what is in quotes is left as it is. */
void
jsonb_pretty(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct json_span x = json_span_of(argv[0]);
	struct pgwire_buffer out = { 0 };
	bool quoted = false;
	size_t depth = 0;

	(void)argc;
	for (size_t i = 0; i < x.length && pgwire_buffer_length(&out) <= FUNCTION_RESULT_MAX; i++) {
		char at = x.at[i];

		if (!quoted && (at == '}' || at == ']'))
			put_line(&out, --depth);
		if (!quoted && at == ' ' && i > 0 && x.at[i - 1] == ',')
			continue;
		pgwire_put_byte(&out, (uint8_t)at);
		if (quoted && at == '\\')
			pgwire_put_byte(&out, (uint8_t)x.at[++i]);
		else if (at == '"')
			quoted = !quoted;
		else if (!quoted && (at == '{' || at == '[')) {
			depth++;
			if (x.at[i + 1] != '}' && x.at[i + 1] != ']')
				put_line(&out, depth);
		} else if (!quoted && at == ',')
			put_line(&out, depth);
	}
	function_result_buffer(c, &out);
}
