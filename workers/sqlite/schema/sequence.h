/*
 * A sequence's definition as SQLite keeps it: a view of one row that shows where the sequence stands, so that it shares
 * the names of tables and views, and comes, goes and is rolled back as they do. What CREATE SEQUENCE said stands in a
 * comment of the view's text.
 */
#ifndef BIBD_SQLITE_SCHEMA_SEQUENCE_H
#define BIBD_SQLITE_SCHEMA_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "workers/sqlite/sequences/sequences.h"

struct schema_sequence {
	uint64_t id;		     /* the sequence's for its whole life: sessions remember its values by it */
	uint64_t identity;	     /* the position's; see sequences.h */
	struct sequence_position at; /* where the position began */
	struct sequence_rule rule;
	int64_t start;
	uint32_t oid;			  /* TYPE_INT2, TYPE_INT4, TYPE_INT8 */
	bool internal;			  /* it belongs to an identity column, and is dropped with it */
	char *owner_table, *owner_column; /* OWNED BY; NULL: NONE */
};

/* Whether the text of a view is a sequence's; false for NULL. */
bool schema_sequence_is(const char *sql);
/* Reads a sequence from the text of its view; -1: it is none, or memory is out. schema_sequence_free() frees the
 * names in it. */
int schema_sequence_parse(const char *sql, struct schema_sequence *sequence);
void schema_sequence_free(struct schema_sequence *sequence);
/* Writes CREATE VIEW for the sequence in that schema of SQLite's, with ";\n" behind. */
void schema_sequence_print(const struct schema_sequence *sequence, FILE *out, const char *schema, const char *name);
/* The call that draws from the sequence in that schema of SQLite's, as defaults and plans have it; malloc'ed. */
char *schema_sequence_draw(const char *schema, const char *name);
/* Whether a default is such a call alone, perhaps fitted to a smaller type. The schema and name of the sequence
 * then, malloc'ed. */
bool schema_sequence_drawn(const char *default_sql, char **schema, char **name);
/* A number for `identity` or `id` that none had before. */
uint64_t schema_sequence_new_identity(void);

#endif
