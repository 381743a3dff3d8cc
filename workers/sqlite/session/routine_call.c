/*
 * CREATE FUNCTION's look at a body, and calls that are a whole statement: the arguments are read by a query of their
 * own, which is over before the routine's first statement runs; what the routine returns is put by, and handed out as
 * the client asks for it.
 */
#include "workers/sqlite/session/routine.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/types/codec.h"

/* Calls within each other: each takes some KiB of a stack of 256 MiB. */
#define ROUTINE_CALLS_MAX 200

/* ---- what a routine is, for routines/ ---- */

static bool
is_out(char mode)
{
	return mode == 'o' || mode == 'b' || mode == 't';
}

/* malloc'ed; its texts are the routine's. */
static struct routine_parameter *
parameters_of(const struct schema_routine *routine, struct report *r)
{
	struct routine_parameter *parameters = calloc(routine->narguments + 1, sizeof(*parameters));

	if (parameters == NULL)
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < routine->narguments && parameters != NULL; i++)
		parameters[i] = (struct routine_parameter) { .name = routine->arguments[i].name,
			.oid = routine->arguments[i].oid,
			.in = schema_argument_is_in(&routine->arguments[i]),
			.out = schema_argument_is_out(&routine->arguments[i]) };
	return parameters;
}

static struct routine_signature
signature_of(const struct schema_routine *routine, const struct routine_parameter *parameters)
{
	return (struct routine_signature) { .name = routine->name,
		.nparameters = routine->narguments,
		.parameters = parameters,
		.result = routine->result,
		.returns = routine->set		   ? ROUTINE_RETURNS_SET
		    : routine->result == TYPE_VOID ? ROUTINE_RETURNS_NOTHING
						   : ROUTINE_RETURNS_VALUE };
}

/* ---- SQL-language bodies ---- */

struct sql_body {
	struct session *session;
	const struct schema_routine *routine;
	const struct routine_value *arguments;
	struct dialect_variables variables;
	const struct routine_value **values;
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
			list[n].qualifier = routine->name;
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
	if (last && body->routine->result != TYPE_RECORD && body->routine->result != TYPE_VOID)
		variables.assigned = body->routine->result;
	variables.assigned_typmod = -1;
	call.sql = text;
	rows->discards = !last;
	status = host.run(host.arg, &call, rows, r);
	free(text);
	r->position = 0;
	return status;
}

/* What the last statement answers must be what the routine returns. */
static int
check_answer(const struct sql_body *body, const struct routine_rows *rows, const struct routine_rows *result,
    struct report *r)
{
	if (body->routine->result == TYPE_VOID)
		return 0;
	if (!rows->answers || rows->ncolumns != result->ncolumns) {
		(void)report_set(r, SQLSTATE_INVALID_FUNCTION_DEFINITION,
		    "return type mismatch in function declared to return %s", type_error_name(body->routine->result));
		return -1;
	}
	for (unsigned i = 0; i < rows->ncolumns; i++)
		if (rows->columns[i].oid != result->columns[i].oid)
			return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "a function in SQL whose last statement answers other types than it returns is not "
			    "supported on SQLite: cast them");
	return 0;
}

static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n\f\v;")] == '\0';
}

static int
run_sql_body(struct sql_body *body, struct routine_rows *result, struct report *r)
{
	const char *sql = body->routine->body;
	struct dialect_text text = { 0 };
	struct routine_rows rows = { 0 };
	size_t length = strlen(sql), at = 0;
	bool last = false;
	int status = name_parameters(body, r);

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
	for (size_t row = 0; status == 0 && !body->describes && row < rows.nrows && body->routine->result != TYPE_VOID;
	     row++)
		status = routine_rows_add(result, &rows, row, r);
	routine_rows_free(&rows);
	free((void *)(uintptr_t)body->variables.list);
	free(body->values);
	return status;
}

/* ---- CREATE FUNCTION ---- */

static int
result_columns(const struct schema_routine *routine, struct routine_rows *result, struct report *r)
{
	unsigned n = 0;

	if ((result->columns = calloc(routine->narguments + 1, sizeof(*result->columns))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < routine->narguments; i++)
		if (is_out(routine->arguments[i].mode))
			result->columns[n++] = (struct routine_column) { .name = strdup(routine->arguments[i].name),
				.oid = routine->arguments[i].oid,
				.typmod = -1 };
	if (n == 0)
		result->columns[n++] =
		    (struct routine_column) { .name = strdup(routine->name), .oid = routine->result, .typmod = -1 };
	result->ncolumns = n;
	return 0;
}

static int
check_body(struct session *session, const struct schema_routine *routine, struct report *r)
{
	struct routine_parameter *parameters = parameters_of(routine, r);
	struct sql_body body = { .session = session, .routine = routine, .describes = true };
	struct routine_rows result = { 0 };
	struct routine_signature signature;
	struct routine *parsed;
	int status = -1;

	if (parameters == NULL)
		return -1;
	if (strcmp(routine->language, "plpgsql") == 0) {
		signature = signature_of(routine, parameters);
		parsed = routine_parse(routine->body, &signature, r);
		status = parsed == NULL ? -1 : 0;
		routine_free(parsed);
	} else if (result_columns(routine, &result, r) == 0)
		status = run_sql_body(&body, &result, r);
	routine_rows_free(&result);
	free(parameters);
	return status;
}

/* The plan's description of a routine as one that could have been loaded; it shares the plan's texts. */
static struct schema_routine
routine_of_plan(const struct dialect_plan *plan, struct schema_argument *arguments)
{
	struct schema_routine routine = { .name = plan->u.routine.name,
		.body = plan->u.routine.body,
		.language = plan->u.routine.language,
		.set = plan->u.routine.set,
		.result = plan->u.routine.result,
		.narguments = plan->u.routine.narguments,
		.arguments = arguments };

	for (unsigned i = 0; i < routine.narguments; i++) {
		arguments[i] = (struct schema_argument) { .name = plan->u.routine.arguments[i].name,
			.mode = plan->u.routine.arguments[i].mode,
			.oid = plan->u.routine.arguments[i].oid };
		routine.ninputs += schema_argument_is_in(&arguments[i]);
	}
	return routine;
}

enum portal_result
routine_command_create(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	struct schema_argument *arguments = calloc(plan->u.routine.narguments + 1, sizeof(*arguments));
	struct schema_routine routine;
	enum transaction_result result;
	int status;

	if (arguments == NULL) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return PORTAL_FAILED;
	}
	portal_release_statement(session, portal);
	if ((result = transaction_before_write(session, TRANSACTION_DEFINES, r)) != TRANSACTION_READY) {
		free(arguments);
		return result == TRANSACTION_WAITS ? PORTAL_WAITS : PORTAL_FAILED;
	}
	routine = routine_of_plan(plan, arguments);
	status = check_body(session, &routine, r);
	free(arguments);
	return status == -1 ? PORTAL_FAILED : command_define(session, portal, r);
}

/* ---- calls ---- */

static void
free_arguments(struct routine_value *arguments, unsigned n)
{
	for (unsigned i = 0; i < n && arguments != NULL; i++)
		type_value_free(&arguments[i].value);
	free(arguments);
}

/* The values of the query of the arguments. *null: one is null. */
static struct routine_value *
read_arguments(struct session *session, struct portal *portal, const struct schema_routine *routine, bool *null,
    struct report *r)
{
	struct routine_value *arguments = calloc(routine->ninputs + 1, sizeof(*arguments));
	unsigned n = 0;
	int code;

	*null = false;
	if (arguments == NULL) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	if (portal_bind_now(session, portal, r) == -1) {
		free(arguments);
		return NULL;
	}
	if ((code = statement_step(portal->statement->stmt)) != SQLITE_ROW)
		(void)connection_report(session->connection, code, portal->shared->plan, r);
	for (unsigned i = 0; i < routine->narguments && code == SQLITE_ROW; i++) {
		if (!schema_argument_is_in(&routine->arguments[i]))
			continue;
		arguments[n].oid = routine->arguments[i].oid;
		arguments[n].typmod = -1;
		if (routine_take_value(session, portal->statement->stmt, (int)n, arguments[n].oid, &arguments[n].value,
			r) == -1)
			code = SQLITE_ERROR;
		*null |= arguments[n].value.kind == SQLITE_NULL;
		n++;
	}
	portal_release_statement(session, portal);
	if (code == SQLITE_ROW)
		return arguments;
	free_arguments(arguments, n);
	return NULL;
}

static int
run_routine(struct session *session, const struct schema_routine *routine, const struct routine_value *arguments,
    struct routine_rows *result, struct report *r)
{
	struct sql_body body = { .session = session, .routine = routine, .arguments = arguments };
	const struct routine_host host = routine_host(session);
	struct routine_parameter *parameters;
	struct routine_signature signature;
	struct routine *parsed;
	int status = -1;

	if (strcmp(routine->language, "sql") == 0)
		return run_sql_body(&body, result, r);
	if ((parameters = parameters_of(routine, r)) == NULL)
		return -1;
	signature = signature_of(routine, parameters);
	if ((parsed = routine_parse(routine->body, &signature, r)) != NULL)
		status = routine_run(parsed, &host, arguments, result, r);
	routine_free(parsed);
	free(parameters);
	return status;
}

/* One that returns one value has one row, be it of nulls; void is an empty text. */
static int
complete_result(const struct schema_routine *routine, struct routine_rows *result, struct report *r)
{
	struct type_value cells[100] = { { .kind = SQLITE_NULL } };
	struct routine_rows one = { .ncolumns = result->ncolumns,
		.columns = result->columns,
		.nrows = 1,
		.cells = cells };

	if (routine->set || result->nrows > 0 || result->ncolumns > 100)
		return 0;
	for (unsigned i = 0; i < result->ncolumns; i++)
		cells[i].kind = SQLITE_NULL;
	if (routine->result == TYPE_VOID && strcmp(routine->language, "sql") != 0)
		cells[0] = (struct type_value) { .kind = SQLITE_TEXT, .bytes = "" };
	return routine_rows_add(result, &one, 0, r);
}

/* Rows that are in memory, as those of a statement of SQLite's: by a query of its parameters. */
static int
put_rows(struct session *session, struct portal *portal, const struct routine_rows *rows, struct report *r)
{
	char sql[256] = "SELECT ?", *end = sql + strlen(sql);
	int status = 0, code = SQLITE_OK;

	for (unsigned i = 1; i < rows->ncolumns && end + 3 < sql + sizeof(sql); i++)
		end = stpcpy(end, ",?");
	if ((portal->statement = calloc(1, sizeof(*portal->statement))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	portal->statement->shared = statement_plan_share(portal->shared);
	code = sqlite3_prepare_v2(session->connection->db, sql, -1, &portal->statement->stmt, NULL);
	for (size_t row = 0; row < rows->nrows && status == 0 && code == SQLITE_OK; row++) {
		sqlite3_stmt *stmt = portal->statement->stmt;

		for (unsigned i = 0; i < rows->ncolumns && code == SQLITE_OK; i++)
			code = type_bind(stmt, (int)i + 1, &rows->cells[row * rows->ncolumns + i], true);
		if (code == SQLITE_OK && (code = statement_step(stmt)) == SQLITE_ROW)
			status = (portal->put_row != NULL ? portal->put_row : portal_put_row)(session, portal, r);
		code = code == SQLITE_ROW ? sqlite3_reset(stmt) : code;
	}
	if (code != SQLITE_OK)
		status = connection_report(session->connection, code, NULL, r);
	portal_release_statement(session, portal);
	return status;
}

/* To a client rows go as it asks for them: they are put by until then. */
static int
answer(struct session *session, struct portal *portal, const struct routine_rows *rows, struct report *r)
{
	struct pgwire_buffer saved = session->out;
	int status;

	if (!portal->shared->plan->has_rows)
		return 0;
	if (portal->put_row != NULL || portal->discards) {
		portal->rows += rows->nrows;
		return portal->discards ? 0 : put_rows(session, portal, rows, r);
	}
	session->out = (struct pgwire_buffer) { .data = NULL };
	status = put_rows(session, portal, rows, r);
	portal->held = session->out;
	session->out = saved;
	portal->is_held = true;
	atomic_fetch_add(&session->sqlite->held_bytes, pgwire_buffer_length(&portal->held));
	return status;
}

static int
call(struct session *session, struct portal *portal, const struct schema_routine *routine, struct report *r)
{
	struct routine_rows result = { 0 };
	struct routine_value *arguments;
	bool null;
	int status = -1;

	if ((arguments = read_arguments(session, portal, routine, &null, r)) == NULL)
		return -1;
	if (result_columns(routine, &result, r) == 0 &&
	    ((routine->strict && null) || run_routine(session, routine, arguments, &result, r) == 0) &&
	    complete_result(routine, &result, r) == 0)
		status = answer(session, portal, &result, r);
	routine_rows_free(&result);
	free_arguments(arguments, routine->ninputs);
	return status;
}

enum portal_result
routine_command_call(struct session *session, struct portal *portal, struct report *r)
{
	struct schema_routine routine = { 0 };
	enum transaction_result result;
	bool internal, found;
	int status = -1;

	portal_release_statement(session, portal);
	if ((result = routine_begin(session, r)) != TRANSACTION_READY)
		return result == TRANSACTION_WAITS ? PORTAL_WAITS : PORTAL_FAILED;
	internal = session->connection->context.internal;
	session->connection->context.internal = true;
	found = schema_routine_load(session->connection->db, portal->shared->plan->u.routine.oid, &routine);
	session->connection->context.internal = internal;
	if (!found)
		(void)report_set(r, SQLSTATE_UNDEFINED_FUNCTION, "the function does not exist any more");
	else if (session->routine_calls >= ROUTINE_CALLS_MAX)
		(void)report_set(r, SQLSTATE_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
	else {
		session->routine_calls++;
		status = call(session, portal, &routine, r);
		session->routine_calls--;
	}
	schema_routine_clear(&routine);
	return command_result(portal, status);
}
