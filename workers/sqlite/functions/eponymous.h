/*
 * What the table-valued functions of the translator have in common: eponymous virtual tables, whose arguments are
 * equalities with hidden columns behind the visible ones. See SQLite's "The Virtual Table Mechanism Of SQLite".
 */
#ifndef BIBD_SQLITE_EPONYMOUS_H
#define BIBD_SQLITE_EPONYMOUS_H

#include <sqlite3.h>
#include <stddef.h>

/* Declares the columns c0, c1, ... and the hidden ones a0, a1, ... behind them. Returns SQLite's code. */
int eponymous_declare(sqlite3 *db, int columns, int arguments);
/* xBestIndex: each equality with a hidden column, the first of which is number `first`, is an argument of xFilter, in
 * their order; SQLITE_CONSTRAINT, no plan, where one's value is not known yet. */
int eponymous_best_index(sqlite3_index_info *info, int first, double cost, sqlite3_int64 rows);
/* xOpen: a cursor of that size, zeroed, which xClose frees with sqlite3_free(). */
int eponymous_open(size_t size, sqlite3_vtab_cursor **out);
/* xDisconnect of a table that is one piece of sqlite3_malloc(). */
int eponymous_disconnect(sqlite3_vtab *table);

#endif
