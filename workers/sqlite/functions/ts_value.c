/*
 * Arguments and results of the functions of text search.
 */
#include "workers/sqlite/functions/ts_value.h"

#include <string.h>

#include "workers/sqlite/types/codec.h"

bool
ts_take_vector(sqlite3_context *c, sqlite3_value *value, struct tsvector *out)
{
	struct report r = { 0 };
	size_t length;
	const char *text = function_text(value, &length);

	if (tsvector_parse(text, length, out, &r) == 0)
		return true;
	function_fail_report(c, &r);
	return false;
}

bool
ts_take_query(sqlite3_context *c, sqlite3_value *value, struct tsquery *out)
{
	struct report r = { 0 };
	size_t length;
	const char *text = function_text(value, &length);

	if (tsquery_parse(text, length, out, &r) == 0)
		return true;
	function_fail_report(c, &r);
	return false;
}

void
ts_give_vector(sqlite3_context *c, struct tsvector *v)
{
	struct type_value value;
	struct report r = { 0 };

	if (type_value_tsvector(v, &value, &r) < 0)
		function_fail_report(c, &r);
	else
		function_result_value(c, &value);
}

void
ts_give_built(sqlite3_context *c, int result, struct tsvector_builder *builder, struct report *r)
{
	struct tsvector v;

	if (result == 0)
		result = tsvector_build(builder, &v, r);
	tsvector_builder_free(builder);
	if (result < 0)
		function_fail_report(c, r);
	else if (result == 0)
		ts_give_vector(c, &v);
}

void
ts_give_text(sqlite3_context *c, int result, struct pgwire_buffer *out, struct report *r)
{
	if (result == 0) {
		function_result_buffer(c, out);
		return;
	}
	pgwire_buffer_free(out);
	function_fail_report(c, r);
}

void
ts_give_query(sqlite3_context *c, struct tsquery *q)
{
	struct type_value value;
	struct report r = { 0 };

	if (type_value_tsquery(q, &value, &r) < 0)
		function_fail_report(c, &r);
	else
		function_result_value(c, &value);
}

bool
ts_take_weight(sqlite3_context *c, sqlite3_value *value, unsigned *weight)
{
	static const char letters[] = "dDcCbBaA";
	size_t length;
	const char *text = function_text(value, &length);
	const char *letter = length == 1 ? memchr(letters, *text, sizeof(letters) - 1) : NULL;

	if (letter == NULL) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "unrecognized weight: \"%.1s\"", text);
		return false;
	}
	*weight = (unsigned)(letter - letters) / 2;
	return true;
}

const struct ts_config *
ts_session_config(const struct sql_context *session, struct report *r)
{
	const char *name =
	    session->settings == NULL ? NULL : settings_get(session->settings, "default_text_search_config", r);
	const char *dot = name == NULL ? NULL : strchr(name, '.');
	const struct ts_config *config;

	if (session->settings != NULL && name == NULL)
		return NULL;
	name = name == NULL ? "english" : dot == NULL ? name : dot + 1;
	if ((config = ts_config_by_name(name, strlen(name))) == NULL)
		(void)report_set(r, SQLSTATE_UNDEFINED_OBJECT, "text search configuration \"%s\" does not exist", name);
	return config;
}

const struct ts_config *
ts_take_config(sqlite3_context *c, sqlite3_value *value)
{
	struct report r = { 0 };
	const struct ts_config *config;

	if (value == NULL) {
		if ((config = ts_session_config(function_session(c), &r)) == NULL)
			function_fail_report(c, &r);
		return config;
	}
	if ((config = ts_config_by_oid((uint32_t)sqlite3_value_int64(value))) == NULL)
		function_fail(c, SQLSTATE_INTERNAL_ERROR, "cache lookup failed for text search configuration %u",
		    (uint32_t)sqlite3_value_int64(value));
	return config;
}

const struct ts_config *
ts_take_first_config(sqlite3_context *c, int *argc, sqlite3_value ***argv)
{
	if (sqlite3_value_type((*argv)[0]) != SQLITE_INTEGER)
		return ts_take_config(c, NULL);
	--*argc;
	++*argv;
	return ts_take_config(c, (*argv)[-1]);
}

struct ts_poll
ts_poll_of(const struct sql_context *session)
{
	return (struct ts_poll) { session->must_stop, session->must_stop_arg, 0 };
}
