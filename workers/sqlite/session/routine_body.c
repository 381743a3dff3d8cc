/*
 * Runs a function of the file with its arguments, under the role and the settings that it asks for; and says what its
 * result looks like.
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

	for (unsigned i = regime->n; i-- > 0;) {
		settings_end_local(session->settings, regime->sets[i].name, regime->sets[i].kept);
		free(regime->sets[i].name);
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
					      : routine_run_sql(session, routine, arguments, result, r);
	end_regime(&regime);
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): end_regime has freed each name */
	return status == 0 ? complete_result(routine, result, r) : -1;
}
