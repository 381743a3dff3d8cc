/* Statements with a name of their own, and what clients are told of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "workers/sqlite/session/session.h"
#include "workers/sqlite/types/codec.h"

struct prepared *
prepared_new(const char *name, const char *sql, const uint32_t *oids, unsigned noids, struct report *r)
{
	struct prepared *prepared = calloc(1, sizeof(*prepared));

	if (prepared == NULL || (prepared->name = strdup(name)) == NULL || (prepared->sql = strdup(sql)) == NULL ||
	    (noids > 0 && (prepared->oids = calloc(noids, sizeof(*oids))) == NULL)) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		if (prepared != NULL)
			prepared->references = 1;
		prepared_release(prepared);
		return NULL;
	}
	prepared->references = 1;
	prepared->prepared_us = clock_realtime_us();
	prepared->noids = noids;
	if (noids > 0)
		memcpy(prepared->oids, oids, noids * sizeof(*oids));
	if (dialect_lex(prepared->sql, strlen(prepared->sql), 0, &prepared->text, r) == -1) {
		prepared_release(prepared);
		return NULL;
	}
	return prepared;
}

void
prepared_release(struct prepared *prepared)
{
	if (prepared == NULL || --prepared->references > 0)
		return;
	free(prepared->name);
	free(prepared->sql);
	free(prepared->statement);
	free(prepared->oids);
	dialect_text_free(&prepared->text);
	statement_plan_release(prepared->shared);
	free(prepared);
}

const struct dialect_plan *
portal_shape(struct session *session, const struct dialect_plan *plan)
{
	const struct portal *cursor;
	const struct prepared *prepared;

	if (plan->kind == DIALECT_FETCH && !plan->u.cursor.move) {
		cursor = session_find_portal(session, plan->u.cursor.name);
		return cursor != NULL && cursor->shared != NULL ? cursor->shared->plan : plan;
	}
	if (plan->kind == DIALECT_EXECUTE) {
		prepared = session_find_prepared(session, plan->u.prepare.name);
		return prepared != NULL && prepared->shared != NULL ? prepared->shared->plan : plan;
	}
	return plan;
}

void
portal_put_row_description(struct pgwire_buffer *out, const struct dialect_plan *plan, const int16_t *formats)
{
	size_t mark = pgwire_begin_message(out, 'T');

	pgwire_put_int16(out, (uint16_t)plan->ncolumns);
	for (unsigned i = 0; i < plan->ncolumns; i++) {
		const struct dialect_column *column = &plan->columns[i];
		const struct type *type = type_by_oid(column->oid);

		pgwire_put_string(out, column->name);
		pgwire_put_int32(out, column->table_oid);
		pgwire_put_int16(out, (uint16_t)column->attribute);
		pgwire_put_int32(out, column->oid);
		pgwire_put_int16(out, (uint16_t)(type == NULL ? -1 : type->size));
		pgwire_put_int32(out, (uint32_t)column->typmod);
		pgwire_put_int16(out, (uint16_t)(formats == NULL ? TYPE_FORMAT_TEXT : formats[i]));
	}
	pgwire_end_message(out, mark);
}

/* "SELECT 1": of each statement, and snprintf's way is a long one. The buffer has room for any number. */
static void
write_count(char *tag, size_t size, const char *word, uint64_t count)
{
	size_t length = strnlen(word, size - TYPE_INTEGER_TEXT - 2);

	memcpy(tag, word, length);
	tag[length++] = ' ';
	length += type_write_integer((int64_t)count, tag + length);
	tag[length] = '\0';
}

void
portal_tag(const struct portal *portal, char *tag, size_t size)
{
	const struct dialect_plan *plan = portal->shared->plan;
	uint64_t count = plan->kind == DIALECT_MODIFY ? portal->changes : portal->rows;

	if (portal->inner != NULL && plan->kind == DIALECT_EXECUTE) {
		portal_tag(portal->inner, tag, size);
		return;
	}
	if (plan->counts_rows)
		write_count(tag, size, plan->tag, count);
	else
		(void)snprintf(tag, size, "%s", portal->tag != NULL ? portal->tag : plan->tag);
}

void
prepared_each(void *arg, void (*each)(void *each_arg, const struct sql_prepared *row), void *each_arg)
{
	struct session *session = arg;
	const struct prepared *prepared;

	LIST_FOREACH(prepared, &session->prepared, entry)
	{
		const struct dialect_plan *plan = prepared->shared == NULL ? NULL : prepared->shared->plan;
		struct sql_prepared row = { .name = prepared->name,
			.statement = prepared->statement == NULL ? prepared->sql : prepared->statement,
			.prepared_us = prepared->prepared_us,
			.from_sql = prepared->statement != NULL,
			.ntypes = plan == NULL ? 0 : plan->nparams,
			.types = plan == NULL ? NULL : plan->param_oids };

		each(each_arg, &row);
	}
}
