#include "workers/sqlite/functions/key.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/operators.h"

#define TOUCHED_FIRST_CAPACITY 64

void
key_touched_begin(struct key_touched *touched, const char *table)
{
	if (table == NULL && touched->table == NULL)
		return;
	free(touched->table);
	free(touched->rows);
	free(touched->used);
	*touched = (struct key_touched){0};
	if (table != NULL && (touched->table = strdup(table)) == NULL)
		touched->failed = true;
}

/* Where the row stands, or would. */
static uint64_t
place_of(const int64_t *rows, const bool *used, uint64_t capacity, int64_t rowid)
{
	uint64_t at = ((uint64_t)rowid * UINT64_C(0x9e3779b97f4a7c15)) >> 20;

	for (at &= capacity - 1; used[at] && rows[at] != rowid;)
		at = (at + 1) & (capacity - 1);
	return at;
}

static bool
grow(struct key_touched *touched)
{
	uint64_t capacity = touched->capacity == 0 ? TOUCHED_FIRST_CAPACITY : touched->capacity * 2;
	int64_t *rows = calloc(capacity, sizeof(*rows));
	bool *used = calloc(capacity, sizeof(*used));

	if (rows == NULL || used == NULL) {
		free(rows);
		free(used);
		return false;
	}
	for (uint64_t i = 0; i < touched->capacity; i++) {
		uint64_t at;

		if (!touched->used[i])
			continue;
		at = place_of(rows, used, capacity, touched->rows[i]);
		rows[at] = touched->rows[i];
		used[at] = true;
	}
	free(touched->rows);
	free(touched->used);
	touched->rows = rows;
	touched->used = used;
	touched->capacity = capacity;
	return true;
}

void
key_touched_add(struct key_touched *touched, int64_t rowid)
{
	uint64_t at;

	if (touched->count * 2 >= touched->capacity && !grow(touched)) {
		touched->failed = true;
		return;
	}
	at = place_of(touched->rows, touched->used, touched->capacity, rowid);
	if (!touched->used[at])
		touched->count++;
	touched->rows[at] = rowid;
	touched->used[at] = true;
}

bool
key_touched_has(const struct key_touched *touched, int64_t rowid)
{
	return touched->capacity > 0 && touched->used[place_of(touched->rows, touched->used, touched->capacity, rowid)];
}

void
key_note_change(void *arg, int operation, const char *database, const char *table, long long rowid)
{
	struct sql_context *context = arg;

	(void)database;
	if (context->touched.table != NULL && operation != SQLITE_DELETE && strcmp(table, context->touched.table) == 0)
		key_touched_add(&context->touched, rowid);
}

/* bibd_once(rowid): true; a row that this statement has changed already is an error. */
void
operator_once(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct key_touched *touched = &operator_session(c)->touched;
	struct report r = {0};

	(void)argc;
	if (touched->failed) {
		sqlite3_result_error_nomem(c);
		return;
	}
	if (!key_touched_has(touched, sqlite3_value_int64(argv[0]))) {
		sqlite3_result_int(c, 1);
		return;
	}
	(void)report_set(&r, SQLSTATE_CARDINALITY_VIOLATION, "ON CONFLICT DO UPDATE command cannot affect row a second time");
	report_hint(&r, "Ensure that no rows proposed for insertion within the same command have duplicate constrained "
	    "values.");
	operator_fail_report(c, &r);
}

/* bibd_key(value, table, column): the value, which is no NULL. */
void
operator_key(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *table = (const char *)sqlite3_value_text(argv[1]), *column = (const char *)sqlite3_value_text(argv[2]);
	struct report r = {0};

	(void)argc;
	if (sqlite3_value_type(argv[0]) != SQLITE_NULL) {
		sqlite3_result_value(c, argv[0]);
		return;
	}
	(void)report_set(&r, SQLSTATE_NOT_NULL_VIOLATION,
	    "null value in column \"%s\" of relation \"%s\" violates not-null constraint", column == NULL ? "" : column,
	    table == NULL ? "" : table);
	r.schema = strdup("public");
	r.table = strdup(table == NULL ? "" : table);
	r.column = strdup(column == NULL ? "" : column);
	operator_fail_report(c, &r);
}
