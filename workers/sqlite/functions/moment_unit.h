/*
 * Names of the fields of a timestamp. Shared by the functions of time.
 */
#ifndef BIBD_SQLITE_MOMENT_UNIT_H
#define BIBD_SQLITE_MOMENT_UNIT_H

#include "workers/sqlite/functions/moment.h"

/* The name under which the others are known ("secs": "second"), or the name itself. */
const char *moment_unit(const char *name);
/* A field of infinity as the result, which NULL may be; a date has no hours. False: there is no such field. */
bool moment_give_infinite(sqlite3_context *c, const char *field, bool minus, bool exact, bool date);

#endif
