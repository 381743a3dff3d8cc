/*
 * What functions SQL texts may call: one table, function_table.def, of which pg_proc is made, which the translator
 * asks, and which functions/ runs.
 */
#ifndef BIBD_SQLITE_CATALOG_FUNCTION_TABLE_H
#define BIBD_SQLITE_CATALOG_FUNCTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum function_flag {
	FUNCTION_STRICT = 1 << 0,   /* a NULL argument makes the result NULL */
	FUNCTION_PURE = 1 << 1,	    /* same arguments, same result */
	FUNCTION_WRITES = 1 << 2,   /* to the file */
	FUNCTION_INTERNAL = 1 << 3, /* for the translator's and SQLite's own use: a text can't call it by this name */
	FUNCTION_WINDOWED = 1 << 5, /* an aggregate that is a window function too */
	FUNCTION_WINDOW = 1 << 6,   /* a window function only */
};

/* What the translator asks: may a text call this (lower-case) name with so many arguments, under
 * what name does SQLite know it, and what does it return? */
enum function_result {
	FUNCTION_FIXED,
	FUNCTION_SAME_AS_FIRST,
	FUNCTION_SUM,
	FUNCTION_AVERAGE,
	FUNCTION_JOINED,   /* bytea of bytea, else text */
	FUNCTION_TRUNCATED /* timestamp of timestamp, else timestamptz */
};
struct function {
	const char *name;	 /* as PostgreSQL's */
	const char *sqlite_name; /* as registered, or SQLite's own */
	int min_args, max_args;	 /* -1: any number */
	bool aggregate, window;
	bool side_effects; /* setval, set_config, ...: a query that calls it writes or is not repeatable */
	enum function_result result;
	uint32_t oid; /* of the result, when fixed */
};
const struct function *function_find(const char *name, int nargs);
/* Whether SQLite's function of that name changes the file. */
bool function_writes(const char *sqlite_name);
/* Whether the definition of a table mentions such a function. */
bool function_writes_in(const char *definition);
/* For pg_proc; NULL after the last. */
const struct function *function_by_index(size_t i);

#endif
