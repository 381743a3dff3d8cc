/*
 * A set of the rows that the statement at hand has changed.
 */
#include "workers/sqlite/settings/touched.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/settings/sql_context.h"

#define TOUCHED_FIRST_CAPACITY 64

void
key_touched_free(struct key_touched *touched)
{
	free(touched->table);
	free(touched->rows);
	free(touched->used);
	*touched = (struct key_touched) { 0 };
}

void
key_touched_begin(struct key_touched *touched, const char *table)
{
	if (table == NULL && touched->table == NULL)
		return;
	key_touched_free(touched);
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

	for (unsigned i = 0; i < context->nwatched; i++)
		if (operation != SQLITE_DELETE && strcmp(table, context->watched[i].table) == 0 &&
		    strcmp(database, context->watched[i].database) == 0)
			key_touched_add(&context->watched[i], rowid);
	for (struct sql_watch *watch = context->watches; watch != NULL; watch = watch->outer)
		if (strcmp(table, watch->table) == 0 && strcmp(database, watch->database) == 0)
			key_touched_add(watch->steps ? &watch->own : &watch->others, rowid);
	if (context->touched.table != NULL && operation != SQLITE_DELETE && strcmp(table, context->touched.table) == 0)
		key_touched_add(&context->touched, rowid);
}
