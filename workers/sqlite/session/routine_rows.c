/*
 * The rows that a statement of a routine answers: how each value is read of SQLite, and that all of them together stay
 * within what the routine may hold.
 */
#include "workers/sqlite/session/routine_rows.h"

#include <stdlib.h>
#include <string.h>

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

int
routine_put_row(struct session *session, struct portal *portal, struct report *r)
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

int
routine_describe_rows(const struct dialect_plan *plan, struct routine_rows *rows, struct report *r)
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
