/*
 * COPY ... TO STDOUT: the rows of a query, as the client asked for them.
 */
#include "workers/sqlite/session/copy.h"
#include "workers/sqlite/session/copy_to.h"

#include <stdio.h>
#include <stdlib.h>

#include "workers/sqlite/session/fire.h"
#include "workers/sqlite/session/session.h"

static int
copy_put_column(struct session *session, struct portal *portal, unsigned i, struct report *r)
{
	sqlite3_stmt *stmt = portal->statement->stmt;
	struct pgwire_buffer *out = &session->out, *field = &portal->field;
	const struct type_settings *types = &session->connection->context.types;
	uint32_t oid = portal->shared->plan->columns[i].oid;
	sqlite3_value *value;

	if (portal->copy->binary)
		return type_put_column(out, stmt, (int)i, oid, TYPE_FORMAT_BINARY, types, r);
	value = sqlite3_column_value(stmt, (int)i);
	field->start = field->end = 0;
	if (type_put_text(field, value, oid, types, r) == -1)
		return -1;
	copy_put_field(out, portal->copy, i, (const char *)field->data, field->end,
	    sqlite3_value_type(value) == SQLITE_NULL);
	return 0;
}

static int
copy_put_row(struct session *session, struct portal *portal, struct report *r)
{
	struct pgwire_buffer *out = &session->out;
	unsigned n = portal->shared->plan->ncolumns;
	size_t mark = pgwire_begin_message(out, 'd');
	int result = 0;

	copy_put_row_begin(out, portal->copy, n);
	for (unsigned i = 0; i < n && result == 0; i++)
		result = copy_put_column(session, portal, i, r);
	copy_put_row_end(out, portal->copy);
	pgwire_end_message(out, mark);
	return result;
}

/* COPY table TO is COPY (SELECT columns FROM table) TO. */
static struct prepared *
copy_select(const struct dialect_plan *plan, struct report *r)
{
	struct prepared *source = NULL;
	char *sql = NULL;
	size_t size;
	FILE *out;

	if (plan->u.copy.query != NULL)
		return prepared_new("", plan->u.copy.query, NULL, 0, r);
	if ((out = open_memstream(&sql, &size)) == NULL) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	(void)fputs("SELECT ", out);
	if (plan->u.copy.ncolumns == 0)
		(void)fputs("*", out);
	else
		copy_write_columns(out, plan->u.copy.columns, plan->u.copy.ncolumns);
	(void)fputs(" FROM ONLY ", out);
	copy_write_table(out, plan);
	if (fclose(out) == 0)
		source = prepared_new("", sql, NULL, 0, r);
	free(sql);
	return source;
}

static void
copy_put_around(struct session *session, const struct copy_format *format,
    void (*put)(struct pgwire_buffer *, const struct copy_format *))
{
	struct pgwire_buffer body = { .data = NULL };
	size_t mark;

	put(&body, format);
	if (pgwire_buffer_length(&body) > 0) {
		mark = pgwire_begin_message(&session->out, 'd');
		pgwire_put_bytes(&session->out, body.data + body.start, pgwire_buffer_length(&body));
		pgwire_end_message(&session->out, mark);
	}
	pgwire_buffer_free(&body);
}

static enum portal_result
copy_open_to(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	const struct dialect_plan *shape;
	struct prepared *source;
	struct portal *inner;
	enum portal_result result;

	if (portal->inner == NULL) {
		if ((source = copy_select(plan, r)) == NULL)
			return PORTAL_FAILED;
		portal->inner = portal_new(session, "", source, r);
		prepared_release(source);
		if (portal->inner == NULL)
			return PORTAL_FAILED;
	}
	inner = portal->inner;
	if (inner->copy != NULL)
		return PORTAL_DONE;
	if ((result = portal_open(session, inner, r)) != PORTAL_DONE)
		return result;
	shape = inner->shared->plan;
	if (!shape->has_rows) {
		(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "COPY query must have a RETURNING clause");
		return PORTAL_FAILED;
	}
	if ((inner->copy = calloc(1, sizeof(*inner->copy))) == NULL) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return PORTAL_FAILED;
	}
	copy_set_format(inner->copy, plan, NULL, shape->ncolumns);
	(void)pgwire_buffer_reserve(&inner->field, 1);
	inner->put_row = copy_put_row;
	copy_put_response(session, 'H', plan->u.copy.binary, shape->ncolumns);
	return PORTAL_DONE;
}

static int
copy_put_header(struct session *session, struct portal *inner, struct report *r)
{
	const struct dialect_plan *shape = inner->shared->plan;
	const char **names = calloc(shape->ncolumns + 1, sizeof(*names));

	if (names == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < shape->ncolumns; i++)
		names[i] = shape->columns[i].name;
	inner->copy->columns = names;
	copy_put_around(session, inner->copy, copy_put_start);
	inner->copy->columns = NULL;
	free(names);
	return 0;
}

enum portal_result
copy_run_to(struct session *session, struct portal *portal, struct report *r)
{
	bool opened = portal->inner != NULL && portal->inner->copy != NULL;
	enum portal_result result = copy_open_to(session, portal, r);

	if (result != PORTAL_DONE)
		return result;
	if (!opened && copy_put_header(session, portal->inner, r) == -1)
		return PORTAL_FAILED;
	if ((result = portal_run(session, portal->inner, 0, r)) != PORTAL_DONE)
		return result;
	copy_put_around(session, portal->inner->copy, copy_put_finish);
	pgwire_put_empty(&session->out, 'c');
	portal->rows = portal->inner->rows;
	portal->done = true;
	return PORTAL_DONE;
}
