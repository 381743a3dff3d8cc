/*
 * Temporary tables that are emptied, or dropped, when a transaction commits: ON COMMIT DELETE ROWS, ON COMMIT DROP.
 */
#ifndef BIBD_SQLITE_SESSION_ON_COMMIT_H
#define BIBD_SQLITE_SESSION_ON_COMMIT_H

#include "workers/pgwire/pgwire.h"

struct session;

/* Does so, within the transaction that is about to commit. -1: 0A000 where a table that stays refers to one that is
 * emptied, or a failure of SQLite's. */
int on_commit_run(struct session *session, struct report *r);

#endif
