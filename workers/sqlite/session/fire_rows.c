/*
 * Rows in memory.
 */
#include "workers/sqlite/session/fire_rows.h"

#include <stdlib.h>

void
fire_cells_free(struct type_value *cells, size_t n)
{
	for (size_t i = 0; cells != NULL && i < n; i++) {
		type_value_free(&cells[i]);
		cells[i] = (struct type_value) { .kind = SQLITE_NULL };
	}
}

void
fire_rows_free(struct fire_rows *rows)
{
	for (size_t i = 0; i < rows->nrows; i++) {
		fire_cells_free(rows->rows[i].cells, rows->width);
		free(rows->rows[i].cells);
	}
	free(rows->rows);
	*rows = (struct fire_rows) { .width = rows->width };
}

int
fire_rows_account(struct fire_rows *rows, size_t bytes, struct report *r)
{
	rows->bytes += bytes;
	return rows->bytes <= ROUTINE_ROWS_BYTES
	    ? 0
	    : report_set(r, SQLSTATE_OUT_OF_MEMORY,
		  "a statement with row triggers, or on a table with children, changes too many rows");
}

struct fire_row *
fire_rows_add(struct fire_rows *rows, struct report *r)
{
	struct fire_row *row;

	if (fire_rows_account(rows, sizeof(*row) + rows->width * sizeof(*row->cells), r) == -1)
		return NULL;
	if (rows->nrows == rows->capacity) {
		size_t capacity = 2 * rows->capacity + 4;
		struct fire_row *grown = reallocarray(rows->rows, capacity, sizeof(*grown));

		if (grown == NULL) {
			(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
			return NULL;
		}
		rows->rows = grown;
		rows->capacity = capacity;
	}
	row = &rows->rows[rows->nrows];
	*row = (struct fire_row) { .cells = calloc(rows->width + 1, sizeof(*row->cells)) };
	if (row->cells == NULL) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	for (unsigned i = 0; i < rows->width; i++)
		row->cells[i].kind = SQLITE_NULL;
	rows->nrows++;
	return row;
}

size_t
fire_rows_keep(struct fire_rows *rows, const struct type_value *cells, struct report *r)
{
	struct fire_row *row = fire_rows_add(rows, r);

	for (unsigned i = 0; row != NULL && i < rows->width; i++) {
		struct routine_value from = { .value = cells[i] }, to = { .value = { .kind = SQLITE_NULL } };

		if (routine_value_copy(&from, &to, r) == -1 || fire_rows_account(rows, to.value.length, r) == -1) {
			type_value_free(&to.value);
			return 0;
		}
		row->cells[i] = to.value;
	}
	return row == NULL ? 0 : rows->nrows;
}
