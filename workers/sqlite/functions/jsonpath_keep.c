/*
 * What a run of a jsonpath keeps: its error, the items found, and the texts that it makes.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/jsonpath_run.h"

#define STRIDE 256 /* steps between two looks whether the statement was cancelled */

static enum jsonpath_result
fail_list(struct jsonpath_run *run, enum sqlstate state, const char *fmt, va_list ap)
{
	char *message = NULL;

	if (run->report.state == SQLSTATE_SUCCESSFUL_COMPLETION && vasprintf(&message, fmt, ap) >= 0)
		(void)report_set(&run->report, state, "%s", message);
	free(message);
	return PATH_ERROR;
}

enum jsonpath_result
jsonpath_fail(struct jsonpath_run *run, enum sqlstate state, const char *fmt, ...)
{
	va_list ap;

	if (run->silent)
		return PATH_ERROR;
	va_start(ap, fmt);
	(void)fail_list(run, state, fmt, ap);
	va_end(ap);
	return PATH_ERROR;
}

enum jsonpath_result
jsonpath_end(struct jsonpath_run *run, enum sqlstate state, const char *fmt, ...)
{
	va_list ap;

	run->fatal = true;
	va_start(ap, fmt);
	(void)fail_list(run, state, fmt, ap);
	va_end(ap);
	return PATH_ERROR;
}

enum jsonpath_result
jsonpath_misfit(struct jsonpath_run *run, enum sqlstate state, const char *fmt, ...)
{
	va_list ap;

	if (run->forgiving)
		return PATH_NOT_FOUND;
	va_start(ap, fmt);
	if (!run->silent)
		(void)fail_list(run, state, fmt, ap);
	va_end(ap);
	return PATH_ERROR;
}

bool
jsonpath_may_go_on(struct jsonpath_run *run)
{
	const struct sql_context *session = run->session;

	if (!run->fatal && ++run->asked % STRIDE == 0 && session->must_stop != NULL &&
	    session->must_stop(session->must_stop_arg))
		(void)jsonpath_end(run, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request");
	if (!run->fatal && run->depth > JSONPATH_RUN_DEPTH_MAX)
		(void)jsonpath_end(run, SQLSTATE_STATEMENT_TOO_COMPLEX,
		    "a jsonpath over a document of so many levels is not supported");
	return !run->fatal;
}

static bool
take_bytes(struct jsonpath_run *run, size_t n)
{
	run->bytes += n;
	if (run->bytes <= JSONPATH_BYTES_MAX)
		return true;
	(void)jsonpath_end(run, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return false;
}

bool
jsonpath_items_add(struct jsonpath_run *run, struct jsonpath_items *items, struct json_span item)
{
	size_t capacity = items->capacity * 2 + 8;
	struct json_span *list;

	if (item.at == NULL)
		return false;
	if (items->n == items->capacity) {
		if (!take_bytes(run, (capacity - items->capacity) * sizeof(*list)))
			return false;
		if ((list = realloc(items->list, capacity * sizeof(*list))) == NULL) {
			(void)jsonpath_end(run, SQLSTATE_OUT_OF_MEMORY, "out of memory");
			return false;
		}
		items->list = list;
		items->capacity = capacity;
	}
	items->list[items->n++] = item;
	return true;
}

void
jsonpath_items_free(struct jsonpath_items *items)
{
	free(items->list);
	*items = (struct jsonpath_items) { .list = NULL };
}

struct json_span
jsonpath_keep(struct jsonpath_run *run, const char *text, size_t length)
{
	struct jsonpath_text *kept =
	    take_bytes(run, sizeof(*kept) + length) ? malloc(sizeof(*kept) + length + 1) : NULL;

	if (kept == NULL) {
		(void)jsonpath_end(run, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return (struct json_span) { NULL, 0 };
	}
	memcpy(kept->text, text, length);
	kept->text[length] = '\0';
	kept->next = run->texts;
	run->texts = kept;
	return (struct json_span) { kept->text, length };
}

struct json_span
jsonpath_keep_string(struct jsonpath_run *run, const char *text, size_t length)
{
	struct pgwire_buffer quoted = { 0 };
	struct json_span span = json_span_quote(&quoted, text, length);

	if (span.at != NULL)
		span = jsonpath_keep(run, span.at, span.length);
	else
		(void)jsonpath_end(run, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	pgwire_buffer_free(&quoted);
	return span;
}

struct json_span
jsonpath_keep_integer(struct jsonpath_run *run, int64_t value)
{
	char text[TYPE_INTEGER_TEXT] = "";
	size_t length = type_write_integer(value, text);

	return jsonpath_keep(run, text, length);
}

/* Whether the answer is known, and nothing more is looked for. */
bool
jsonpath_is_settled(enum jsonpath_result result, const struct jsonpath_items *found)
{
	return result == PATH_ERROR || (result == PATH_OK && found == NULL);
}
