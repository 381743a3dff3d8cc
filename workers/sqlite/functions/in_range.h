/*
 * Whether a value lies within an offset of another: what RANGE asks.
 */
#ifndef BIBD_SQLITE_FUNCTION_IN_RANGE_H
#define BIBD_SQLITE_FUNCTION_IN_RANGE_H

#include "workers/sqlite/functions/functions.h"

/* Asks whether value <= base - offset; not `subtract`: base + offset; not `less`: value >= that. Only the offset may
 * be NULL. */
struct in_range_question {
	uint32_t oid; /* the type of value and base */
	sqlite3_value *value, *base, *offset;
	bool subtract, less;
};
/* 1, 0; -1: the call failed: 22004 for an offset that is NULL, 22013 for one below zero. */
int in_range(sqlite3_context *c, const struct in_range_question *q);

#endif
