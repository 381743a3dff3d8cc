/*
 * Prepares what a plan says with SQLite: the statement, its steps, and what fires triggers.
 */
#include "workers/sqlite/connection/statement.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/connection/connection.h"
#include "workers/sqlite/schema/trigger.h"
#include "workers/sqlite/steps/steps.h"
#include "workers/sqlite/types/types.h"
#include "workers/sqlite/connection/statement_make.h"

/* SQLite knows the columns that the translator could not tell: by number where a star stands for them, by their
 * declared types otherwise. */
static int
statement_complete_columns(struct dialect_plan *plan, sqlite3_stmt *stmt, struct report *r)
{
	unsigned n = (unsigned)sqlite3_column_count(stmt) - plan->nhidden;

	if (n != plan->ncolumns) {
		struct dialect_column *columns = calloc(n, sizeof(*columns));

		if (columns == NULL)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		for (unsigned i = 0; i < plan->ncolumns; i++)
			free(plan->columns[i].name);
		free(plan->columns);
		plan->columns = columns;
		plan->ncolumns = n;
	}
	for (unsigned i = 0; i < n; i++) {
		struct dialect_column *column = &plan->columns[i];

		if (column->name == NULL && (column->name = strdup(sqlite3_column_name(stmt, (int)i))) == NULL)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		if (column->oid == TYPE_UNKNOWN)
			column->oid = type_by_declaration(sqlite3_column_decltype(stmt, (int)i), &column->typmod)->oid;
	}
	return 0;
}

static bool
statement_is_run_by_sqlite(enum dialect_kind kind)
{
	return kind == DIALECT_QUERY || kind == DIALECT_MODIFY || kind == DIALECT_CALL;
}

/* The catalog's tables are copies: they are brought up to date before each statement that reads them. */
int
statement_prepare_catalog(struct connection *connection, const struct dialect_plan *plan, struct report *r)
{
	bool before = connection->context.internal;
	int result;

	if (!plan->needs_catalog)
		return 0;
	connection->context.internal = true;
	result = catalog_prepare(connection->db, connection->schema, &connection->context, r);
	if (result == 0 && plan->needs_activity)
		result = catalog_fill_activity(connection->db, &connection->context, r);
	if (result == 0 && plan->needs_cursors)
		result = catalog_fill_cursors(connection->db, &connection->context, r);
	connection->context.internal = before;
	return result;
}

/* What runs within it: whether the role may, and whether it writes, is known now. */
static int
statement_prepare_inner(struct connection *connection, const struct dialect_plan *plan, struct report *r)
{
	sqlite3_stmt *stmt;

	for (unsigned i = 0; i < plan->ninner; i++) {
		int code = sqlite3_prepare_v2(connection->db, plan->inner[i], -1, &stmt, NULL);

		sqlite3_finalize(stmt);
		if (code != SQLITE_OK)
			return connection_report(connection, code, plan, r);
	}
	return 0;
}

/* What a plan runs in steps: a statement for each, and what they keep. */
static int
statement_prepare_steps(struct connection *connection, struct statement *s, struct report *r)
{
	const struct dialect_plan *plan = s->shared->plan;

	if (plan->nsteps == 0)
		return 0;
	s->steps = calloc(plan->nsteps, sizeof(*s->steps));
	s->kept = steps_new(plan->nsets, plan->nwatched);
	if (s->steps == NULL || s->kept == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < plan->nwatched; i++)
		if (!steps_watch(s->kept, i, plan->watched[i].database, plan->watched[i].table))
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < plan->nsteps; i++) {
		int code = sqlite3_prepare_v3(connection->db, plan->steps[i].sql, -1, SQLITE_PREPARE_PERSISTENT,
		    &s->steps[i], NULL);

		if (code != SQLITE_OK)
			return connection_report(connection, code, plan, r);
	}
	return 0;
}

static int
statement_prepare_one(struct connection *connection, const struct statement *s, const char *sql, sqlite3_stmt **stmt,
    struct report *r)
{
	int code = sql == NULL ? SQLITE_OK
			       : sqlite3_prepare_v3(connection->db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);

	return code == SQLITE_OK ? 0 : connection_report(connection, code, s->shared->plan, r);
}

/* What changes the rows one by one, for triggers and children. */
static int
statement_prepare_fire(struct connection *connection, struct statement *s, struct report *r)
{
	const struct dialect_fire *fire = s->shared->plan->fire;

	if ((s->members = calloc(fire->nmembers, sizeof(*s->members))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < fire->nmembers; i++) {
		connection->context.fires = fire->members[i].table;
		if (statement_prepare_one(connection, s, fire->members[i].step, &s->members[i].step, r) == -1 ||
		    statement_prepare_one(connection, s, fire->members[i].again, &s->members[i].again, r) == -1)
			return -1;
	}
	connection->context.fires = fire->members[0].table;
	return statement_prepare_one(connection, s, fire->met, &s->met, r) == -1 ||
		statement_prepare_one(connection, s, fire->update, &s->update, r) == -1 ||
		statement_prepare_one(connection, s, fire->answer, &s->answer, r) == -1 ||
		statement_prepare_one(connection, s, fire->route, &s->route, r) == -1
	    ? -1
	    : 0;
}

/* Which of its statements answers the rows. */
static sqlite3_stmt *
statement_answering(const struct statement *s)
{
	return s->answer != NULL			       ? s->answer
	    : s->members != NULL && s->members[0].step != NULL ? s->members[0].step
							       : s->stmt;
}

/* SQLite has not heard of the triggers, and lets pass what changes their relation. */
static int
statement_prepare_texts(struct connection *connection, struct statement *s, struct report *r)
{
	const struct dialect_plan *plan = s->shared->plan;
	const char *before = connection->context.fires;
	int code, status = 0;

	connection->context.fires = plan->fire == NULL ? NULL : plan->fire->members[0].table;
	code = sqlite3_prepare_v3(connection->db, plan->sql, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL);
	if (code != SQLITE_OK)
		status = connection_report(connection, code, plan, r);
	else if (plan->fire != NULL)
		status = statement_prepare_fire(connection, s, r);
	connection->context.fires = before;
	return status;
}

int
statement_prepare_all(struct connection *connection, struct statement *s, struct report *r)
{
	struct dialect_plan *plan = s->shared->plan;
	int result;

	if (statement_prepare_catalog(connection, plan, r) == -1)
		return -1;
	if (!statement_is_run_by_sqlite(plan->kind))
		return 0;
	report_reset(&connection->context.report);
	connection->writes_file = false;
	connection->noting = &s->tables;
	result = statement_prepare_texts(connection, s, r);
	if (result == 0)
		result = statement_prepare_inner(connection, plan, r);
	if (result == 0)
		result = statement_prepare_steps(connection, s, r);
	connection->noting = NULL;
	if (result == 0 && s->tables.failed)
		result = report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (result == -1)
		return -1;
	/* A view may call what writes (nextval), of which the translator sees nothing. */
	plan->read_only &= !connection->writes_file;
	plan->local = (plan->kind == DIALECT_MODIFY || plan->nsteps > 0) && plan->fire == NULL && !plan->draws &&
	    !connection->writes_file;
	if (plan->has_rows && plan->kind != DIALECT_CALL &&
	    statement_complete_columns(plan, statement_answering(s), r) == -1)
		return -1;
	return 0;
}
