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
	uint64_t id;		     /* of the sequence, for its life: what sessions remember its values by */
	uint64_t identity;	     /* of its position; see sequences.h */
	struct sequence_position at; /* where that began */
	struct sequence_rule rule;
	int64_t start;
	uint32_t oid;			  /* TYPE_INT2, TYPE_INT4, TYPE_INT8 */
	bool internal;			  /* of an identity column, which it goes with */
	char *owner_table, *owner_column; /* OWNED BY; NULL: NONE */
};

/* Whether the text of a view is a sequence's. NULL is none. */
bool schema_sequence_is(const char *sql);
/* Reads it back; -1: it is none, or memory is out. schema_sequence_free takes its names back. */
int schema_sequence_parse(const char *sql, struct schema_sequence *sequence);
void schema_sequence_free(struct schema_sequence *sequence);
/* Writes CREATE VIEW for it, and ";\n". schema: SQLite's. */
void schema_sequence_print(const struct schema_sequence *sequence, FILE *out, const char *schema, const char *name);
/* The call that draws from it, as defaults and plans have it; malloc'ed. schema: SQLite's. */
char *schema_sequence_draw(const char *schema, const char *name);
/* Whether a default is that call alone, perhaps fitted to a smaller type: its sequence's schema and name, malloc'ed. */
bool schema_sequence_drawn(const char *default_sql, char **schema, char **name);
/* A new identity, or id. */
uint64_t schema_sequence_new_identity(void);

#endif
