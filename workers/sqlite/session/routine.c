/*
 * What routines/ asks of a session: its statements are run as portals of the session's own, one after the other, within
 * the transaction that was begun before the routine.
 *
 * A routine takes the right to write before its first statement, as a transaction that writes does: no statement within
 * it can then have to wait, and what it reads is current. In a transaction that is READ ONLY it takes none, and what
 * writes is refused by that.
 */
#include "workers/sqlite/session/routine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/routines.h"
#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/session/session.h"
#include "workers/sqlite/types/codec.h"

/* A portal whose rows are kept. */
struct routine_portal {
	struct portal portal; /* first: put_row gets this one */
	const struct routine_call *call;
	struct routine_rows *rows;
	bool enough;
};

/* ---- rows ---- */

/* SQLite's values of some types are not always of the form in which a parameter of the type is given. */
static bool
wants_form(uint32_t oid, int kind)
{
	if (kind == SQLITE_NULL)
		return false;
	if (oid == TYPE_FLOAT4 || oid == TYPE_FLOAT8)
		return kind == SQLITE_INTEGER;
	return (oid == TYPE_NUMERIC || type_is_text(oid)) && kind != SQLITE_TEXT;
}

static struct type_value
column_value(sqlite3_stmt *stmt, int column)
{
	struct type_value value = { .kind = sqlite3_column_type(stmt, column) };

	switch (value.kind) {
	case SQLITE_INTEGER:
		value.integer = sqlite3_column_int64(stmt, column);
		break;
	case SQLITE_FLOAT:
		value.real = sqlite3_column_double(stmt, column);
		break;
	case SQLITE_TEXT:
	case SQLITE_BLOB:
		value.bytes = sqlite3_column_blob(stmt, column);
		value.length = (size_t)sqlite3_column_bytes(stmt, column);
		break;
	default:
		break;
	}
	return value;
}

/* The value becomes the owner of its bytes. */
static int
own_bytes(struct type_value *value, struct report *r)
{
	char *copy;

	if ((value->kind != SQLITE_TEXT && value->kind != SQLITE_BLOB) || value->owned != NULL)
		return 0;
	if ((copy = malloc(value->length + 1)) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (value->length > 0)
		memcpy(copy, value->bytes, value->length);
	copy[value->length] = '\0';
	value->bytes = value->owned = copy;
	return 0;
}

int
routine_take_value(struct session *session, sqlite3_stmt *stmt, int column, uint32_t oid, struct type_value *out,
    struct report *r)
{
	return routine_form_value(session, column_value(stmt, column), oid, out, r);
}

int
routine_form_value(struct session *session, struct type_value value, uint32_t oid, struct type_value *out,
    struct report *r)
{
	*out = (struct type_value) { .kind = SQLITE_NULL };
	if (!wants_form(oid, value.kind))
		*out = value;
	else if (type_coerce_in(&session->connection->context.types, oid, -1, false, &value, out, r) == -1)
		return -1;
	if (!memory_would_refuse(out->length) && own_bytes(out, r) == 0)
		return 0;
	type_value_free(out);
	*out = (struct type_value) { .kind = SQLITE_NULL };
	return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
}

static int
take_column(struct session *session, struct routine_portal *inner, int column, struct type_value *out, struct report *r)
{
	if (routine_take_value(session, inner->portal.statement->stmt, column, inner->rows->columns[column].oid, out,
		r) == -1)
		return -1;
	inner->rows->bytes += sizeof(*out) + out->length;
	return inner->rows->bytes <= inner->call->bytes_left
	    ? 0
	    : report_set(r, SQLSTATE_OUT_OF_MEMORY, "a routine holds too many rows");
}

static int
grow_rows(struct routine_rows *rows, struct report *r)
{
	size_t capacity = 2 * rows->capacity + 1;
	struct type_value *cells;

	if (rows->nrows < rows->capacity)
		return 0;
	if ((cells = reallocarray(rows->cells, capacity * rows->ncolumns + 1, sizeof(*cells))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	rows->cells = cells;
	rows->capacity = capacity;
	return 0;
}

static int
take_row(struct session *session, struct portal *portal, struct report *r)
{
	struct routine_portal *inner = (struct routine_portal *)portal;
	struct routine_rows *rows = inner->rows;
	int status = 0;

	if (grow_rows(rows, r) == -1)
		return -1;
	for (unsigned i = 0; i < rows->ncolumns; i++)
		rows->cells[rows->nrows * rows->ncolumns + i] = (struct type_value) { .kind = SQLITE_NULL };
	rows->nrows++;
	for (unsigned i = 0; i < rows->ncolumns && status == 0; i++)
		status = take_column(session, inner, (int)i, &rows->cells[(rows->nrows - 1) * rows->ncolumns + i], r);
	/* Ends the portal; that it was not an error is known by the mark. */
	if (status == 0 && inner->call->wanted > 0 && rows->query && rows->nrows >= inner->call->wanted) {
		inner->enough = true;
		return -1;
	}
	return status;
}

static int
describe_rows(const struct dialect_plan *plan, struct routine_rows *rows, struct report *r)
{
	rows->query = plan->kind == DIALECT_QUERY || (plan->kind == DIALECT_CALL && plan->has_rows);
	rows->modifies = plan->kind == DIALECT_MODIFY;
	rows->answers = plan->has_rows;
	if (!plan->has_rows)
		return 0;
	if ((rows->columns = calloc(plan->ncolumns + 1, sizeof(*rows->columns))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	rows->ncolumns = plan->ncolumns;
	for (unsigned i = 0; i < plan->ncolumns; i++) {
		rows->columns[i] =
		    (struct routine_column) { .oid = plan->columns[i].oid, .typmod = plan->columns[i].typmod };
		if ((rows->columns[i].name = strdup(plan->columns[i].name)) == NULL)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		/* What its fields are is known to the statement alone. */
		if ((plan->columns[i].oid == TYPE_RECORD || plan->columns[i].oid == TYPE_RECORD_ARRAY) &&
		    !rows->discards)
			return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "a record as a value in PL/pgSQL is not supported on SQLite");
	}
	return 0;
}

/* ---- statements ---- */

/* What a routine may run; the parser has refused by name what it has words for. */
static int
check_kind(const struct dialect_plan *plan, struct report *r)
{
	static const enum dialect_kind kinds[] = { DIALECT_QUERY, DIALECT_MODIFY, DIALECT_DEFINE, DIALECT_SET,
		DIALECT_RESET, DIALECT_SET_CONSTRAINTS, DIALECT_SET_TRANSACTION, DIALECT_ACCEPT, DIALECT_CALL };

	if (plan->selects_into)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "EXECUTE of SELECT ... INTO is not implemented");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i] == plan->kind)
			return 0;
	return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s in PL/pgSQL is not supported on SQLite",
	    plan->tag == NULL ? "an empty statement" : plan->tag);
}

static void
put_notice(struct session *session, const char *text)
{
	struct report notice = { .state = SQLSTATE_SUCCESSFUL_COMPLETION };

	if (text == NULL || settings_values(session->settings)->client_min_messages > REPORT_NOTICE)
		return;
	notice.message = strdup(text);
	pgwire_put_report(&session->out, REPORT_NOTICE, &notice);
	report_reset(&notice);
}

/* Copies: what is bound must live as long as the portal. */
static int
set_values(struct portal *portal, const struct routine_call *call, struct report *r)
{
	unsigned n = call->variables == NULL ? 0 : call->variables->n;

	if (portal->shared->plan->nparams != n)
		return report_set(r, SQLSTATE_UNDEFINED_PARAMETER, "there is no parameter $%u",
		    portal->shared->plan->nparams);
	if (n > 0 && (portal->values = calloc(n, sizeof(*portal->values))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	portal->nvalues = n;
	for (unsigned i = 0; i < n; i++) {
		portal->values[i] = (struct type_value) { .kind = SQLITE_NULL };
		if (call->values[i] == NULL)
			continue;
		portal->values[i] = call->values[i]->value;
		portal->values[i].owned = NULL;
	}
	return 0;
}

static int
run_portal(struct session *session, struct routine_portal *inner, struct report *r)
{
	struct portal *portal = &inner->portal;
	struct routine_rows *rows = inner->rows;
	bool holding = session->holding;
	enum portal_result result;

	portal->put_row = take_row;
	portal->discards = rows->discards;
	/* Nobody can wait in the midst of a routine: notices are kept until it is over. */
	session->holding = true;
	result = portal_run(session, portal, 0, r);
	session->holding = holding;
	if (result == PORTAL_FAILED && inner->enough)
		result = PORTAL_DONE;
	rows->processed = rows->modifies ? portal->changes : portal->rows;
	if (result == PORTAL_DONE)
		return 0;
	if (r->state == SQLSTATE_SUCCESSFUL_COMPLETION)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a statement that has to wait in PL/pgSQL is not supported on SQLite");
	return -1;
}

/* The key of the plan has each name and where it ends. */
static char *
scope_key(const struct dialect_variables *variables, size_t *length)
{
	char *key = NULL;
	FILE *out = open_memstream(&key, length);

	if (out == NULL)
		return NULL;
	(void)fprintf(out, "%u %d %d%d%d", variables->assigned, variables->assigned_typmod, variables->columns_first,
	    variables->variables_first, variables->returns_record);
	for (unsigned i = 0; i < variables->nreturned; i++)
		(void)fprintf(out, " %u:%d", variables->returned[i], variables->returned_typmods[i]);
	for (unsigned i = 0; i < variables->n; i++) {
		const struct dialect_variable *v = &variables->list[i];

		(void)fprintf(out, "|%zu.%s%zu.%s%d%d %d", v->qualifier == NULL ? 0 : strlen(v->qualifier),
		    v->qualifier == NULL ? "" : v->qualifier, v->name == NULL ? 0 : strlen(v->name),
		    v->name == NULL ? "" : v->name, v->field, v->unassigned, v->typmod);
	}
	if (fclose(out) != 0) {
		free(key);
		return NULL;
	}
	return key;
}

static struct prepared *
prepare_call(const struct routine_call *call, struct report *r)
{
	unsigned n = call->variables == NULL ? 0 : call->variables->n;
	uint32_t *oids = calloc(n + 1, sizeof(*oids));
	struct prepared *prepared = NULL;

	if (oids == NULL)
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < n && oids != NULL; i++)
		oids[i] = call->variables->list[i].oid;
	if (oids != NULL)
		prepared = prepared_new("", call->sql, oids, n, r);
	free(oids);
	return prepared;
}

static int
run_prepared(struct session *session, const struct routine_call *call, struct prepared *prepared,
    struct routine_rows *rows, struct report *r)
{
	struct routine_portal inner = { .call = call, .rows = rows };
	int status = -1;

	portal_set_source(&inner.portal, prepared);
	if (portal_open(session, &inner.portal, r) == PORTAL_DONE &&
	    (call->describes || check_kind(inner.portal.shared->plan, r) == 0) &&
	    (call->describes || routine_check_statement(session, &inner.portal, r) == 0) &&
	    describe_rows(inner.portal.shared->plan, rows, r) == 0) {
		put_notice(session, call->describes ? NULL : inner.portal.shared->plan->notice);
		status = call->describes ? 0 : set_values(&inner.portal, call, r);
		if (status == 0 && !call->describes)
			status = run_portal(session, &inner, r);
	}
	portal_reset(session, &inner.portal);
	return status;
}

static int
routine_host_run(void *arg, const struct routine_call *call, struct routine_rows *rows, struct report *r)
{
	struct session *session = arg;
	struct prepared *prepared = prepare_call(call, r);
	char *scope = NULL;
	int status = -1;

	if (prepared == NULL)
		return -1;
	if (call->variables != NULL) {
		scope = scope_key(call->variables, &prepared->text.scope_length);
		prepared->text.scope = scope;
		prepared->text.variables = call->variables;
	}
	if (prepared->text.next < strlen(prepared->sql) && prepared->sql[prepared->text.next] != '\0')
		(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "several statements in one EXECUTE in PL/pgSQL are not supported on SQLite");
	else if (call->variables != NULL && scope == NULL)
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	else
		status = run_prepared(session, call, prepared, rows, r);
	/* The session may keep the text for its audit; what it was translated with is gone. */
	prepared->text.variables = NULL;
	prepared->text.scope = NULL;
	prepared->text.scope_length = 0;
	prepared_release(prepared);
	free(scope);
	return status;
}

int
routine_run_text(struct session *session, const char *sql, struct report *r)
{
	struct routine_call call = { .sql = sql, .bytes_left = SIZE_MAX };
	struct routine_rows rows = { .discards = true };
	int status = routine_host_run(session, &call, &rows, r);

	routine_rows_free(&rows);
	return status;
}

/* ---- the rest of what is asked ---- */

static int
routine_host_notice(void *arg, enum report_severity severity, struct report *notice, struct report *r)
{
	struct session *session = arg;

	if (severity < settings_values(session->settings)->client_min_messages && severity != REPORT_INFO)
		return 0;
	pgwire_put_report(&session->out, severity, notice);
	if (pgwire_buffer_length(&session->out) < SESSION_HELD_BYTES)
		return 0;
	if (session_flush(session) == STEP_CLOSE || pgwire_buffer_length(&session->out) > CURSOR_HOLD_BYTES)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "a routine's notices are too many");
	return 0;
}

static int
routine_host_check(void *arg, struct report *r)
{
	struct session *session = arg;

	return session_must_stop(session) ? connection_report(session->connection, SQLITE_INTERRUPT, NULL, r) : 0;
}

/* Savepoints are numbered from those of the transaction's own on. */
static int
savepoint_script(struct session *session, const char *verb, struct report *r)
{
	char sql[64];

	if (!session->transaction.begun || routine_is_within_writer(session))
		return 0;
	(void)snprintf(sql, sizeof(sql), "%s routine%u", verb, session->routine_savepoints);
	return connection_script(session->connection, sql, true, r);
}

static int
routine_host_savepoint(void *arg, struct report *r)
{
	struct session *session = arg;

	session->routine_savepoints++;
	settings_savepoint(session->settings, session->transaction.nsavepoints + session->routine_savepoints);
	if (savepoint_script(session, "SAVEPOINT", r) == 0)
		return 0;
	session->routine_savepoints--;
	return -1;
}

static int
routine_host_release(void *arg, struct report *r)
{
	struct session *session = arg;
	int status = savepoint_script(session, "RELEASE", r);

	session->routine_savepoints--;
	return status;
}

static int
routine_host_rollback(void *arg, struct report *r)
{
	struct session *session = arg;
	unsigned depth = session->transaction.nsavepoints + session->routine_savepoints;
	/* Some errors of SQLite end the transaction: there is nothing to return to. */
	bool lost = session->connection == NULL ||
	    (session->transaction.begun && !connection_in_transaction(session->connection));
	int status = lost ? -1 : savepoint_script(session, "ROLLBACK TO", r);

	if (status == 0)
		status = savepoint_script(session, "RELEASE", r);
	session->routine_savepoints--;
	if (status == -1)
		return -1;
	settings_rollback_to(session->settings, depth);
	session_attach(session, session->connection);
	if (session->transaction.defined)
		session->connection->own_definitions++;
	return 0;
}

static const struct type_settings *
routine_host_settings(void *arg)
{
	struct session *session = arg;

	return &session->connection->context.types;
}

struct routine_host
routine_host(struct session *session)
{
	return (struct routine_host) {
		.arg = session,
		.run = routine_host_run,
		.notice = routine_host_notice,
		.check = routine_host_check,
		.savepoint = routine_host_savepoint,
		.release = routine_host_release,
		.rollback = routine_host_rollback,
		.settings = routine_host_settings,
	};
}

/* ---- DO ---- */

enum transaction_result
routine_begin(struct session *session, struct report *r)
{
	struct report unwritable = { 0 };

	if (session->routine_nested > 0)
		return TRANSACTION_READY;
	if (transaction_check_writable(session, 0, &unwritable) == 0)
		return transaction_before_write(session, 0, r);
	report_reset(&unwritable);
	/* Temporary tables may still be changed: all of it together, or nothing. */
	transaction_begin_implicit(session);
	return transaction_before_read(session, r);
}

enum portal_result
routine_command_do(struct session *session, struct portal *portal, struct report *r)
{
	static const struct routine_signature signature = { .returns = ROUTINE_RETURNS_NOTHING };
	const struct routine_host host = routine_host(session);
	enum transaction_result result;
	struct routine *routine;
	int status;

	portal_release_statement(session, portal);
	if ((result = routine_begin(session, r)) != TRANSACTION_READY)
		return result == TRANSACTION_WAITS ? PORTAL_WAITS : PORTAL_FAILED;
	if ((routine = routine_parse(portal->shared->plan->u.routine.body, &signature, r)) == NULL)
		return PORTAL_FAILED;
	status = routine_run(routine, &host, NULL, NULL, r);
	routine_free(routine);
	return command_result(portal, status);
}
