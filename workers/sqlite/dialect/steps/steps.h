/*
 * Statements that SQLite runs in several steps, each a statement of its own: MERGE, and INSERT, UPDATE and DELETE in
 * WITH. Steps are run one after the other in one transaction, before the plan's own sql (session/steps_run.h), and have
 * one tag and one answer between them.
 *
 * Invariants. All of them see the database as it was before the first: whoever reads a table that another step changes
 * is run before it, or reads it without the rows that were added; where neither can be, the statement is refused. What
 * one step has for another goes through a set of rows, never through a table. No text of one step is in another: each
 * has its parameters by itself.
 *
 * Every function returns 0, or -1 with t->report filled.
 */
#ifndef BIBD_SQLITE_DIALECT_STEPS_H
#define BIBD_SQLITE_DIALECT_STEPS_H

#include "workers/sqlite/dialect/translate.h"

/* ---- steps.c: for whoever makes a statement of several ---- */

/* The statement is one in steps from here on: t->steps. */
int steps_begin(struct translator *t);
/* Makes a step of what stands in t->out, which is empty again, and of what the plan says of it (target, updates_once).
 * The scope is closed. NULL: reported. Valid until the next one is added. */
struct dialect_step *steps_add(struct translator *t);
/* Has the plan watch the table; its number, or -1. One without a rowid that SQLite has a name for is refused. */
int steps_watch_table(struct translator *t, const struct schema_table *table);
/* A new set's number, from 1. */
unsigned steps_new_set(struct translator *t);
/* Writes the query of all rows of a set: the plan's own statement. */
int steps_emit_set(struct translator *t, unsigned set, unsigned ncolumns);
/* The plan's own statement where nothing is answered. */
int steps_emit_nothing(struct translator *t);

/* ---- reads.c ---- */

#define STEPS_PARTS_MAX 64

/* What a tree reads, for a statement with these tables that it changes. */
struct steps_reads {
	const struct schema_table *const *tables; /* [n], NULL where a part changes none */
	const char *const *names;		  /* of the queries of WITH, [n]; NULL: it has none */
	unsigned n;				  /* at most STEPS_PARTS_MAX */
	uint64_t reads;				  /* of the tables; in bits, as the next */
	uint64_t refers;			  /* to the queries */
	bool unknown;				  /* a view or a function of the file's own: whatever there is */
	bool anything;				  /* some table */
};
void steps_find_reads(struct translator *t, const PgQuery__Node *node, struct steps_reads *found);
/* The table or view of that name, NULL: there is none; nothing is reported. */
const struct schema_table *steps_peek_table(struct translator *t, const PgQuery__RangeVar *relation);
/* Whether changing its rows may change those of other tables: triggers, and foreign keys that cascade. */
bool steps_reaches_others(struct translator *t, const struct schema_table *table);

/* ---- changing_with.c ---- */

/* Whether a query of this WITH changes rows (NULL: none). */
bool steps_with_changes(const PgQuery__WithClause *with);
/* A statement with such a WITH, whole: the plan is finished. */
int steps_translate_with(struct translator *t, const PgQuery__Node *node);

/* ---- merge.c ---- */

int statement_merge(struct translator *t, const PgQuery__Node *node);

#endif
