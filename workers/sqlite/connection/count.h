/*
 * How many rows each table has, as text that two counts of one state have alike: bibd-sqlite notes it, and bibd-drill
 * compares it with what was restored.
 */
#ifndef BIBD_SQLITE_COUNT_H
#define BIBD_SQLITE_COUNT_H

#include <stdio.h>

#include "workers/sqlite/connection/connection.h"

struct count {
	bool scans;	  /* reads the tables themselves, and no index in their place */
	int64_t until_ms; /* clock_now_ms(); no table is begun later; 0: however long it takes */
	uint64_t tables, rows;
};

/* Writes "ROWS NAME" for each table of the file, in the order of their names. Errors: count.failed (65: one cannot be
 * read), count.late (69). */
int count_tables(struct connection *connection, struct count *count, FILE *out, struct error *e);

#endif
