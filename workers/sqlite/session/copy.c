/*
 * Begins a COPY, inserts the rows that the client sends, or sends it the rows of a query.
 */
#include "workers/sqlite/session/copy.h"
#include "workers/sqlite/session/copy_to.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/session/fire.h"
#include "workers/sqlite/session/session.h"

/* Of a COPY's data, before it becomes the writer; at most this part of what the session may hold. */
#define COPY_PUT_BY_BYTES ((size_t)1 << 20)
#define COPY_PUT_BY_SHARE 8

void
copy_set_format(struct copy_format *format, const struct dialect_plan *plan, char *const *names, unsigned n)
{
	*format = (struct copy_format) { .csv = plan->u.copy.csv,
		.binary = plan->u.copy.binary,
		.header = plan->u.copy.header,
		.force_quote_all = plan->u.copy.force_quote_all,
		.delimiter = plan->u.copy.delimiter,
		.quote = plan->u.copy.quote,
		.escape = plan->u.copy.escape,
		.null_text = plan->u.copy.null_text,
		.columns = (const char *const *)(uintptr_t)names,
		.ncolumns = n };
}

/* CopyInResponse ('G') and CopyOutResponse ('H'): the format, overall and of each column. */
void
copy_put_response(struct session *session, char type, bool binary, unsigned ncolumns)
{
	size_t mark = pgwire_begin_message(&session->out, type);

	pgwire_put_byte(&session->out, binary);
	pgwire_put_int16(&session->out, (uint16_t)ncolumns);
	for (unsigned i = 0; i < ncolumns; i++)
		pgwire_put_int16(&session->out, binary);
	pgwire_end_message(&session->out, mark);
}

/* An identifier as SQL has it, in double quotes. */
static void
copy_write_identifier(FILE *out, const char *name)
{
	(void)fputc('"', out);
	for (; *name != '\0'; name++) {
		if (*name == '"')
			(void)fputc('"', out);
		(void)fputc(*name, out);
	}
	(void)fputc('"', out);
}

/* The table with its schema: the search path may have another of that name first. */
void
copy_write_table(FILE *out, const struct dialect_plan *plan)
{
	copy_write_identifier(out, plan->u.copy.schema);
	(void)fputc('.', out);
	copy_write_identifier(out, namespace_relation(plan->u.copy.table));
}

void
copy_write_columns(FILE *out, char *const *names, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			(void)fputs(", ", out);
		copy_write_identifier(out, names[i]);
	}
}

/* ---- FROM STDIN ---- */

/* The columns that are named, or all of the table. */
static int
copy_take_names(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	struct copy *copy = &session->copy;
	const struct schema_table *table = NULL;
	bool before = session->connection->context.internal;

	session->connection->context.internal = true;
	if (plan->u.copy.ncolumns == 0)
		table = schema_find_table(session->connection->schema,
		    strcmp(plan->u.copy.schema, "pg_temp") == 0 ? "temp" : "public", plan->u.copy.table);
	session->connection->context.internal = before;
	if (plan->u.copy.ncolumns == 0 && table == NULL)
		return report_set(r, SQLSTATE_UNDEFINED_TABLE, "relation \"%s\" does not exist",
		    namespace_relation(plan->u.copy.table));
	copy->ncolumns = table != NULL ? table->ncolumns : plan->u.copy.ncolumns;
	if ((copy->names = calloc(copy->ncolumns + 1, sizeof(*copy->names))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < copy->ncolumns; i++)
		if ((copy->names[i] = strdup(table != NULL ? table->columns[i].name : plan->u.copy.columns[i])) == NULL)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return 0;
}

/* Rows go in by an INSERT like any other, so that its types, checks and rights hold. */
static int
copy_write_insert(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	struct copy *copy = &session->copy;
	char *sql = NULL;
	size_t size;
	FILE *out = open_memstream(&sql, &size);

	if (out == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	(void)fputs("INSERT INTO ", out);
	copy_write_table(out, plan);
	(void)fputs(" (", out);
	copy_write_columns(out, copy->names, copy->ncolumns);
	(void)fputs(") OVERRIDING SYSTEM VALUE VALUES (", out);
	for (unsigned i = 0; i < copy->ncolumns; i++)
		(void)fprintf(out, "%s$%u", i == 0 ? "" : ", ", i + 1);
	(void)fputs(")", out);
	if (fclose(out) == 0)
		copy->source = prepared_new("", sql, NULL, 0, r);
	free(sql);
	return copy->source == NULL ? -1 : 0;
}

static int
copy_get_insert(struct session *session, struct report *r)
{
	struct copy *copy = &session->copy;

	copy->insert = statement_get(session->connection, &copy->source->text, NULL, 0, r);
	return copy->insert == NULL ? -1 : 0;
}

/* What is wrong with the statement is said before the client sends rows. And whether they go into a temporary table:
 * with the extended protocol more may follow in the same transaction. */
static int
copy_check(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	struct copy *copy = &session->copy;

	if (copy_take_names(session, plan, r) == -1 || copy_write_insert(session, plan, r) == -1 ||
	    copy_get_insert(session, r) == -1)
		return -1;
	if (copy->insert->shared->plan->local && session->keeps_connection && !copy->extended)
		copy->what = TRANSACTION_LOCAL;
	copy->fires = copy->insert->shared->plan->fire != NULL;
	statement_done(session->connection, copy->insert);
	copy->insert = NULL;
	return transaction_check_writable(session, copy->what, r);
}

/* Rows are put by until there are so many, or all: nobody waits for a client that is slow to think of the next one. */
static bool
copy_puts_by(const struct session *session)
{
	const struct copy *copy = &session->copy;
	size_t most = COPY_PUT_BY_BYTES, share = (size_t)session->memory.limit / COPY_PUT_BY_SHARE;

	if (share > 0 && share < most)
		most = share;
	return copy->insert == NULL && !copy->row_waits && !session->transaction.writes &&
	    pgwire_buffer_length(&copy->reader.in) < most;
}

/* There are rows to be inserted: not before that do others wait for this COPY. 0: it waits for them, -1: an error. */
static int
copy_start(struct session *session, struct report *r)
{
	enum transaction_result result;

	if (session->copy.insert != NULL)
		return 1;
	if ((result = transaction_before_write(session, session->copy.what, r)) != TRANSACTION_READY)
		return result == TRANSACTION_WAITS ? 0 : -1;
	if (copy_get_insert(session, r) == -1)
		return -1;
	if (session->copy.insert->shared->plan->fire == NULL)
		return 1;
	session->copy.fire = fire_copy_begin(session, session->copy.insert, &session->copy.source->text, r);
	return session->copy.fire == NULL ? -1 : 1;
}

static enum portal_result
copy_begin_from(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	struct transaction *t = &session->transaction;
	struct copy *copy = &session->copy;
	struct copy_format format;
	enum transaction_result result;
	int started = 1;

	if ((result = session_need_connection(session, r)) != TRANSACTION_READY)
		return result == TRANSACTION_WAITS ? PORTAL_WAITS : PORTAL_FAILED;
	*copy = (struct copy) { .extended = !session->query.active };
	if (copy_check(session, plan, r) == -1)
		started = -1;
	else if (t->block == TRANSACTION_OPEN && t->isolation != ISOLATION_READ_COMMITTED)
		started = copy_start(session, r); /* the snapshot is as of now, and nobody is to write after it */
	if (started != 1) {
		copy_end(session);
		return started == 0 ? PORTAL_WAITS : PORTAL_FAILED;
	}
	t->used = true;
	copy_set_format(&format, plan, copy->names, copy->ncolumns);
	copy_reader_init(&copy->reader, &format);
	copy->active = true;
	copy_put_response(session, 'G', plan->u.copy.binary, copy->ncolumns);
	return PORTAL_DONE;
}

/* The format's strings are the plan's: they live as long as the portal that the COPY belongs to. */
static int
copy_insert_row(struct session *session, struct report *r)
{
	struct copy *copy = &session->copy;
	const struct dialect_plan *plan = copy->insert->shared->plan;
	sqlite3_stmt *stmt = copy->insert->stmt;
	int format = copy->reader.format.binary ? TYPE_FORMAT_BINARY : TYPE_FORMAT_TEXT, number, code = SQLITE_OK;

	for (unsigned i = 0; i < copy->ncolumns; i++) {
		const struct copy_field *field = &copy->reader.fields[i];
		struct type_value value = { .kind = SQLITE_NULL };

		if (!field->null &&
		    type_decode_in(&session->connection->context.types, plan->param_oids[i], format, field->data,
			field->length, &value, r) == -1)
			return -1;
		if ((number = dialect_parameter(plan, i)) != 0)
			code = type_bind(stmt, number, &value, value.owned == NULL);
		type_value_free(&value);
		if (code != SQLITE_OK)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "a value is too large");
	}
	if (copy->fire != NULL)
		return fire_copy_row(copy->fire, &copy->rows, r);
	while ((code = statement_step(stmt)) == SQLITE_ROW)
		;
	if (code != SQLITE_DONE) {
		(void)connection_report_failed(session->connection, stmt, code, plan, r);
		store_note_result(&session->sqlite->store, code, r->state);
		return -1;
	}
	sqlite3_reset(stmt);
	copy->rows++;
	return 0;
}

/* Inserts what is whole. 1 when the data has ended, 0 when there may be more, COPY_WAITS when others write, -1 on an
 * error. */
static int
copy_insert_rows(struct session *session, struct report *r)
{
	struct copy *copy = &session->copy;
	int started;

	for (;;) {
		switch (copy->row_waits ? COPY_ROW : copy_reader_next(&copy->reader, r)) {
		case COPY_ROW:
			started = copy_start(session, r);
			copy->row_waits = started == 0;
			if (started != 1)
				return started == 0 ? COPY_WAITS : -1;
			if (session_must_stop(session))
				return report_set(r, SQLSTATE_QUERY_CANCELED,
				    "canceling statement due to user request");
			if (copy_insert_row(session, r) == -1)
				return -1;
			break;
		case COPY_MORE:
			return 0;
		case COPY_END:
			/* Triggers of the statement fire though it had no rows. */
			if (copy->fires && (started = copy_start(session, r)) != 1)
				return started == 0 ? COPY_WAITS : -1;
			return copy->fire != NULL && fire_copy_end(copy->fire, r) == -1 ? -1 : 1;
		case COPY_ERROR:
			return -1;
		}
	}
}

/* The same; DEFERRABLE keys are looked at when all are there. */
static int
copy_insert(struct session *session, struct report *r)
{
	struct late_set *around = session->late.statement;
	int result;

	session->late.statement = &session->copy.late;
	result = copy_insert_rows(session, r);
	session->late.statement = around;
	return result == 1 && session->copy.late.count > 0
	    ? (connection_check_late(session->connection, &session->copy.late, NULL, r) == -1 ? -1 : 1)
	    : result;
}

int
copy_take(struct session *session, const struct pgwire_message *message, struct report *r)
{
	struct pgwire_reader body = message->body;
	struct copy *copy = &session->copy;
	bool guarded;
	int result = 0;

	switch (message->type) {
	case 'd':
		guarded = memory_guard(true);
		/* A row that waited has come with this message. */
		if (!copy->row_waits)
			result = copy_reader_feed(&copy->reader, body.data, body.length, r);
		(void)memory_guard(guarded);
		if (result == 0 && !copy_puts_by(session) && (result = copy_insert(session, r)) == 1)
			result = 0; /* the end marker; CopyDone follows */
		break;
	case 'c':
		if (!copy->row_waits)
			copy_reader_finish(&copy->reader);
		if ((result = copy_insert(session, r)) == 0)
			result = 1;
		break;
	case 'f':
		result = report_set(r, SQLSTATE_QUERY_CANCELED, "COPY from stdin failed: %s", pgwire_get_string(&body));
		break;
	case 'H':
	case 'S':
		break;
	default:
		result = report_set(r, SQLSTATE_PROTOCOL_VIOLATION,
		    "unexpected message type 0x%02x during COPY from stdin", (unsigned char)message->type);
	}
	if (result == 1 || result == -1)
		copy_end(session);
	return result;
}

void
copy_end(struct session *session)
{
	struct copy *copy = &session->copy;

	fire_copy_free(copy->fire);
	copy->fire = NULL;
	if (copy->insert != NULL)
		statement_done(session->connection, copy->insert);
	copy->insert = NULL;
	prepared_release(copy->source);
	copy->source = NULL;
	late_set_free(&copy->late);
	if (copy->active)
		copy_reader_free(&copy->reader);
	for (unsigned i = 0; copy->names != NULL && i < copy->ncolumns; i++)
		free(copy->names[i]);
	free(copy->names);
	copy->names = NULL;
	copy->active = false;
}

/* ---- TO STDOUT ---- */

enum portal_result
copy_begin(struct session *session, struct portal *portal, struct report *r)
{
	return portal->shared->plan->u.copy.from ? copy_begin_from(session, portal, r)
						 : copy_run_to(session, portal, r);
}
