/*
 * Cursors that are read in both directions: their rows are put by whole when the first of them is asked for, and a
 * position says where the cursor stands. Invariant: starts[i] is where row i + 1 begins in the portal's held rows, of
 * which nothing is consumed; position is 0 before the first row and nstarts + 1 behind the last.
 */
#ifndef BIBD_SQLITE_SCROLL_H
#define BIBD_SQLITE_SCROLL_H

#include "workers/sqlite/session/portal.h"

struct session;

/* Rows from `first` on, `count` of them, and where the cursor stands then. */
struct scroll_move {
	size_t first, count, position;
	bool backward;
};
/* Where a direction of dialect_plan.u.cursor and a count lead among so many rows. */
struct scroll_move scroll_move_of(int direction, int64_t n, size_t rows, size_t position);

/* Finds the rows that were put by; `position` is where the cursor stood. 53200: -1 with the report filled. */
int scroll_index(struct portal *cursor, uint64_t position, struct report *r);
/* What FETCH and MOVE do: puts rows to session->out, and counts them in fetch->rows. */
void scroll_fetch(struct session *session, struct portal *cursor, struct portal *fetch);
/* The next rows, up to max (0: all), as the Execute of a portal wants them. */
enum portal_result scroll_run(struct session *session, struct portal *cursor, uint64_t max);

#endif
