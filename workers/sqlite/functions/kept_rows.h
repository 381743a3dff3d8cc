/*
 * Table-valued functions whose one argument is a number under which the session keeps rows, and whose columns c0,
 * c1, ... are those of the rows.
 */
#ifndef BIBD_SQLITE_KEPT_ROWS_H
#define BIBD_SQLITE_KEPT_ROWS_H

#include <sqlite3.h>
#include <stddef.h>

struct sql_context;

struct kept_rows {
	const char *name; /* the function's */
	int columns;	  /* as many as the widest row may have */
	/* What holds the rows of that number; it lives longer than the statement that reads it. NULL: there are
	 * none. */
	const void *(*find)(const struct sql_context *context, unsigned number);
	size_t (*count)(const void *rows, unsigned number);
	/* Answers the value of a column; none is NULL. */
	void (*put)(sqlite3_context *c, const void *rows, unsigned number, size_t row, unsigned column);
};

/* Registers the function; `kind` and the context outlive the connection. Returns SQLite's code. */
int kept_rows_register(sqlite3 *db, struct sql_context *context, const struct kept_rows *kind);

#endif
