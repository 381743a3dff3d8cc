/*
 * Rows that a statement with triggers keeps in memory; bounded by ROUTINE_ROWS_BYTES.
 */
#ifndef BIBD_SQLITE_SESSION_FIRE_ROWS_H
#define BIBD_SQLITE_SESSION_FIRE_ROWS_H

#include "workers/sqlite/routines/routines.h"

struct fire_row {
	int64_t rowid;
	unsigned member;	  /* the place of the row's table among the statement's members */
	struct type_value *cells; /* [width], which own their bytes */
};

struct fire_rows {
	unsigned width;
	struct fire_row *rows;
	size_t nrows, capacity, bytes;
};

/* Appends a row of nulls. NULL: 53200. */
struct fire_row *fire_rows_add(struct fire_rows *rows, struct report *r);
/* Counts so many bytes more. -1: 53200, they are too many. */
int fire_rows_account(struct fire_rows *rows, size_t bytes, struct report *r);
/* Appends a copy of a row, and returns its number, from 1. 0: 53200. */
size_t fire_rows_keep(struct fire_rows *rows, const struct type_value *cells, struct report *r);
void fire_rows_free(struct fire_rows *rows);
void fire_cells_free(struct type_value *cells, size_t n);

#endif
