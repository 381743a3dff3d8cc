/*
 * CREATE FUNCTION's look at a body, and calls that are a whole statement: the arguments are read by a query of their
 * own, which is over before the routine's first statement runs; what the routine returns is put by, and handed out as
 * the client asks for it.
 */
#include "workers/sqlite/session/routine.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/types/codec.h"

/* ---- CREATE FUNCTION ---- */

static void
warn_of_shadows(struct session *session, const struct routine *routine)
{
	unsigned n = 0;

	while (routine != NULL && routine_shadow(routine, n) != NULL)
		n++;
	while (n-- > 0) {
		const char *name = routine_shadow(routine, n);

		session_warn(session, SQLSTATE_DUPLICATE_ALIAS, "variable \"%s\" shadows a previously defined variable",
		    name);
	}
}

static int
check_body(struct session *session, const struct schema_routine *routine, bool polymorphic, struct report *r)
{
	struct routine_parameter *parameters = routine_parameters(routine, r);
	const struct settings_values *values = settings_values(session->settings);
	struct routine_rows result = { 0 };
	struct routine_signature signature;
	struct routine *parsed;
	int status = -1;

	if (parameters == NULL)
		return -1;
	if (strcmp(routine->language, "plpgsql") == 0) {
		signature = routine_signature(routine, parameters);
		signature.shadows = (values->plpgsql_errors & SETTINGS_SHADOWED_VARIABLES) != 0 ? ROUTINE_SHADOWS_FAIL
		    : (values->plpgsql_warnings & SETTINGS_SHADOWED_VARIABLES) != 0		? ROUTINE_NOTES_SHADOWS
												: ROUTINE_MAY_SHADOW;
		parsed = routine_parse(routine->body, &signature, r);
		status = parsed == NULL ? -1 : 0;
		warn_of_shadows(session, parsed);
		routine_free(parsed);
	} else if (polymorphic) /* its types are known when it is called */
		status = 0;
	else if (routine_find_columns(session, routine, &result, r) == 0)
		status = routine_check_sql(session, routine, &result, r);
	routine_rows_free(&result);
	free(parameters);
	return status;
}

/* The plan's description of a routine as one that could have been loaded; it shares the plan's texts. */
static struct schema_routine
routine_of_plan(const struct dialect_plan *plan, struct schema_argument *arguments, struct schema_routine_option *row)
{
	struct schema_routine routine = { .name = plan->u.routine.name,
		.body = plan->u.routine.body,
		.language = plan->u.routine.language,
		.set = plan->u.routine.set,
		.result = plan->u.routine.result,
		.narguments = plan->u.routine.narguments,
		.arguments = arguments };

	*row = (struct schema_routine_option) { .name = (char *)(uintptr_t)SCHEMA_ROUTINE_ROW,
		.value = plan->u.routine.row };
	if (row->value != NULL) {
		routine.options = row;
		routine.noptions = 1;
	}
	for (unsigned i = 0; i < routine.narguments; i++) {
		arguments[i] = (struct schema_argument) { .name = plan->u.routine.arguments[i].name,
			.mode = plan->u.routine.arguments[i].mode,
			.oid = plan->u.routine.arguments[i].oid };
		routine.ninputs += schema_argument_is_in(&arguments[i]);
	}
	return routine;
}

/* Whether bodies are looked at. -1: reported. */
static int
checks_bodies(struct session *session, struct report *r)
{
	const char *checks = settings_get(session->settings, "check_function_bodies", r);

	return checks == NULL ? -1 : strcmp(checks, "on") == 0;
}

/* What a function sets must be what the setting can be, and holds while its body is looked at. */
static int
check_with_sets(struct session *session, const struct dialect_plan *plan, unsigned i,
    const struct schema_routine *routine, struct report *r)
{
	const char *set = i < plan->u.routine.nsets ? plan->u.routine.sets[i] : NULL;
	const char *equals = set == NULL ? NULL : strchr(set, '=');
	char *name = equals == NULL ? NULL : strndup(set, (size_t)(equals - set)), *kept;
	int status;

	if (set == NULL) {
		routine_apply_settings(session);
		return check_body(session, routine, plan->u.routine.polymorphic, r);
	}
	if (name == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if ((status = settings_begin_local(session->settings, name, equals + 1, &kept, r)) == 0) {
		status = check_with_sets(session, plan, i + 1, routine, r);
		settings_end_local(session->settings, name, kept);
		if (session->connection != NULL)
			routine_apply_settings(session);
	}
	free(name);
	return status;
}

enum portal_result
routine_command_create(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	struct schema_argument *arguments = calloc(plan->u.routine.narguments + 1, sizeof(*arguments));
	struct schema_routine_option row;
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
	routine = routine_of_plan(plan, arguments, &row);
	if ((status = checks_bodies(session, r)) >= 0)
		status = check_with_sets(session, plan, status == 1 ? 0 : plan->u.routine.nsets, &routine, r);
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

/* The values of the query of the arguments. */
static struct routine_value *
read_arguments(struct session *session, struct portal *portal, const struct schema_routine *routine, struct report *r)
{
	struct routine_value *arguments = calloc(routine->ninputs + 1, sizeof(*arguments));
	unsigned n = 0;
	int code;

	if (arguments == NULL) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	if (portal_bind_now(session, portal, r) == -1) {
		free(arguments);
		return NULL;
	}
	if ((code = portal_step(session, portal)) != SQLITE_ROW)
		(void)connection_report(session->connection, code, portal->shared->plan, r);
	for (unsigned i = 0; i < routine->narguments && code == SQLITE_ROW; i++) {
		if (!schema_argument_is_in(&routine->arguments[i]))
			continue;
		arguments[n].oid = routine->arguments[i].oid;
		arguments[n].typmod = -1;
		if (routine_take_value(session, portal->statement->stmt, (int)n, arguments[n].oid, &arguments[n].value,
			r) == -1)
			code = SQLITE_ERROR;
		n++;
	}
	portal_release_statement(session, portal);
	if (code == SQLITE_ROW)
		return arguments;
	free_arguments(arguments, n);
	return NULL;
}

int
routine_put_rows(struct session *session, struct portal *portal, const struct routine_rows *rows, struct report *r)
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
		return portal->discards ? 0 : routine_put_rows(session, portal, rows, r);
	}
	session->out = (struct pgwire_buffer) { .data = NULL };
	status = routine_put_rows(session, portal, rows, r);
	portal->held = session->out;
	session->out = saved;
	portal->is_held = true;
	atomic_fetch_add(&session->sqlite->held_bytes, pgwire_buffer_length(&portal->held));
	return status;
}

static int
call(struct session *session, struct portal *portal, const struct routine_kept *kept, struct report *r)
{
	const struct schema_routine *routine = &kept->routine;
	struct routine_rows result = { 0 };
	struct routine_value *arguments;
	int status = -1;

	if ((arguments = read_arguments(session, portal, routine, r)) == NULL)
		return -1;
	if (routine_set_result(kept, portal->shared->plan->u.routine.types, &result, r) == 0 &&
	    routine_run_kept(session, kept, arguments, &result, r) == 0)
		status = answer(session, portal, &result, r);
	routine_rows_free(&result);
	free_arguments(arguments, routine->ninputs);
	return status;
}

enum portal_result
routine_command_call(struct session *session, struct portal *portal, struct report *r)
{
	enum transaction_result result;
	struct routine_kept *kept;
	int status = -1;

	portal_release_statement(session, portal);
	if ((result = routine_begin(session, r)) != TRANSACTION_READY)
		return result == TRANSACTION_WAITS ? PORTAL_WAITS : PORTAL_FAILED;
	if (session->routine_calls >= ROUTINE_CALLS_MAX) {
		(void)report_set(r, SQLSTATE_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
		return PORTAL_FAILED;
	}
	if ((kept = routine_keep(session, portal->shared->plan->u.routine.oid, portal->shared->plan->u.routine.types,
		 r)) == NULL)
		return PORTAL_FAILED;
	session->routine_calls++;
	status = call(session, portal, kept, r);
	session->routine_calls--;
	routine_let_go(session, kept);
	return command_result(portal, status);
}
