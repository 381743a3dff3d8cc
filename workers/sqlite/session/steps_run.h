/*
 * Runs the steps of a statement (dialect/steps): one after the other, each to its end, within the transaction that the
 * portal has begun and before the first row of its own sql. What fails leaves nothing behind, as with any statement:
 * the transaction is undone, or goes back to a savepoint from before.
 */
#ifndef BIBD_SQLITE_SESSION_STEPS_RUN_H
#define BIBD_SQLITE_SESSION_STEPS_RUN_H

#include "workers/sqlite/session/portal.h"

/* The portal's statement has its parameters. Sets portal->changes where the tag counts what steps have changed. -1: the
 * report is filled. */
int steps_run(struct session *session, struct portal *portal, struct report *r);

#endif
