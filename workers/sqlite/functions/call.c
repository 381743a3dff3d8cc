/*
 * A call of a function: whose it is, what it is given, what it gives back, and how it fails.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/registered.h"

struct sql_context *
function_session(sqlite3_context *c)
{
	const struct registered *registered = sqlite3_user_data(c);

	return registered->context;
}

/* So much work that it takes a millisecond or two. */
#define WORK_BETWEEN_LOOKS ((size_t)1 << 20)

bool
function_must_end(sqlite3_context *c, size_t done)
{
	struct sql_context *session = function_session(c);

	if ((session->work += done) < WORK_BETWEEN_LOOKS)
		return false;
	session->work = 0;
	if (session->must_stop == NULL || !session->must_stop(session->must_stop_arg))
		return false;
	sqlite3_result_error_code(c, SQLITE_INTERRUPT);
	return true;
}

void
function_fail(sqlite3_context *c, enum sqlstate state, const char *fmt, ...)
{
	char *message = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&message, fmt, ap);
	va_end(ap);
	if (n < 0) {
		sqlite3_result_error_nomem(c);
		return;
	}
	(void)report_set(&function_session(c)->report, state, "%s", message);
	sqlite3_result_error(c, message, -1);
	free(message);
}

void
function_fail_report(sqlite3_context *c, struct report *r)
{
	sqlite3_result_error(c, r->message == NULL ? "out of memory" : r->message, -1);
	report_move(&function_session(c)->report, r);
}

const char *
function_text(sqlite3_value *value, size_t *length)
{
	const char *text = (const char *)sqlite3_value_text(value);

	*length = text == NULL ? 0 : (size_t)sqlite3_value_bytes(value);
	return text == NULL ? "" : text;
}

void
function_result_text(sqlite3_context *c, const char *text, size_t length)
{
	if (length > FUNCTION_RESULT_MAX)
		function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested length too large");
	else
		sqlite3_result_text64(c, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void
function_result_value(sqlite3_context *c, struct type_value *value)
{
	switch (value->kind) {
	case SQLITE_INTEGER:
		sqlite3_result_int64(c, value->integer);
		break;
	case SQLITE_FLOAT:
		sqlite3_result_double(c, value->real);
		break;
	case SQLITE_TEXT:
		sqlite3_result_text64(c, value->bytes, value->length, SQLITE_TRANSIENT, SQLITE_UTF8);
		break;
	case SQLITE_BLOB:
		sqlite3_result_blob64(c, value->bytes, value->length, SQLITE_TRANSIENT);
		break;
	default:
		sqlite3_result_null(c);
		break;
	}
	type_value_free(value);
}

void
function_result_buffer(sqlite3_context *c, struct pgwire_buffer *text)
{
	if (text->failed)
		sqlite3_result_error_nomem(c);
	else
		function_result_text(c, text->data == NULL ? "" : (const char *)text->data + text->start,
		    pgwire_buffer_length(text));
	pgwire_buffer_free(text);
}

void
function_result_string(sqlite3_context *c, const char *text)
{
	function_result_text(c, text, strlen(text));
}

void
function_result_stream(sqlite3_context *c, FILE *out, char **text, size_t *length)
{
	bool failed = ferror(out) != 0;

	if (fclose(out) != 0 || failed)
		sqlite3_result_error_nomem(c);
	else
		function_result_text(c, *text, *length);
	free(*text);
	*text = NULL;
}

sqlite3_stmt *
function_query(sqlite3_context *c, const char *sql, ...)
{
	struct sql_context *session = function_session(c);
	sqlite3 *db = sqlite3_context_db_handle(c);
	bool internal = session->internal;
	sqlite3_stmt *stmt = NULL;
	const char *argument;
	va_list ap;
	int n = 0;

	session->internal = true;
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) {
		function_fail(c, SQLSTATE_INTERNAL_ERROR, "%s", sqlite3_errmsg(db));
		stmt = NULL;
	}
	session->internal = internal;
	va_start(ap, sql);
	while (stmt != NULL && (argument = va_arg(ap, const char *)) != NULL)
		sqlite3_bind_text(stmt, ++n, argument, -1, SQLITE_TRANSIENT);
	va_end(ap);
	return stmt;
}

void
function_query_end(sqlite3_context *c, sqlite3_stmt *stmt)
{
	(void)c;
	sqlite3_finalize(stmt);
}

uint32_t
function_cast_type(sqlite3_context *c, bool *is_explicit)
{
	const struct registered *registered = sqlite3_user_data(c);

	*is_explicit = registered->explicit_cast;
	return registered->oid;
}
