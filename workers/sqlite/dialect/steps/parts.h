/*
 * Private to changing_with.c and order.c: a statement whose WITH changes rows, as its parts.
 */
#ifndef BIBD_SQLITE_DIALECT_STEPS_PARTS_H
#define BIBD_SQLITE_DIALECT_STEPS_PARTS_H

#include "workers/sqlite/dialect/steps/steps.h"

struct part {
	const PgQuery__CommonTableExpr *cte; /* NULL: the statement itself, which is the last part */
	const PgQuery__Node *query;
	const struct schema_table *target; /* whose rows it changes; NULL: none, or none was found */
	bool changes;			   /* INSERT, UPDATE or DELETE */
	bool adds;			   /* and nothing but new rows */
	bool upserts;			   /* ON CONFLICT DO UPDATE */
	bool reaches;			   /* and perhaps rows of other tables */
	bool early;			   /* a query that is run before what it reads is changed */
	uint64_t refers;		   /* to the queries of these parts, also by way of others that are no steps */
	uint64_t reads;			   /* what these parts change, likewise */
	bool unknown, anything;		   /* as struct steps_reads */
	bool placed, visiting;		   /* order.c's */
	/* Once it is written: by what name and with what columns later parts know it, and how they write that in their
	 * WITH. */
	struct scope_cte *named;
	const char *definition;
};

struct parts {
	const PgQuery__WithClause *with;
	unsigned n;
	struct part list[STEPS_PARTS_MAX];
	unsigned order[STEPS_PARTS_MAX], norder; /* those that are run */
};

/* What each part changes, reads and refers to, and the tables to be watched. */
int parts_read(struct translator *t, struct parts *parts);
/* In which order they are run: 0A000 where each would have to come before the other. */
int parts_order(struct translator *t, struct parts *parts);

static inline bool
part_bit(uint64_t bits, unsigned i)
{
	return (bits >> i & 1) != 0;
}

#endif
