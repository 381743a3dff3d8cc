/*
 * The names of a timestamp's fields, for the functions of time.
 */
#ifndef BIBD_SQLITE_MOMENT_UNIT_H
#define BIBD_SQLITE_MOMENT_UNIT_H

#include "workers/sqlite/functions/moment.h"

/* The one name of a field that has several ("secs": "second"), or the name itself. */
const char *moment_unit(const char *name);
/* Returns a field of an infinite time, which may be NULL; a date has no hours. False: there is no such field. */
bool moment_give_infinite(sqlite3_context *c, const char *field, bool minus, bool exact, bool date);

#endif
