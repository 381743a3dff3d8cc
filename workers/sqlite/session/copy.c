/*
 * Begins a COPY, inserts the rows that the client sends, or sends it the rows of a query.
 */
#include "workers/sqlite/session/copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/session/fire.h"
#include "workers/sqlite/session/session.h"

/* Of a COPY's data, before it becomes the writer; at most this part of what the session may hold. */
#define COPY_PUT_BY_BYTES ((size_t)1 << 20)
#define COPY_PUT_BY_SHARE 8

static void
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
static void
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
static void
copy_write_table(FILE *out, const struct dialect_plan *plan)
{
	copy_write_identifier(out, plan->u.copy.schema);
	(void)fputc('.', out);
	copy_write_identifier(out, namespace_relation(plan->u.copy.table));
}

static void
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
		(void)connection_report(session->connection, code, plan, r);
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
		if (result == 0 && !copy_puts_by(session) && (result = copy_insert_rows(session, r)) == 1)
			result = 0; /* the end marker; CopyDone follows */
		break;
	case 'c':
		if (!copy->row_waits)
			copy_reader_finish(&copy->reader);
		if ((result = copy_insert_rows(session, r)) == 0)
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
	if (copy->active)
		copy_reader_free(&copy->reader);
	for (unsigned i = 0; copy->names != NULL && i < copy->ncolumns; i++)
		free(copy->names[i]);
	free(copy->names);
	copy->names = NULL;
	copy->active = false;
}

/* ---- TO STDOUT ---- */

static int
copy_put_column(struct session *session, struct portal *portal, unsigned i, struct pgwire_buffer *text,
    struct report *r)
{
	sqlite3_stmt *stmt = portal->statement->stmt;
	struct pgwire_buffer *out = &session->out;
	const struct type_settings *types = &session->connection->context.types;
	uint32_t oid = portal->shared->plan->columns[i].oid;

	if (portal->copy->binary)
		return type_put_column(out, stmt, (int)i, oid, TYPE_FORMAT_BINARY, types, r);
	if (sqlite3_column_type(stmt, (int)i) == SQLITE_NULL) {
		copy_put_field(out, portal->copy, i, NULL, 0, true);
		return 0;
	}
	text->start = text->end = 0;
	if (type_put_text(text, sqlite3_column_value(stmt, (int)i), oid, types, r) == -1)
		return -1;
	copy_put_field(out, portal->copy, i, (const char *)text->data + text->start, pgwire_buffer_length(text), false);
	return 0;
}

static int
copy_put_row(struct session *session, struct portal *portal, struct report *r)
{
	struct pgwire_buffer *out = &session->out, text = { .data = NULL };
	unsigned n = portal->shared->plan->ncolumns;
	size_t mark = pgwire_begin_message(out, 'd');
	int result = 0;

	copy_put_row_begin(out, portal->copy, n);
	for (unsigned i = 0; i < n && result == 0; i++)
		result = copy_put_column(session, portal, i, &text, r);
	copy_put_row_end(out, portal->copy);
	pgwire_end_message(out, mark);
	pgwire_buffer_free(&text);
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

static enum portal_result
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

enum portal_result
copy_begin(struct session *session, struct portal *portal, struct report *r)
{
	return portal->shared->plan->u.copy.from ? copy_begin_from(session, portal, r)
						 : copy_run_to(session, portal, r);
}
