/*
 * Private to the files of INSERT: the statement as it is being written. Functions return -1 with the report filled.
 */
#ifndef BIBD_SQLITE_DIALECT_INSERT_H
#define BIBD_SQLITE_DIALECT_INSERT_H

#include "workers/sqlite/dialect/modify.h"

/* All arrays live as long as the translator. */
struct insert {
	const PgQuery__InsertStmt *statement;
	const struct schema_table *table;
	const struct schema_column **columns; /* [n]: a value for each stands in the statement */
	unsigned n;
	/* Columns that the statement does not name and that are written with their default, or NULL, behind the
	 * others: the key that SQLite would make up a number for, and columns of a domain, which has a default and
	 * constraints of its own. */
	const struct schema_column **added; /* [nadded] */
	unsigned nadded;
};

/* ---- insert_columns.c ---- */

/* Takes the columns that the statement lists: 42703 for one that is not there, 42701 for one listed twice. */
int insert_name_columns(struct translator *t, struct insert *in);
/* Takes as many columns as there are values: without a list the table's first ones. 42601 when the list has more or
 * fewer. */
int insert_choose_columns(struct translator *t, struct insert *in, size_t width, int location);
/* Fills in `added`, for which there is room for all columns of the table. With triggers these are all the others. */
int insert_find_added(struct translator *t, struct insert *in);
/* Whether column i is written: a generated column that is given DEFAULT is left out, since SQLite takes nothing for
 * it. */
bool insert_is_written(const struct insert *in, unsigned i);
/* Whether target i assigns to a part of a column; and whether an earlier target assigns to a part of the same column,
 * so that both are written there. */
bool insert_is_part(const struct insert *in, unsigned i);
bool insert_is_later_part(const struct insert *in, unsigned i);
/* Writes the list of columns in parentheses; for triggers, which do not need their names, it notes their order. */
int insert_emit_columns(struct translator *t, const struct insert *in);
/* Notes the order of the columns for triggers. */
int insert_note_columns(struct translator *t, const struct insert *in);
/* Writes the values of the added columns behind those of the others; `first`: there are no others. */
int insert_emit_added(struct translator *t, const struct insert *in, bool first);
/* Notes in the plan whether a serial column that is not named gets its next value. */
void insert_note_serial(struct translator *t, const struct insert *in);
/* Whether an identity column is given no value: in a partition its NULL is an error, since the default is the root's
 * alone. */
bool insert_leaves_identity(const struct insert *in);

/* ---- insert_source.c ---- */

/* Writes the columns and the query of INSERT ... SELECT. */
int insert_translate_source(struct translator *t, struct insert *in, const PgQuery__SelectStmt *source);

#endif
