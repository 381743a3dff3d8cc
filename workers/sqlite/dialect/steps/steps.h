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

#include "workers/sqlite/dialect/modify.h"

/* ---- steps.c: for translators that make one statement of several ---- */

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

/* Columns of rows that steps are run for: the number by which they are told apart (struct dialect_step, action), the
 * rowid of what is changed, and what is kept of other tables. */
#define STEPS_COLUMN_ROWID 1
#define STEPS_COLUMN_KEPT 2

/* Writes ", column" for each column of a range of the query at hand, which is to become such a row, and makes the range
 * that the steps of a row see of it. *n: the row's columns so far. NULL: reported. */
struct scope_range *steps_keep_range(struct translator *t, const struct scope_range *range, unsigned *n);
/* 0A000 for a table whose triggers such a change would fire. */
int steps_refuse_triggers(struct translator *t, const struct schema_table *table, enum modify_event event);
/* Writes " WHERE alias.rowid = ...": the row that is changed. */
int steps_emit_this_row(struct translator *t, const struct schema_table *table, const char *alias);

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
/* A statement with such a WITH, or one that is joined, whole: the plan is finished. */
int steps_translate_with(struct translator *t, const PgQuery__Node *node);

/* ---- joined.c ---- */

/* Whether it is an UPDATE with FROM, or a DELETE with USING, whose RETURNING may name what stands there. */
bool steps_is_joined(const PgQuery__Node *node);
/* The first step of such a change finds its rows; it waits in t->out for what else belongs to it. steps_end_joined()
 * makes a step of that, and writes the change of one row to t->out: *each is the set that it is run for, in which its
 * action is 1. */
int steps_begin_joined(struct translator *t, const PgQuery__Node *node);
int steps_end_joined(struct translator *t, const PgQuery__Node *node, unsigned *each);

/* ---- merge.c ---- */

int statement_merge(struct translator *t, const PgQuery__Node *node);

#endif
