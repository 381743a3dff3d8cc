/*
 * What SQLite hands to each function. Private to the table of functions and to the helpers of those that it calls.
 */
#ifndef BIBD_SQLITE_FUNCTION_REGISTERED_H
#define BIBD_SQLITE_FUNCTION_REGISTERED_H

#include <stdbool.h>
#include <stdint.h>

struct function_row;
struct sql_context;

/* A function's user data: its row, the connection's session, and of a cast what it casts to. */
struct registered {
	const struct function_row *row; /* NULL: a cast */
	struct sql_context *context;
	uint32_t oid;
	bool explicit_cast;
	uint32_t index; /* in the registrations */
};

#endif
