/*
 * LATERAL: a subquery in FROM that reads columns of what stands before it. SQLite's FROM can't: it becomes
 * a call of the table-valued function bibd_lateral(text, argument, ...), which runs the text for each row. In the text
 * the columns from outside, and the client's parameters, are its arguments, ?1, ?2, ...
 */
#ifndef BIBD_SQLITE_LATERAL_H
#define BIBD_SQLITE_LATERAL_H

#include "workers/sqlite/dialect/expression.h"

/* Beyond the text. SQLite itself looks again at what stands behind the first sixteen. */
#define LATERAL_ARGUMENTS_MAX 14
#define LATERAL_COLUMNS_MAX 250
/* Each doubles the quotes of those within. */
#define LATERAL_DEPTH_MAX 4

/* One that is being written, within another or none. */
struct lateral {
	struct lateral *outer;
	unsigned depth; /* from 1 */
	unsigned n;
	const char *arguments[LATERAL_ARGUMENTS_MAX]; /* as they are written where it stands */
	unsigned outside, own;			      /* columns so far: of what is outside of it, and of itself */
};

/* A column of a range that is outside of the lateral query in which it is named. */
int lateral_column(struct translator *t, const struct found_column *found, struct expression *type);
/* The client's parameter of that number (from 1) there. */
int lateral_parameter(struct translator *t, int number);

/* Writes a LATERAL subquery, and adds its range. */
int translate_lateral(struct translator *t, const PgQuery__RangeSubselect *sub);

#endif
