/*
 * The functions that ask a jsonpath: jsonb_path_exists and its like, @? and @@. The path comes as its text; a constant
 * one is read once for a statement.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/jsonpath_run.h"
#include "workers/sqlite/functions/set.h"

#define PATH_ARGUMENT 1

struct call {
	sqlite3_context *c;
	struct jsonpath *path;
	bool is_fresh; /* it was read for this call */
	struct jsonpath_run run;
	struct jsonpath_items found;
};

/* (document, path[, vars[, silent]]) */
static bool
open_call(struct call *call, sqlite3_context *c, int argc, sqlite3_value **argv, bool silent)
{
	struct report r = { 0 };
	struct json_span vars;
	size_t length;
	const char *text;

	*call = (struct call) { .c = c, .path = sqlite3_get_auxdata(c, PATH_ARGUMENT) };
	if (call->path == NULL) {
		text = function_text(argv[PATH_ARGUMENT], &length);
		call->is_fresh = true;
		if ((call->path = jsonpath_read(text, length, &r)) == NULL) {
			function_fail_report(c, &r);
			return false;
		}
	}
	if (argc > 2)
		vars = json_span_of(argv[2]);
	jsonpath_run_open(&call->run, call->path, function_session(c), json_span_of(argv[0]), argc > 2 ? &vars : NULL,
	    silent || (argc > 3 && sqlite3_value_int(argv[3]) != 0));
	return true;
}

/* False: the call failed. */
static bool
run_call(struct call *call, struct jsonpath_items *found, enum jsonpath_result *result)
{
	*result = jsonpath_run(&call->run, found);
	if (*result != PATH_ERROR || (call->run.silent && !call->run.fatal))
		return true;
	if (call->run.report.state == SQLSTATE_QUERY_CANCELED)
		sqlite3_result_error_code(call->c, SQLITE_INTERRUPT);
	else
		function_fail_report(call->c, &call->run.report);
	return false;
}

/* Puts the error into the run's own, when nothing else is to be said. */
static void
close_call(struct call *call)
{
	jsonpath_items_free(&call->found);
	jsonpath_run_close(&call->run);
	if (call->is_fresh)
		sqlite3_set_auxdata(call->c, PATH_ARGUMENT, call->path, jsonpath_free);
}

static void
exists(sqlite3_context *c, int argc, sqlite3_value **argv, bool silent)
{
	enum jsonpath_result result;
	struct call call;

	if (!open_call(&call, c, argc, argv, silent))
		return;
	if (run_call(&call, NULL, &result) && result != PATH_ERROR)
		sqlite3_result_int(c, result == PATH_OK);
	close_call(&call);
}

void
jsonpath_exists(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	exists(c, argc, argv, false);
}

void
jsonpath_exists_operator(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	exists(c, argc, argv, true);
}

static void
give_match(struct call *call)
{
	struct json_span one = call->found.n == 1 ? call->found.list[0] : (struct json_span) { NULL, 0 };

	if (json_span_kind(one) == 't' || json_span_kind(one) == 'f')
		sqlite3_result_int(call->c, json_span_kind(one) == 't');
	else if (json_span_kind(one) != 'n' && !call->run.silent)
		function_fail(call->c, SQLSTATE_SINGLETON_SQL_JSON_ITEM_REQUIRED, "single boolean result is expected");
}

static void
match(sqlite3_context *c, int argc, sqlite3_value **argv, bool silent)
{
	enum jsonpath_result result;
	struct call call;

	if (!open_call(&call, c, argc, argv, silent))
		return;
	if (run_call(&call, &call.found, &result))
		give_match(&call);
	close_call(&call);
}

void
jsonpath_match(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	match(c, argc, argv, false);
}

void
jsonpath_match_operator(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	match(c, argc, argv, true);
}

void
jsonpath_query_first(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	enum jsonpath_result result;
	struct call call;

	if (!open_call(&call, c, argc, argv, false))
		return;
	if (run_call(&call, &call.found, &result) && call.found.n > 0)
		function_result_text(c, call.found.list[0].at, call.found.list[0].length);
	close_call(&call);
}

void
jsonpath_query_array(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	static const struct json_span no_key = { NULL, 0 };
	struct pgwire_buffer out = { 0 };
	enum jsonpath_result result;
	bool first = true;
	struct call call;

	if (!open_call(&call, c, argc, argv, false))
		return;
	if (run_call(&call, &call.found, &result)) {
		pgwire_put_byte(&out, '[');
		for (size_t i = 0; i < call.found.n && pgwire_buffer_length(&out) <= FUNCTION_RESULT_MAX; i++)
			json_put_item(&out, no_key, call.found.list[i], &first);
		pgwire_put_byte(&out, ']');
		function_result_buffer(c, &out);
	}
	close_call(&call);
}

/* ---- jsonb_path_query ---- */

struct query {
	struct jsonpath *path;
	char *document, *vars;
	struct jsonpath_run run;
	struct jsonpath_items found;
	size_t next;
};

static char *
copy_text(sqlite3_value *value)
{
	size_t length;
	const char *text = function_text(value, &length);

	return strdup(text);
}

static int
query_run(struct set *set, struct query *query, bool silent, struct report *r)
{
	struct json_span vars;

	if (query->vars != NULL)
		vars = json_span_trim(query->vars, strlen(query->vars));
	jsonpath_run_open(&query->run, query->path, set->session,
	    json_span_trim(query->document, strlen(query->document)), query->vars != NULL ? &vars : NULL, silent);
	if (jsonpath_run(&query->run, &query->found) != PATH_ERROR || (silent && !query->run.fatal))
		return 0;
	report_move(r, &query->run.report);
	return -1;
}

static int
query_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	struct query *query = set->state = calloc(1, sizeof(*query));
	const char *text;
	size_t length;

	if (query == NULL || (query->document = copy_text(argv[0])) == NULL ||
	    (argc > 2 && (query->vars = copy_text(argv[2])) == NULL))
		return type_out_of_memory(r);
	text = function_text(argv[1], &length);
	if ((query->path = jsonpath_read(text, length, r)) == NULL)
		return -1;
	return query_run(set, query, argc > 3 && sqlite3_value_int(argv[3]) != 0, r);
}

static int
query_next(struct set *set, struct report *r)
{
	struct query *query = set->state;

	(void)r;
	set->done = query->next == query->found.n;
	if (!set->done) {
		struct json_span item = query->found.list[query->next++];

		type_value_text(&set->value, item.at, item.length);
	}
	return 0;
}

static void
query_close(void *state)
{
	struct query *query = state;

	jsonpath_items_free(&query->found);
	jsonpath_run_close(&query->run);
	jsonpath_free(query->path);
	free(query->document);
	free(query->vars);
}

const struct set_kind set_path_kinds[] = {
	{ .name = "jsonb_path_query", .open = query_open, .next = query_next, .close = query_close },
	{ .name = NULL },
};
