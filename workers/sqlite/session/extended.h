/*
 * The extended protocol's two files, between themselves.
 */
#ifndef BIBD_SQLITE_EXTENDED_H
#define BIBD_SQLITE_EXTENDED_H

#include "workers/sqlite/session/session.h"

/* An error: it is reported, and everything up to the next Sync is skipped. Both return STEP_ON. */
enum session_step extended_fail(struct session *session);
enum session_step extended_malformed(struct session *session);

enum session_step extended_bind(struct session *session, struct pgwire_reader *body);

#endif
