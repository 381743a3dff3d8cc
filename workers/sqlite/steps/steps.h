/*
 * What a statement that is run in several steps (session/steps_run.h) keeps between them: rows that a step has
 * answered, as sets that later ones read by bibd_step(set); the row at hand of a set that a step is run for once for
 * each row, by bibd_step_value(column); and which rows of which tables it has added or changed, for
 * bibd_untouched(table, rowid). It belongs to its struct statement, and is the context's (sql_context.steps) while that
 * is stepped: what asks for it does so then.
 *
 * All of it is memory of the session that runs the statement, counted as any (memory/memory.h), and bounded besides.
 */
#ifndef BIBD_SQLITE_STEPS_H
#define BIBD_SQLITE_STEPS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/sqlite/settings/sql_context.h"

/* What the sets of one statement may hold. */
#define STEPS_BYTES_MAX ((size_t)512 << 20)

/* Columns of a set that bibd_step() can show. */
#define STEPS_COLUMNS_MAX 300

struct steps;

/* With that many sets, numbered from 1, and tables whose rows are watched, from 0. NULL: out of memory. */
struct steps *steps_new(unsigned nsets, unsigned nwatched);
void steps_free(struct steps *steps); /* takes NULL */
/* Before the statement is run, once more perhaps: everything is forgotten. */
void steps_clear(struct steps *steps);

/* Watches that table; the texts are copied. False: out of memory. */
bool steps_watch(struct steps *steps, unsigned i, const char *database, const char *table);
struct key_touched *steps_watched(struct steps *steps, unsigned i);
unsigned steps_nwatched(const struct steps *steps);

/* Adds the row that a statement is at. Returns SQLite's code: SQLITE_NOMEM, SQLITE_TOOBIG beyond the bound. */
int steps_add_row(struct steps *steps, unsigned set, sqlite3_stmt *stmt);
size_t steps_nrows(const struct steps *steps, unsigned set);
/* NULL: the row has no such column. */
sqlite3_value *steps_value(const struct steps *steps, unsigned set, size_t row, unsigned column);

/* The row that bibd_step_value() reads. */
void steps_set_current(struct steps *steps, unsigned set, size_t row);
sqlite3_value *steps_current(const struct steps *steps, unsigned column);

#endif
