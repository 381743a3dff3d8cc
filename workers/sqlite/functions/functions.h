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

/* What a row of bodies.def says of its function. */
enum function_flag {
	FUNCTION_STRICT = 1 << 0, /* a NULL argument makes the result NULL */
	FUNCTION_PURE = 1 << 1,	  /* same arguments, same result */
};

/* Registers all functions of the table (bodies.def), casts and table-valued functions on a connection, before its
 * first statement is prepared. The context outlives the connection. Returns SQLite's code. */
int functions_register(sqlite3 *db, struct sql_context *context);

/* The session on whose behalf the function runs. */
struct sql_context *function_session(sqlite3_context *c);
/* Puts the error into the session's report and ends the statement. */
void function_fail(sqlite3_context *c, enum sqlstate state, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Ends the statement with a report that was filled already, and takes the report's texts. */
void function_fail_report(sqlite3_context *c, struct report *r);
/* For work that may take long, within one call or over many: adds up what is done, in steps of about a nanosecond,
 * and asks now and then whether the statement must end. True: it must, and the function's result says so already. */
bool function_must_end(sqlite3_context *c, size_t done);
/* The argument's text; never NULL ("" when memory is out). */
const char *function_text(sqlite3_value *value, size_t *length);
/* Returns a text that was written by open_memstream(), and frees it; fails with 53200 when writing it did, and with
 * 54000 when it is too long. */
void function_result_stream(sqlite3_context *c, FILE *out, char **text, size_t *length);
/* Returns a copy of a text. */
void function_result_text(sqlite3_context *c, const char *text, size_t length);
void function_result_string(sqlite3_context *c, const char *text);
/* Returns the text in a buffer, which is freed. */
void function_result_buffer(sqlite3_context *c, struct pgwire_buffer *text);
/* Returns a value, which is freed. */
void function_result_value(sqlite3_context *c, struct type_value *value);
/* The type that a cast brings its value to, and whether the cast was written (and not an assignment's). */
uint32_t function_cast_type(sqlite3_context *c, bool *is_explicit);
/* The longest text or bytea a function makes. */
#define FUNCTION_RESULT_MAX (256 * 1024 * 1024)

/* Prepares a statement of bibd's own on the function's connection, with the text arguments bound in their order;
 * NULL ends them. The caller ends it with function_query_end(). NULL: it failed, and the call with it. */
sqlite3_stmt *function_query(sqlite3_context *c, const char *sql, ...) __attribute__((sentinel));
/* Ends such a statement. */
void function_query_end(sqlite3_context *c, sqlite3_stmt *stmt);

/* user_type.c: what format_type() shows of any type, the file's own too, malloc'ed; and the OID of a type of the
 * file by its name, 0: there is none. */
char *user_type_format(sqlite3_context *c, uint32_t oid, int32_t typmod);
uint32_t user_type_find(sqlite3_context *c, const char *name);

/* json.c: writes one value as JSON. */
void json_put_value(FILE *out, sqlite3_value *value);
/* The same on a line of its own; `first`: without the line break before it. */
void json_put_line(FILE *out, sqlite3_value *value, bool first);
/* json_value.c: writes the element that was read, of an array of elements of that type, as JSON. */
struct array_reader;
void json_put_element(struct pgwire_buffer *out, const struct array_reader *reader, uint32_t element);
/* Writes a value of that type as JSON, from the text that a session sees of it. */
void json_put_text(struct pgwire_buffer *out, const char *text, size_t length, uint32_t oid);
/* array.c: writes one value as an element of an array's text. */
void function_put_value(FILE *out, sqlite3_value *value);
/* array_operator.c: the same for a value of that type; `first` leaves the comma out. -1: the report is filled. */
int array_put_sqlite_value(struct pgwire_buffer *out, sqlite3_value *value, uint32_t oid, bool first, struct report *r);

/* numeric.c: returns argv[0] `op` argv[1] in decimal, where op is one of + - * / %; and the value rounded to so many
 * places. */
void numeric_calculate(sqlite3_context *c, sqlite3_value **argv, char op);
void numeric_round(sqlite3_context *c, sqlite3_value *value, int64_t places, enum decimal_rounding how);

/* Register table-valued functions; each returns SQLite's code. Those that answer sets: */
int set_tables_register(sqlite3 *db, struct sql_context *context);
/* How many functions bibd_rows() runs side by side, and how many arguments it takes. */
#define FUNCTION_SETS_MAX 32
#define FUNCTION_SETS_ARGUMENTS_MAX 96
/* bibd_lateral: */
int lateral_register(sqlite3 *db, struct sql_context *context);
/* bibd_step and bibd_transition: */
int step_table_register(sqlite3 *db, struct sql_context *context);
int transition_table_register(sqlite3 *db, struct sql_context *context);

/* Reads the session's search path; the caller frees it with search_path_free(). */
void function_search_path(sqlite3_context *c, struct search_path *path);
struct catalog_found;
/* Does what catalog_find_listed() does, by the search path of the function's session. */
bool function_find_relation(sqlite3_context *c, struct catalog_found *found);
/* Finds a relation by its name as people write it, by the session's path where it names no schema. The caller frees
 * what was found with catalog_found_free(). */
bool catalog_find_by_text(sqlite3_context *c, const char *text, struct catalog_found *found);

/* Whether a value that is read as one of the reg types is a number, which stands for itself. */
bool function_is_number(sqlite3_value *value);
/* The function of PostgreSQL with that OID, or NULL. */
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
