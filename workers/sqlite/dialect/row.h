/*
 * Private to row*.c: the parts of ROW(...), and the fields of rows.
 */
#ifndef BIBD_SQLITE_DIALECT_ROW_H
#define BIBD_SQLITE_DIALECT_ROW_H

#include "workers/sqlite/dialect/expression.h"

/* How the text of a row begins; the types of its fields follow. */
#define ROW_HEAD "bibd_row_make('"

/* Where the fields of ROW(...) stand, from the start of its text, and what they were before they had a type. */
struct row_parts {
	unsigned n;
	const struct expression *fields;
	size_t head; /* length of the types in the text */
};

#endif
