/*
 * Private to the files that hold what translated texts call: one C function per SQL function bibd_*, and helpers.
 */
#ifndef BIBD_SQLITE_DIALECT_OPERATORS_H
#define BIBD_SQLITE_DIALECT_OPERATORS_H

#include <sqlite3.h>

#include "workers/pgwire/pgwire.h"
#include "workers/sqlite/settings/sql_context.h"
#include "workers/sqlite/types/types.h"

/* The session: every function's user data begins with it. */
struct operator_data {
	struct sql_context *context;
	uint32_t oid;	    /* of a cast's type */
	bool explicit_cast;
};
struct sql_context *operator_session(sqlite3_context *c);
/* Puts the error into the session's report and ends the statement. */
void operator_fail(sqlite3_context *c, enum sqlstate state, const char *message);
/* The same with a report that was filled (it is moved). */
void operator_fail_report(sqlite3_context *c, struct report *r);
/* Gives a type_value back, which is freed. */
void operator_result(sqlite3_context *c, struct type_value *value);

typedef void operator_fn(sqlite3_context *c, int argc, sqlite3_value **argv);

/* cast.c */
operator_fn operator_cast, operator_text, operator_fill;
/* arithmetic.c */
operator_fn operator_int2_range, operator_int4_range, operator_int8_range, operator_divide, operator_modulo,
    operator_divide_float, operator_float_add, operator_float_subtract, operator_float_multiply, operator_float_negate,
    operator_power, operator_xor, operator_limit, operator_offset;
/* numeric.c */
operator_fn operator_numeric_add, operator_numeric_subtract, operator_numeric_multiply, operator_numeric_divide,
    operator_numeric_modulo, operator_numeric_greatest, operator_numeric_least;
/* date_operator.c */
operator_fn operator_date_add, operator_date_subtract, operator_date_difference, operator_timestamp_add,
    operator_timestamp_subtract, operator_timestamptz_add, operator_timestamptz_subtract;
/* pattern.c, regex_operator.c */
operator_fn operator_like, operator_ilike, operator_regex, operator_iregex, operator_regex_substring;
/* array_operator.c */
operator_fn operator_array, operator_array_get, operator_array_concatenate, operator_any_of, operator_all_of,
    operator_array_of_step, operator_record_field;
void operator_array_of_final(sqlite3_context *c);
/* key.c */
operator_fn operator_key, operator_once;
/* json_operator.c, json_value.c */
operator_fn operator_json_text, operator_json_member, operator_json_value;

/* ---- array_text.c: '{a,"b c",NULL}', and the vectors' "1 2 3" ---- */

struct array_reader {
	const char *at, *end;
	bool vector;	/* blanks between, counted from 0 */
	char *element;	/* the current one, quotes undone; owned by the reader */
	size_t length;
	bool null;
	bool failed;	/* out of memory */
};
void array_reader_open(struct array_reader *r, const char *text, size_t length);
bool array_reader_next(struct array_reader *r);
void array_reader_close(struct array_reader *r);
/* Appends one element, quoted where it must be. `first` leaves the comma out. */
void array_put_text(struct pgwire_buffer *out, const char *text, size_t length, bool null, bool first);
/* Appends an SQLite value as an element of that type. */
int array_put_sqlite_value(struct pgwire_buffer *out, sqlite3_value *value, uint32_t oid, bool first,
    const struct type_settings *settings, struct report *r);

/* ---- series_table.c: table-valued functions ---- */
int series_register(sqlite3 *db, struct sql_context *context);

#endif
