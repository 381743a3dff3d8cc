/*
 * Keeps the rows of a statement in steps as copies of SQLite's values.
 */
#include "workers/sqlite/steps/steps.h"

#include <stdlib.h>
#include <string.h>

/* What a value takes beside its bytes, about. */
#define VALUE_BYTES 72

struct set {
	sqlite3_value **values; /* row by row */
	size_t rows, capacity;	/* the capacity in values */
	unsigned columns;
};

struct steps {
	unsigned nsets, nwatched;
	struct set *sets;
	struct key_touched *watched;
	size_t bytes;
	unsigned current_set;
	size_t current_row;
};

struct steps *
steps_new(unsigned nsets, unsigned nwatched)
{
	struct steps *steps = calloc(1, sizeof(*steps));

	if (steps == NULL)
		return NULL;
	*steps = (struct steps) { .nsets = nsets, .nwatched = nwatched };
	steps->sets = calloc((size_t)nsets + 1, sizeof(*steps->sets));
	steps->watched = calloc((size_t)nwatched + 1, sizeof(*steps->watched));
	if (steps->sets == NULL || steps->watched == NULL) {
		steps_free(steps);
		return NULL;
	}
	return steps;
}

static void
set_clear(struct set *set)
{
	for (size_t i = 0; i < set->rows * set->columns; i++)
		sqlite3_value_free(set->values[i]);
	free(set->values);
	*set = (struct set) { 0 };
}

static void
forget_rows(struct key_touched *touched)
{
	free(touched->rows);
	free(touched->used);
	*touched = (struct key_touched) { .table = touched->table, .database = touched->database };
}

void
steps_clear(struct steps *steps)
{
	for (unsigned i = 0; i < steps->nsets; i++)
		set_clear(&steps->sets[i]);
	for (unsigned i = 0; i < steps->nwatched; i++)
		forget_rows(&steps->watched[i]);
	steps->bytes = 0;
	steps->current_set = 0;
}

void
steps_free(struct steps *steps)
{
	if (steps == NULL)
		return;
	if (steps->sets != NULL && steps->watched != NULL)
		steps_clear(steps);
	for (unsigned i = 0; steps->watched != NULL && i < steps->nwatched; i++) {
		free(steps->watched[i].table);
		free(steps->watched[i].database);
	}
	free(steps->watched);
	free(steps->sets);
	free(steps);
}

bool
steps_watch(struct steps *steps, unsigned i, const char *database, const char *table)
{
	struct key_touched *touched = &steps->watched[i];

	touched->database = strdup(database);
	touched->table = strdup(table);
	return touched->database != NULL && touched->table != NULL;
}

struct key_touched *
steps_watched(struct steps *steps, unsigned i)
{
	return i < steps->nwatched ? &steps->watched[i] : NULL;
}

unsigned
steps_nwatched(const struct steps *steps)
{
	return steps->nwatched;
}

/* Room for one more row; columns is set by the first. */
static bool
set_reserve(struct set *set, unsigned columns)
{
	size_t wanted = (set->rows + 1) * columns, capacity = set->capacity < 64 ? 64 : set->capacity * 2;
	sqlite3_value **values;

	if (set->rows == 0)
		set->columns = columns;
	if (wanted <= set->capacity)
		return true;
	if (capacity < wanted)
		capacity = wanted;
	if ((values = reallocarray(set->values, capacity, sizeof(sqlite3_value *))) == NULL)
		return false;
	set->values = values;
	set->capacity = capacity;
	return true;
}

static size_t
bytes_of(sqlite3_value *value)
{
	int kind = sqlite3_value_type(value);

	return VALUE_BYTES + (kind == SQLITE_TEXT || kind == SQLITE_BLOB ? (size_t)sqlite3_value_bytes(value) : 0);
}

int
steps_add_row(struct steps *steps, unsigned set, sqlite3_stmt *stmt)
{
	struct set *to = &steps->sets[set - 1];
	unsigned n = (unsigned)sqlite3_column_count(stmt);
	sqlite3_value **row;

	if (!set_reserve(to, n))
		return SQLITE_NOMEM;
	row = to->values + to->rows * to->columns;
	for (unsigned i = 0; i < n; i++) {
		sqlite3_value *value = sqlite3_column_value(stmt, (int)i);

		steps->bytes += bytes_of(value);
		row[i] = steps->bytes > STEPS_BYTES_MAX ? NULL : sqlite3_value_dup(value);
		if (row[i] == NULL) {
			while (i-- > 0)
				sqlite3_value_free(row[i]);
			return steps->bytes > STEPS_BYTES_MAX ? SQLITE_TOOBIG : SQLITE_NOMEM;
		}
	}
	to->rows++;
	return SQLITE_OK;
}

size_t
steps_nrows(const struct steps *steps, unsigned set)
{
	return set == 0 || set > steps->nsets ? 0 : steps->sets[set - 1].rows;
}

sqlite3_value *
steps_value(const struct steps *steps, unsigned set, size_t row, unsigned column)
{
	const struct set *from = set == 0 || set > steps->nsets ? NULL : &steps->sets[set - 1];

	return from == NULL || row >= from->rows || column >= from->columns
	    ? NULL
	    : from->values[row * from->columns + column];
}

void
steps_set_current(struct steps *steps, unsigned set, size_t row)
{
	steps->current_set = set;
	steps->current_row = row;
}

sqlite3_value *
steps_current(const struct steps *steps, unsigned column)
{
	return steps_value(steps, steps->current_set, steps->current_row, column);
}
