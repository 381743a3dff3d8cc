/*
 * Calls of functions within a statement that SQLite runs: an expression's, or one of FROM. The function's own
 * statements are run by portals on the same connection, in the transaction and the snapshot of the statement around
 * them.
 *
 * PostgreSQL's rule is that a statement does not see what functions within it change, and a function that is not
 * VOLATILE does not see what the statement around it has changed so far. SQLite has one state for all. Where the
 * difference could show, which is where one side changes a table that the other reads or changes too, the function's
 * statement is refused before it runs. What is left answers the same.
 */
#include "workers/sqlite/session/routine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/session/fire.h"
#include "workers/sqlite/session/kept_cursor.h"
#include "workers/sqlite/session/session.h"

/* ---- what may run ---- */

static int
refuse(struct report *r, const char *what)
{
	return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "a function that %s, in a call within another statement, is not supported on SQLite", what);
}

static bool
changes(const struct statement *statement)
{
	return statement != NULL && statement->tables.lengths[STATEMENT_CHANGES] > 0;
}

static int
check_beside(const struct portal *around, const struct statement *statement, struct report *r)
{
	const struct statement_tables *outer = &around->statement->tables, *inner = &statement->tables;

	if (changes(statement) && changes(around->statement))
		return refuse(r, "changes rows while rows are changed");
	if (statement_tables_meet(outer, STATEMENT_READS, inner, STATEMENT_CHANGES))
		return refuse(r, "changes a table which is being read");
	/* Of one row that is inserted nothing is there yet. */
	if (!around->shared->plan->inserts_one &&
	    statement_tables_meet(outer, STATEMENT_CHANGES, inner, STATEMENT_READS))
		return refuse(r, "reads a table which is being changed");
	return 0;
}

/* Within DDL, which has no portal (old rows are checked, an index is made): `defined` is the table that it is about. */
static int
check_defining(const char *defined, const struct statement *statement, struct report *r)
{
	if (changes(statement))
		return refuse(r, "changes rows for a definition");
	if (statement->tables.lengths[STATEMENT_READS] > 0 &&
	    (defined == NULL || statement_tables_have(&statement->tables, STATEMENT_READS, defined)))
		return refuse(r, "reads the table that is defined");
	return 0;
}

/* A trigger may not change the definition of a relation whose rows are being changed. */
static int
check_in_use(const struct session *session, const struct dialect_plan *plan, struct report *r)
{
	static const char *const tags[] = { "ALTER TABLE", "DROP TABLE", "CREATE INDEX", "TRUNCATE TABLE" };

	for (size_t i = 0; plan->target != NULL && i < sizeof(tags) / sizeof(tags[0]); i++)
		if (strcmp(plan->tag, tags[i]) == 0 && fire_is_firing(session, plan->target))
			return report_set(r, SQLSTATE_OBJECT_IN_USE,
			    "cannot %s \"%s\" because it is being used by active queries in this session", plan->tag,
			    namespace_relation(plan->target));
	return 0;
}

int
routine_check_statement(struct session *session, const struct portal *portal, struct report *r)
{
	const struct statement *statement = portal->statement;
	enum dialect_kind kind = portal->shared->plan->kind;

	if (session->routine_steady && (kind == DIALECT_MODIFY || kind == DIALECT_DEFINE))
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s is not allowed in a non-volatile function",
		    portal->shared->plan->tag);
	if (kind == DIALECT_DEFINE && check_in_use(session, portal->shared->plan, r) == -1)
		return -1;
	if (kind == DIALECT_MODIFY || kind == DIALECT_DEFINE)
		kept_cursor_note_change(session);
	if (session->routine_nested == 0)
		return 0;
	if (kind != DIALECT_QUERY && kind != DIALECT_MODIFY && kind != DIALECT_CALL && kind != DIALECT_SET &&
	    kind != DIALECT_RESET)
		return refuse(r, "runs such a statement");
	if (statement == NULL)
		return 0;
	if (session->stepping == NULL && check_defining(session->connection->context.defined, statement, r) == -1)
		return -1;
	for (const struct portal *around = session->stepping; around != NULL; around = around->around)
		if (check_beside(around, statement, r) == -1)
			return -1;
	return 0;
}

bool
routine_is_within_writer(const struct session *session)
{
	bool writer = session->routine_nested > 0 && session->stepping == NULL;

	for (const struct portal *around = session->stepping; around != NULL && session->routine_nested > 0;
	     around = around->around)
		writer |= changes(around->statement);
	return writer;
}

/* ---- arguments and result ---- */

static void
free_arguments(struct routine_value *arguments, unsigned n)
{
	for (unsigned i = 0; i < n && arguments != NULL; i++)
		type_value_free(&arguments[i].value);
	free(arguments);
}

/* NULL: reported. */
static struct routine_value *
take_arguments(struct session *session, const struct schema_routine *routine, const struct sql_call *call,
    struct report *r)
{
	struct routine_value *arguments = calloc(routine->ninputs + 1, sizeof(*arguments));
	unsigned n = 0;

	if (arguments == NULL)
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	else if (call->argc != (int)routine->ninputs)
		(void)report_set(r, SQLSTATE_UNDEFINED_FUNCTION, "the function has other parameters now");
	for (unsigned i = 0; arguments != NULL && call->argc == (int)routine->ninputs && i < routine->narguments; i++) {
		if (!schema_argument_is_in(&routine->arguments[i]))
			continue;
		arguments[n].oid = routine->arguments[i].oid;
		arguments[n].typmod = -1;
		if (routine_form_value(session, type_value_of(call->argv[n]), arguments[n].oid, &arguments[n].value,
			r) == -1)
			break;
		n++;
	}
	if (arguments != NULL && n == routine->ninputs && call->argc == (int)n)
		return arguments;
	free_arguments(arguments, n);
	return NULL;
}

/* ---- a call ---- */

/* What a statement leaves in the session and its connection, put by while others run within it. */
struct around {
	struct current current;
	struct key_touched touched;
	bool internal, defining, holding;
	const char *defined;
};

static void
enter(struct session *session, struct around *around)
{
	struct sql_context *context = &session->connection->context;

	*around = (struct around) { .current = session->current,
		.touched = context->touched,
		.internal = context->internal,
		.defining = context->defining,
		.defined = context->defined,
		.holding = session->holding };
	/* What it sets with SET LOCAL holds until the statement around it is over. */
	transaction_begin_implicit(session);
	session->current = (struct current) { .known = false };
	context->touched = (struct key_touched) { 0 };
	context->internal = context->defining = false;
	session->holding = true;
	session->routine_calls++;
	session->routine_nested++;
}

static void
leave(struct session *session, const struct around *around)
{
	struct sql_context *context = &session->connection->context;

	session->routine_calls--;
	session->routine_nested--;
	session_forget_current(session);
	session->current = around->current;
	key_touched_begin(&context->touched, NULL);
	context->touched = around->touched;
	context->internal = around->internal;
	context->defining = around->defining;
	context->defined = around->defined;
	session->holding = around->holding;
}

static int
run(struct session *session, const struct routine_kept *kept, const struct sql_call *call, struct routine_rows *result,
    struct report *r)
{
	struct routine_value *arguments = take_arguments(session, &kept->routine, call, r);
	struct around around;
	int status = -1;

	if (arguments == NULL)
		return -1;
	enter(session, &around);
	if (routine_set_result(kept, call->types, result, r) == 0)
		status = routine_run_kept(session, kept, arguments, result, r);
	leave(session, &around);
	free_arguments(arguments, kept->routine.ninputs);
	return status;
}

static int
hand_over(struct routine_rows *result, struct sql_rows *rows, struct report *r)
{
	uint32_t *oids = calloc(result->ncolumns + 1, sizeof(*oids));

	if (oids == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < result->ncolumns; i++)
		oids[i] = result->columns[i].oid;
	*rows = (struct sql_rows) { .ncolumns = result->ncolumns,
		.oids = oids,
		.nrows = result->nrows,
		.cells = result->cells,
		.null_row = result->null_row };
	result->cells = NULL;
	result->nrows = 0;
	return 0;
}

int
routine_call_within(void *arg, const struct sql_call *call, struct sql_rows *rows, struct report *r)
{
	struct session *session = arg;
	struct routine_rows result = { 0 };
	struct routine_kept *kept;
	int status;

	if (session->routine_calls >= ROUTINE_CALLS_MAX)
		return report_set(r, SQLSTATE_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
	if ((kept = routine_keep(session, call->oid, call->types, r)) == NULL)
		return -1;
	status = run(session, kept, call, &result, r);
	routine_let_go(session, kept);
	if (status == 0)
		status = hand_over(&result, rows, r);
	routine_rows_free(&result);
	r->position = 0;
	return status;
}
