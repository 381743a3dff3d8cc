/*
 * Runs the body of a function, of SQL or of PL/pgSQL, with its arguments; and what its result looks like.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/session/routine.h"
#include "workers/sqlite/session/session.h"
#include "workers/sqlite/types/codec.h"

/* ---- what a routine is, for routines/ ---- */

struct routine_parameter *
routine_parameters(const struct schema_routine *routine, struct report *r)
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

struct routine_signature
routine_signature(const struct schema_routine *routine, const struct routine_parameter *parameters)
{
	return (struct routine_signature) { .name = namespace_relation(routine->name),
		.nparameters = routine->narguments,
		.parameters = parameters,
		.result = routine->result,
		.returns = routine->set		      ? ROUTINE_RETURNS_SET
		    : routine->result == TYPE_TRIGGER ? ROUTINE_RETURNS_TRIGGER
		    : routine->result == TYPE_VOID    ? ROUTINE_RETURNS_NOTHING
						      : ROUTINE_RETURNS_VALUE };
}

/* ---- SQL-language bodies ---- */

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
routine_check_sql(struct session *session, const struct schema_routine *routine, struct routine_rows *result,
    struct report *r)
{
	struct sql_body body = { .session = session, .routine = routine, .describes = true };

	return run_sql_body(&body, result, r);
}

/* ---- what comes back ---- */

static int
set_columns(struct routine_rows *result, const struct routine_column *columns, unsigned n, struct report *r)
{
	if ((result->columns = calloc(n + 1, sizeof(*result->columns))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < n; i++) {
		result->columns[i] = columns[i];
		if ((result->columns[i].name = strdup(columns[i].name == NULL ? "" : columns[i].name)) == NULL)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		result->ncolumns = i + 1;
	}
	return 0;
}

/* The schema forgets what it has read whenever another session has changed it: it may read the relation now, which is
 * bibd's own doing and not the client's. */
static struct schema_routine_column *
read_known(struct connection *connection, const struct schema_routine *routine, unsigned *n, struct report *r)
{
	bool internal = connection->context.internal;
	struct schema_routine_column *known;
	int failure;

	(void)schema_take_failure(connection->schema);
	connection->context.internal = true;
	known = schema_routine_columns(connection->schema, routine, n);
	connection->context.internal = internal;
	if (known != NULL)
		return known;
	if ((failure = schema_take_failure(connection->schema)) != SQLITE_OK)
		(void)connection_report(connection, failure, NULL, r);
	else
		(void)report_set(r, SQLSTATE_UNDEFINED_TABLE, "the relation whose rows the function returns is gone");
	return NULL;
}

int
routine_find_columns(struct session *session, const struct schema_routine *routine, struct routine_rows *result,
    struct report *r)
{
	unsigned n;
	struct schema_routine_column *known = read_known(session->connection, routine, &n, r);
	struct routine_column *columns = known == NULL ? NULL : calloc(n + 1, sizeof(*columns));
	int status = -1;

	if (known != NULL && columns == NULL)
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	else if (known != NULL) {
		for (unsigned i = 0; i < n; i++)
			columns[i] = (struct routine_column) { .name = (char *)(uintptr_t)known[i].name,
				.oid = known[i].oid,
				.typmod = known[i].typmod };
		status = set_columns(result, columns, n, r);
	}
	free(columns);
	free(known);
	return status;
}

/* The columns that the statement was translated for: those of a function that returns record are in its call. */
static struct routine_column *
columns_of_types(const char *types, unsigned *n, struct report *r)
{
	struct routine_column *columns = calloc(strlen(types) / 2 + 2, sizeof(*columns));
	char *end = NULL;

	*n = 0;
	if (columns == NULL)
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	types += types[0] == 'r';
	while (columns != NULL && *types != '\0' && *types != '/') {
		columns[*n] = (struct routine_column) { .oid = (uint32_t)strtoul(types, &end, 10), .typmod = -1 };
		if (end == types)
			break;
		if (*end == ':')
			columns[*n].typmod = (int32_t)strtol(end + 1, &end, 10);
		(*n)++;
		types = end + strspn(end, " ");
	}
	return columns;
}

/* A view keeps the types of the function as it was when the view was made. */
int
routine_set_result(const struct routine_kept *kept, const char *types, struct routine_rows *result, struct report *r)
{
	unsigned n;
	struct routine_column *columns = columns_of_types(types, &n, r);
	bool same = columns != NULL && (kept->ncolumns == 0 || kept->ncolumns == n);
	int status = -1;

	for (unsigned i = 0; same && i < kept->ncolumns; i++)
		same = kept->columns[i].oid == columns[i].oid;
	if (columns != NULL && !same)
		(void)report_set(r, SQLSTATE_DATATYPE_MISMATCH,
		    "function return row and query-specified return row do not match");
	else if (columns != NULL)
		status = n == 0 ? 0 : set_columns(result, kept->ncolumns == 0 ? columns : kept->columns, n, r);
	free(columns);
	return status;
}

/* One that returns one value has one row, be it of nulls; void is an empty text. */
static int
complete_result(const struct schema_routine *routine, struct routine_rows *result, struct report *r)
{
	struct routine_rows one = { .ncolumns = result->ncolumns, .columns = result->columns, .nrows = 1 };
	int status;

	if (routine->set || result->nrows > 0)
		return 0;
	result->null_row = schema_routine_is_row(routine);
	if (result->null_row && result->ncolumns == 0)
		return 0;
	if ((one.cells = calloc(one.ncolumns + 1, sizeof(*one.cells))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < result->ncolumns; i++)
		one.cells[i].kind = SQLITE_NULL;
	if (routine->result == TYPE_VOID && strcmp(routine->language, "sql") != 0)
		one.cells[0] = (struct type_value) { .kind = SQLITE_TEXT, .bytes = "" };
	status = routine_rows_add(result, &one, 0, r);
	free(one.cells);
	return status;
}

static bool
has_null(const struct schema_routine *routine, const struct routine_value *arguments)
{
	for (unsigned i = 0; i < routine->ninputs; i++)
		if (arguments[i].value.kind == SQLITE_NULL)
			return true;
	return false;
}

/* ---- what holds while it runs ---- */

#define SETS_MAX 64

/* The role and the settings of a function, and what they were. */
struct regime {
	struct session *session;
	bool steady, definer;
	unsigned n;
	struct {
		char *name, *kept;
	} sets[SETS_MAX];
};

void
routine_apply_settings(struct session *session)
{
	struct sql_context *context = &session->connection->context;

	context->role = session->routine_definer ? ROLE_ADMIN : session->task.role;
	context->user = role_names[context->role];
	session_type_settings(session, &context->types);
}

/* "name=value" */
static int
begin_set(struct regime *regime, const char *option, struct report *r)
{
	const char *equals = strchr(option, '=');
	char *name = equals == NULL ? NULL : strndup(option, (size_t)(equals - option));

	if (name == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (settings_begin_local(regime->session->settings, name, equals + 1, &regime->sets[regime->n].kept, r) == -1) {
		free(name);
		return -1;
	}
	regime->sets[regime->n++].name = name;
	return 0;
}

static int
begin_regime(struct regime *regime, struct session *session, const struct schema_routine *routine, struct report *r)
{
	int status = 0;

	*regime = (struct regime) { .session = session,
		.steady = session->routine_steady,
		.definer = session->routine_definer };
	session->routine_steady = routine->volatility != 'v';
	for (unsigned i = 0; status == 0 && i < routine->noptions && regime->n < SETS_MAX; i++)
		if (strcmp(routine->options[i].name, SCHEMA_ROUTINE_SET) == 0)
			status = begin_set(regime, routine->options[i].value, r);
	session->routine_definer |= schema_routine_option(routine, SCHEMA_ROUTINE_DEFINER) != NULL;
	if (regime->n > 0 || session->routine_definer != regime->definer)
		routine_apply_settings(session);
	return status;
}

static void
end_regime(struct regime *regime)
{
	struct session *session = regime->session;
	bool changed = regime->n > 0 || session->routine_definer != regime->definer;

	while (regime->n-- > 0) {
		settings_end_local(session->settings, regime->sets[regime->n].name, regime->sets[regime->n].kept);
		free(regime->sets[regime->n].name);
	}
	session->routine_steady = regime->steady;
	session->routine_definer = regime->definer;
	/* An error may have taken the connection. */
	if (changed && session->connection != NULL)
		routine_apply_settings(session);
}

int
routine_run_kept(struct session *session, const struct routine_kept *kept, const struct routine_value *arguments,
    struct routine_rows *result, struct report *r)
{
	const struct schema_routine *routine = &kept->routine;
	struct sql_body body = { .session = session, .routine = routine, .arguments = arguments };
	const struct routine_host host = routine_host(session);
	struct regime regime;
	int status;

	if (routine->result == TYPE_TRIGGER)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "trigger functions can only be called as triggers");
	if (routine->strict && has_null(routine, arguments))
		return complete_result(routine, result, r);
	status = begin_regime(&regime, session, routine, r);
	if (status == 0)
		status = kept->parsed != NULL ? routine_run(kept->parsed, &host, arguments, result, r)
					      : run_sql_body(&body, result, r);
	end_regime(&regime);
	return status == 0 ? complete_result(routine, result, r) : -1;
}
