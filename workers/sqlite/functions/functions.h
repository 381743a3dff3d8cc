/*
 * All that SQLite calls back: one C function per SQL function, registered by one table, and the helpers by which they
 * take arguments, give results and fail.
 */
#ifndef BIBD_SQLITE_CATALOG_FUNCTIONS_H
#define BIBD_SQLITE_CATALOG_FUNCTIONS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "workers/pgwire/pgwire.h"
#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/settings/search_path.h"
#include "workers/sqlite/settings/sql_context.h"
#include "workers/sqlite/types/decimal.h"
#include "workers/sqlite/types/types.h"

/* Of a row of bodies.def. */
enum function_flag {
	FUNCTION_STRICT = 1 << 0, /* a NULL argument makes the result NULL */
	FUNCTION_PURE = 1 << 1,	  /* same arguments, same result */
};

/* Registers all functions of the table (bodies.def), casts and table-valued functions on a connection,
 * before the first statement is prepared; context outlives it. Returns SQLite's code. */
int functions_register(sqlite3 *db, struct sql_context *context);

/* The session on whose behalf the function runs. */
struct sql_context *function_session(sqlite3_context *c);
/* Puts the error into the session's report and ends the statement. */
void function_fail(sqlite3_context *c, enum sqlstate state, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Ends the statement with a report that was filled already (it is moved). */
void function_fail_report(sqlite3_context *c, struct report *r);
/* The argument's text; never NULL ("" when memory is out). */
const char *function_text(sqlite3_value *value, size_t *length);
/* Gives a text written by open_memstream back; fails with 53200 when writing did, 54000 when it is too long. */
void function_result_stream(sqlite3_context *c, FILE *out, char **text, size_t *length);
/* A copy of a text. */
void function_result_text(sqlite3_context *c, const char *text, size_t length);
void function_result_string(sqlite3_context *c, const char *text);
/* The text in a buffer, which is freed. */
void function_result_buffer(sqlite3_context *c, struct pgwire_buffer *text);
/* Gives a type_value back, which is freed. */
void function_result_value(sqlite3_context *c, struct type_value *value);
/* The type that the cast at hand makes, and whether it was written or is an assignment's. */
uint32_t function_cast_type(sqlite3_context *c, bool *is_explicit);
/* The longest text or bytea a function makes. */
#define FUNCTION_RESULT_MAX (256 * 1024 * 1024)

/* A statement of bibd's own on the function's connection; text arguments are bound in order, NULL-terminated. NULL:
 * failed, and reported. */
sqlite3_stmt *function_query(sqlite3_context *c, const char *sql, ...) __attribute__((sentinel));
/* The statement's work is done; what it lets pass is over. */
void function_query_end(sqlite3_context *c, sqlite3_stmt *stmt);

/* user_type.c: as type_format(), of the file's own types too; and the OID of one by its name, 0: there is none.
 * malloc'ed. */
char *user_type_format(sqlite3_context *c, uint32_t oid, int32_t typmod);
uint32_t user_type_find(sqlite3_context *c, const char *name);

/* json.c: one value as JSON. */
void json_put_value(FILE *out, sqlite3_value *value);
/* The same; `first`: without the line that it begins. */
void json_put_line(FILE *out, sqlite3_value *value, bool first);
/* json_value.c: the element that was read of an array of that type, as JSON. */
struct array_reader;
void json_put_element(struct pgwire_buffer *out, const struct array_reader *reader, uint32_t element);
/* The same of a value's text, as a session sees it. */
void json_put_text(struct pgwire_buffer *out, const char *text, size_t length, uint32_t oid);
/* array.c: one value as an element of an array's text. */
void function_put_value(FILE *out, sqlite3_value *value);
/* array_operator.c: the same, as a value of that type; `first` leaves the comma out. */
int array_put_sqlite_value(struct pgwire_buffer *out, sqlite3_value *value, uint32_t oid, bool first, struct report *r);

/* numeric.c: argv[0] operator argv[1] in decimal; + - * / %. */
void numeric_calculate(sqlite3_context *c, sqlite3_value **argv, char op);
void numeric_round(sqlite3_context *c, sqlite3_value *value, int64_t places, enum decimal_rounding how);

/* set_table.c: table-valued functions. Returns SQLite's code. */
int set_tables_register(sqlite3 *db, struct sql_context *context);
/* How many functions bibd_rows() runs side by side, and how many arguments it takes. */
#define FUNCTION_SETS_MAX 32
#define FUNCTION_SETS_ARGUMENTS_MAX 96
/* lateral_table.c: likewise. */
int lateral_register(sqlite3 *db, struct sql_context *context);
/* step_table.c: likewise. */
int step_table_register(sqlite3 *db, struct sql_context *context);

/* The session's search path; search_path_free frees it. */
void function_search_path(sqlite3_context *c, struct search_path *path);
/* A relation by its name as people write it, by the session's path where no schema is given; catalog_found_free frees
 * what it found. */
struct catalog_found;
bool catalog_find_by_text(sqlite3_context *c, const char *text, struct catalog_found *found);

/* The row of pg_proc with that OID, or NULL. */
const struct function_fact *catalog_function_of(sqlite3_value *value);

typedef void function_body(sqlite3_context *c, int argc, sqlite3_value **argv);
typedef void function_end(sqlite3_context *c);

/* cast.c: bibd_TYPE and bibd_to_TYPE */
function_body operator_cast;

#define BODY(name, arguments, flags, body) function_body body;
#define AGGREGATE(name, arguments, flags, step, final) \
	function_body step; \
	function_end final;
#define WINDOWED(name, arguments, flags, step, final, value, inverse) \
	function_body step, inverse; \
	function_end final, value;
#include "workers/sqlite/functions/bodies.def"
#undef BODY
#undef AGGREGATE
#undef WINDOWED

#endif
