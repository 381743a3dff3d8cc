/*
 * What the files function_*.c share: one C function per SQL function, and the ways to take arguments and to fail.
 */
#ifndef BIBD_SQLITE_CATALOG_FUNCTIONS_H
#define BIBD_SQLITE_CATALOG_FUNCTIONS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "workers/sqlite/catalog/catalog.h"

/* Registers all functions on a connection, before the first statement is prepared; context outlives it. -1: out of
 * memory. */
int functions_register(sqlite3 *db, struct sql_context *context);
int dialect_register_functions(sqlite3 *db, struct sql_context *context);

/* The session on whose behalf the function runs. */
struct sql_context *function_session(sqlite3_context *c);
/* Puts the error into the session's report and ends the statement. */
void function_fail(sqlite3_context *c, enum sqlstate state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Ends the statement with a report that was filled already (it is moved). */
void function_fail_report(sqlite3_context *c, struct report *r);
/* The argument's text; never NULL ("" when memory is out). */
const char *function_text(sqlite3_value *value, size_t *length);
/* Gives a text written by open_memstream back; fails with 53200 when writing did, 54000 when it is too long. */
void function_result_stream(sqlite3_context *c, FILE *out, char **text, size_t *length);
/* A copy of a text. */
void function_result_text(sqlite3_context *c, const char *text, size_t length);
void function_result_string(sqlite3_context *c, const char *text);
/* The longest text or bytea a function makes. */
#define FUNCTION_RESULT_MAX (256 * 1024 * 1024)

/* A statement of bibd's own on the function's connection; text arguments are bound in order, NULL-terminated. NULL:
 * failed, and reported. */
sqlite3_stmt *function_query(sqlite3_context *c, const char *sql, ...) __attribute__((sentinel));
/* The statement's work is done; what it lets pass is over. */
void function_query_end(sqlite3_context *c, sqlite3_stmt *stmt);

/* array.c, json.c: one value as an array's element, and as JSON. */
void function_put_value(FILE *out, sqlite3_value *value);
/* text[length] must be NUL. */
void function_put_element(FILE *out, const char *text, size_t length);
void json_put_value(FILE *out, sqlite3_value *value);

/* The row of pg_proc with that OID, or NULL. */
const struct function *catalog_function_of(sqlite3_value *value);

typedef void function_body(sqlite3_context *c, int argc, sqlite3_value **argv);
typedef void function_end(sqlite3_context *c);

#define BODY(name, sqlite_name, min, max, flags, result, oid, body) function_body body;
#define AGGREGATE(name, sqlite_name, min, max, flags, result, oid, step, final) \
	function_body step; function_end final;
#define WINDOWED(name, sqlite_name, min, max, flags, result, oid, step, final, value, inverse) \
	function_body step, inverse; function_end final, value;
#define BUILTIN(name, sqlite_name, min, max, flags, result, oid)
#include "workers/sqlite/functions/functions.def"
#undef BODY
#undef AGGREGATE
#undef WINDOWED
#undef BUILTIN

#endif
