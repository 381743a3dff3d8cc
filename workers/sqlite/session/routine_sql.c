/*
 * Runs the body of a function that is written in SQL: its statements one by one, the last of which answers.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/session/routine.h"
#include "workers/sqlite/session/session.h"
#include "workers/sqlite/types/codec.h"

struct sql_body {
	struct session *session;
	const struct schema_routine *routine;
	const struct routine_value *arguments;
	struct dialect_variables variables;
	const struct routine_value **values;
	unsigned nreturned; /* columns of the result, and their types */
	uint32_t *returned;
	int32_t *returned_typmods;
	bool describes;
};

/* Each parameter by its name and its number; columns go before them. */
static int
name_parameters(struct sql_body *body, struct report *r)
{
	const struct schema_routine *routine = body->routine;
	struct dialect_variable *list = calloc(2 * routine->narguments + 1, sizeof(*list));
	unsigned n = 0, input = 0;

	body->values = calloc(2 * routine->narguments + 1, sizeof(*body->values));
	body->variables.list = list;
	if (list == NULL || body->values == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < routine->narguments; i++) {
		static const char *const numbers[] = { "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10",
			"$11", "$12", "$13", "$14", "$15", "$16" };
		const struct routine_value *value = body->arguments == NULL ? NULL : &body->arguments[input];

		if (!schema_argument_is_in(&routine->arguments[i]))
			continue;
		if (input == sizeof(numbers) / sizeof(numbers[0]))
			return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "more than 16 parameters of a function in SQL are not supported on SQLite");
		list[n] = (struct dialect_variable) { .name = numbers[input],
			.oid = routine->arguments[i].oid,
			.typmod = -1 };
		body->values[n++] = value;
		if (routine->arguments[i].name[0] != '\0') {
			list[n] = list[n - 1];
			list[n].qualifier = namespace_relation(routine->name);
			list[n].name = routine->arguments[i].name;
			body->values[n++] = value;
		}
		input++;
	}
	body->variables.n = n;
	body->variables.columns_first = true;
	return 0;
}

static int
fail_return(const struct sql_body *body, struct report *r)
{
	return report_set(r, SQLSTATE_INVALID_FUNCTION_DEFINITION,
	    "return type mismatch in function declared to return %s", type_error_name(body->routine->result));
}

static int
run_sql_statement(struct sql_body *body, const char *sql, size_t length, bool last, struct routine_rows *rows,
    struct report *r)
{
	const struct routine_host host = routine_host(body->session);
	struct dialect_variables variables = body->variables;
	struct routine_call call = { .variables = &variables,
		.values = body->values,
		.bytes_left = ROUTINE_ROWS_BYTES,
		.describes = body->describes,
		.wanted = last && !body->routine->set ? 1 : 0 };
	char *text = strndup(sql, length);
	int status;

	if (text == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	variables.assigned_typmod = -1;
	if (last && body->routine->result != TYPE_VOID) {
		variables.nreturned = body->nreturned;
		variables.returned = body->returned;
		variables.returned_typmods = body->returned_typmods;
		variables.returns_set = body->routine->set;
		variables.returns_record = body->routine->result == TYPE_RECORD;
	}
	call.sql = text;
	rows->discards = !last;
	status = host.run(host.arg, &call, rows, r);
	free(text);
	r->position = 0;
	if (status == -1 && variables.mismatched &&
	    (r->state == SQLSTATE_DATATYPE_MISMATCH || r->state == SQLSTATE_CANNOT_COERCE)) {
		report_reset(r);
		return fail_return(body, r);
	}
	return status;
}

/* What the last statement answers must be what the routine returns. */
static int
check_answer(const struct sql_body *body, const struct routine_rows *rows, const struct routine_rows *result,
    struct report *r)
{
	if (body->routine->result == TYPE_VOID)
		return 0;
	/* One that returns record says what its columns are where it is called, or where nobody asks, then. */
	if (result->ncolumns == 0 && rows->answers)
		return 0;
	if (!rows->answers || rows->ncolumns != result->ncolumns)
		return fail_return(body, r);
	for (unsigned i = 0; i < rows->ncolumns; i++) {
		if (rows->columns[i].oid == result->columns[i].oid)
			continue;
		/* The fields of a row alone, which are what they are when it is called. */
		if (body->routine->result == TYPE_RECORD)
			return body->describes ? 0
					       : report_set(r, SQLSTATE_DATATYPE_MISMATCH,
						     "function return row and query-specified return row do not match");
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a function in SQL whose last statement answers other types than it returns is not "
		    "supported on SQLite: cast them");
	}
	return 0;
}

static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n\f\v;")] == '\0';
}

/* The types of the result and their lengths, which the last statement is brought to. */
static int
set_returned(struct sql_body *body, const struct routine_rows *result, struct report *r)
{
	body->nreturned = result->ncolumns;
	body->returned = calloc(result->ncolumns + 1, sizeof(*body->returned));
	body->returned_typmods = calloc(result->ncolumns + 1, sizeof(*body->returned_typmods));
	if (body->returned == NULL || body->returned_typmods == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < result->ncolumns; i++) {
		body->returned[i] = result->columns[i].oid;
		body->returned_typmods[i] = result->columns[i].typmod;
	}
	return 0;
}

static int
run_sql_body(struct sql_body *body, struct routine_rows *result, struct report *r)
{
	const char *sql = body->routine->body;
	struct dialect_text text = { 0 };
	struct routine_rows rows = { 0 };
	size_t length = strlen(sql), at = 0, wanted;
	bool last = false;
	int status = name_parameters(body, r);

	if (status == 0)
		status = set_returned(body, result, r);
	while (status == 0 && !last && at < length) {
		if ((status = dialect_lex(sql, length, at, &text, r)) == -1)
			break;
		last = text.next >= length || is_blank(sql + text.next);
		at = text.next;
		routine_rows_free(&rows);
		if (!text.empty)
			status = run_sql_statement(body, text.sql, text.length, last, &rows, r);
	}
	dialect_text_free(&text);
	if (status == 0)
		status = check_answer(body, &rows, result, r);
	wanted = body->describes || body->routine->result == TYPE_VOID ? 0
	    : body->routine->set || rows.nrows == 0		       ? rows.nrows
								       : 1;
	for (size_t row = 0; status == 0 && row < wanted; row++)
		status = routine_rows_add(result, &rows, row, r);
	routine_rows_free(&rows);
	free((void *)(uintptr_t)body->variables.list);
	free(body->values);
	free(body->returned);
	free(body->returned_typmods);
	return status;
}

int
routine_run_sql(struct session *session, const struct schema_routine *routine, const struct routine_value *arguments,
    struct routine_rows *result, struct report *r)
{
	struct sql_body body = { .session = session, .routine = routine, .arguments = arguments };

	return run_sql_body(&body, result, r);
}

int
routine_check_sql(struct session *session, const struct schema_routine *routine, struct routine_rows *result,
    struct report *r)
{
	struct sql_body body = { .session = session, .routine = routine, .describes = true };

	return run_sql_body(&body, result, r);
}
