/*
 * Puts a row as the client is to get it, if there is memory for it.
 */
#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/session/portal.h"
#include "workers/sqlite/session/session.h"

/* A row of so many bytes is looked at before it is copied; as text, bytea takes two for one, and a buffer that grows is
 * held twice. */
#define PORTAL_LARGE_ROW ((size_t)1 << 20)
#define PORTAL_ROW_COPIES 3

/* No value of the type is long. */
static bool
portal_is_short(uint32_t oid)
{
	switch (oid) {
	case TYPE_BOOL:
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
	case TYPE_DATE:
	case TYPE_TIME:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
	case TYPE_UUID:
		return true;
	default:
		return false;
	}
}

/* A row's bytes are copied into the answer, which may have to grow for it: asked before, when there are many. */
int
portal_check_room(struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	sqlite3_stmt *stmt = portal->statement->stmt;
	size_t bytes = 0;

	for (unsigned i = 0; i < plan->ncolumns; i++) {
		sqlite3_value *value =
		    portal_is_short(plan->columns[i].oid) ? NULL : sqlite3_column_value(stmt, (int)i);
		int kind = value == NULL ? SQLITE_NULL : sqlite3_value_type(value);

		if (kind == SQLITE_TEXT || kind == SQLITE_BLOB)
			bytes += (size_t)sqlite3_value_bytes(value);
	}
	if (bytes < PORTAL_LARGE_ROW || !memory_would_refuse(PORTAL_ROW_COPIES * bytes))
		return 0;
	return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
}

int
portal_put_row(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	struct pgwire_buffer *out = &session->out;
	size_t start = out->end - out->start;
	size_t mark = pgwire_begin_message(out, 'D');

	pgwire_put_int16(out, (uint16_t)plan->ncolumns);
	for (unsigned i = 0; i < plan->ncolumns; i++)
		if (type_put_column(out, portal->statement->stmt, (int)i, plan->columns[i].oid,
			portal->formats == NULL ? TYPE_FORMAT_TEXT : portal->formats[i],
			&session->connection->context.types, r) == -1) {
			out->end = out->start + start;
			return -1;
		}
	pgwire_end_message(out, mark);
	return 0;
}
