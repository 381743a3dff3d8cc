/*
 * What the table-valued functions of the translator have in common: eponymous virtual tables, whose arguments are
 * equalities with hidden columns behind the visible ones. See SQLite's "The Virtual Table Mechanism Of SQLite".
 */
#ifndef BIBD_SQLITE_EPONYMOUS_H
#define BIBD_SQLITE_EPONYMOUS_H

#include <sqlite3.h>
#include <stddef.h>

/* xConnect of a table whose visible columns are c0, c1, ..., with the hidden ones a0, a1, ... behind them. *out is a
 * table of that size, zeroed, of which the sqlite3_vtab is the first member. Returns SQLite's code. */
int eponymous_connect(sqlite3 *db, int columns, int arguments, size_t size, sqlite3_vtab **out);
/* xBestIndex: each equality with a hidden column, the first of which is number `first`, is an argument of xFilter, in
 * their order; SQLITE_CONSTRAINT, no plan, where one's value is not known yet. */
int eponymous_best_index(sqlite3_index_info *info, int first, double cost, sqlite3_int64 rows);
/* xOpen: a cursor of that size, zeroed, which xClose frees with sqlite3_free(). */
int eponymous_open(size_t size, sqlite3_vtab_cursor **out);
/* xClose of a cursor that owns nothing else. */
int eponymous_close(sqlite3_vtab_cursor *cursor);
/* A cursor that counts its rows from 0, first in the function's own; xNext and xRowid of such a one. */
struct eponymous_cursor {
	sqlite3_vtab_cursor base;
	size_t row;
};
int eponymous_next(sqlite3_vtab_cursor *cursor);
int eponymous_row_number(sqlite3_vtab_cursor *cursor, sqlite3_int64 *row);
/* xDisconnect of a table that is one piece of sqlite3_malloc(). */
int eponymous_disconnect(sqlite3_vtab *table);

#endif
