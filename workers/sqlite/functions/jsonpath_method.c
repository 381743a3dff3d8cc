/*
 * Methods of a jsonpath: type, size, keyvalue, datetime, and the way to those of numbers.
 */
#include <string.h>

#include "workers/sqlite/functions/jsonpath_run.h"

enum jsonpath_result
jsonpath_type(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	static const char kinds[] = "{[\"tfn";
	static const char *const names[] = { "\"object\"", "\"array\"", "\"string\"", "\"boolean\"", "\"boolean\"",
		"\"null\"" };
	const char *kind = strchr(kinds, json_span_kind(item));
	const char *name = kind == NULL ? "\"number\"" : names[kind - kinds];

	(void)unwrap;
	return jsonpath_step_behind(run, step, (struct json_span) { name, strlen(name) }, found);
}

enum jsonpath_result
jsonpath_size(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	bool is_array = json_span_kind(item) == '[';

	(void)unwrap;
	if (!is_array && !run->lax)
		return jsonpath_misfit(run, SQLSTATE_SQL_JSON_ARRAY_NOT_FOUND,
		    "jsonpath item method .size() can only be applied to an array");
	return jsonpath_step_behind(run, step,
	    jsonpath_keep_integer(run, is_array ? (int64_t)json_span_count(item) : 1), found);
}

enum jsonpath_result
jsonpath_take_number(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	if (json_span_kind(item) == '[' && unwrap)
		return jsonpath_unwrap(run, step, item, found);
	return jsonpath_number_method(run, step, item, found);
}

/* {"id": 0, "key": ..., "value": ...}: the id is where PostgreSQL keeps the object within the document, which is told
 * here of the document itself alone. */
static enum jsonpath_result
give_pair(struct jsonpath_run *run, jsonpath_step *step, const struct json_walk *w, struct jsonpath_items *found)
{
	struct pgwire_buffer out = { 0 };
	enum jsonpath_result result = PATH_ERROR;

	pgwire_put_bytes(&out, "{\"id\": 0, \"key\": ", 17);
	pgwire_put_bytes(&out, w->key.at, w->key.length);
	pgwire_put_bytes(&out, ", \"value\": ", 11);
	pgwire_put_bytes(&out, w->value.at, w->value.length);
	pgwire_put_byte(&out, '}');
	if (out.failed)
		(void)jsonpath_end(run, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	else
		result = jsonpath_step_behind(run, step,
		    jsonpath_keep(run, (const char *)out.data + out.start, pgwire_buffer_length(&out)), found);
	pgwire_buffer_free(&out);
	return result;
}

enum jsonpath_result
jsonpath_keyvalue(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	enum jsonpath_result result = PATH_NOT_FOUND, part;
	struct json_walk w;

	if (json_span_kind(item) == '[' && unwrap)
		return jsonpath_unwrap(run, step, item, found);
	if (json_span_kind(item) != '{')
		return jsonpath_fail(run, SQLSTATE_SQL_JSON_OBJECT_NOT_FOUND,
		    "jsonpath item method .keyvalue() can only be applied to an object");
	json_walk_open(&w, item);
	while (jsonpath_may_go_on(run) && json_walk_next(&w)) {
		if (item.at != run->root.at)
			return jsonpath_end(run, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "the method keyvalue() of a part of a document is not supported on SQLite");
		part = give_pair(run, step, &w, found);
		result = part == PATH_NOT_FOUND ? result : part;
		if (jsonpath_is_settled(part, found))
			break;
	}
	return run->fatal ? PATH_ERROR : result;
}

enum jsonpath_result
jsonpath_datetime(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	(void)step;
	(void)item;
	(void)found;
	(void)unwrap;
	return jsonpath_end(run, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "the method datetime() of jsonpath is not supported on SQLite");
}
