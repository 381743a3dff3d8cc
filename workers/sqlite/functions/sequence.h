/* Private to the functions of sequences: those of tables that an older bibd made. */
#ifndef BIBD_SQLITE_FUNCTIONS_SEQUENCE_H
#define BIBD_SQLITE_FUNCTIONS_SEQUENCE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* table: whose rows SQLite numbers. False: the error was set. */
bool sequence_numbered_next(sqlite3_context *c, const char *table, int64_t *value);
bool sequence_numbered_set(sqlite3_context *c, const char *table, int64_t value, bool called);

#endif
