/*
 * A statement of a routine as a portal whose rows are kept in memory, for the files that run one.
 */
#ifndef BIBD_SQLITE_SESSION_ROUTINE_ROWS_H
#define BIBD_SQLITE_SESSION_ROUTINE_ROWS_H

#include "workers/sqlite/session/portal.h"
#include "workers/sqlite/session/routine.h"

struct routine_portal {
	struct portal portal; /* first: routine_put_row() is called with this one */
	const struct routine_call *call;
	struct routine_rows *rows; /* what the statement answers is added here; the caller's */
	bool enough;		   /* the portal was ended since the routine wanted no more rows, and not by an error */
};

/* Fills in what the plan tells of the rows: their columns, and whether the statement is a query or changes rows. -1:
 * the report is filled. */
int routine_describe_rows(const struct dialect_plan *plan, struct routine_rows *rows, struct report *r);
/* portal.put_row of a struct routine_portal: copies the row at which the statement stands. -1: the report is filled, or
 * `enough` is set. */
int routine_put_row(struct session *session, struct portal *portal, struct report *r);

#endif
