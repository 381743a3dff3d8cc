/*
 * What a column may hold: called from the CHECK that guards each column (a mark, see definition.h). A value is right
 * when it is in the stored form of its type; what isn't is told as PostgreSQL tells it.
 */
#include <math.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/codec.h"

static bool
is_same(const struct type_value *a, const struct type_value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case SQLITE_INTEGER:
		return a->integer == b->integer;
	case SQLITE_FLOAT:
		return a->real == b->real || (isnan(a->real) && isnan(b->real));
	default:
		return a->length == b->length && (a->length == 0 || memcmp(a->bytes, b->bytes, a->length) == 0);
	}
}

/* The types that most columns have, without a call of the codecs. 1: right, 0: ask them. */
static int
check_fast(uint32_t oid, int32_t typmod, sqlite3_value *value)
{
	int kind = sqlite3_value_type(value);
	int64_t integer;

	if (kind == SQLITE_NULL)
		return 1;
	if (kind == SQLITE_INTEGER) {
		integer = sqlite3_value_int64(value);
		switch (oid) {
		case TYPE_INT8:
			return 1;
		case TYPE_INT4:
			return integer >= INT32_MIN && integer <= INT32_MAX;
		case TYPE_INT2:
			return integer >= INT16_MIN && integer <= INT16_MAX;
		case TYPE_BOOL:
			return integer == 0 || integer == 1;
		default:
			return 0;
		}
	}
	if (kind == SQLITE_FLOAT)
		return oid == TYPE_FLOAT8;
	if (kind == SQLITE_BLOB)
		return oid == TYPE_BYTEA;
	if (oid == TYPE_VARCHAR)
		return typmod < 0 || sqlite3_value_bytes(value) <= typmod - TYPE_TYPMOD_HEADER;
	return 0;
}

void
valid_value(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[0]);
	int32_t typmod = sqlite3_value_int(argv[1]);
	struct type_value in, out = { 0 };
	struct report r = { 0 };
	bool same;

	(void)argc;
	if (check_fast(oid, typmod, argv[2]) == 1) {
		sqlite3_result_int(c, 1);
		return;
	}
	in = type_value_of(argv[2]);
	if (oid == TYPE_JSONB) /* kept as it was written by an older version, and copied so with its table */
		oid = TYPE_JSON;
	if (type_coerce(oid, typmod, false, &in, &out, &r) == -1) {
		function_fail_report(c, &r);
		return;
	}
	same = is_same(&in, &out);
	type_value_free(&out);
	if (same)
		sqlite3_result_int(c, 1);
	else
		function_fail(c, SQLSTATE_DATATYPE_MISMATCH,
		    "column is of type %s but the value is not in the form "
		    "it is kept in",
		    type_error_name(oid));
}

/* (value, column, table): the value, unless it is NULL. For copying rows into a column that takes none. */
void
valid_not_null(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct report r = { 0 };
	const char *column = (const char *)sqlite3_value_text(argv[1]),
		   *table = (const char *)sqlite3_value_text(argv[2]);

	(void)argc;
	if (sqlite3_value_type(argv[0]) != SQLITE_NULL) {
		sqlite3_result_value(c, argv[0]);
		return;
	}
	(void)report_set(&r, SQLSTATE_NOT_NULL_VIOLATION, "column \"%s\" of relation \"%s\" contains null values",
	    column == NULL ? "" : column, table == NULL ? "" : table);
	r.column = column == NULL ? NULL : strdup(column);
	r.table = table == NULL ? NULL : strdup(table);
	function_fail_report(c, &r);
}

/* (any columns): whether DDL writes rows anew, which need not hold to a CHECK that is NOT VALID. */
void
valid_unchecked(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_int(c, function_session(c)->defining);
}
