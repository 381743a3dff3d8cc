/*
 * SQL cursors: DECLARE, FETCH, MOVE, CLOSE. A cursor is a portal in the session's one namespace.
 */
#ifndef BIBD_SQLITE_CURSOR_H
#define BIBD_SQLITE_CURSOR_H

#include "workers/sqlite/session/portal.h"

struct session;

enum portal_result cursor_declare(struct session *session, struct portal *portal, struct report *r);
enum portal_result cursor_fetch(struct session *session, struct portal *portal, struct report *r);
enum portal_result cursor_close(struct session *session, struct portal *portal, struct report *r);
/* CLOSE ALL: closes all portals of the session but this one, which runs it. */
void cursor_close_all(struct session *session, const struct portal *besides);

/* sql_context.cursor_at: the i-th of the session's cursors and portals, from 0; false: there are no more. */
bool cursor_at(void *session, size_t i, struct sql_cursor *cursor);

/* At COMMIT: takes the rows that a cursor WITH HOLD has left into memory, up to CURSOR_HOLD_BYTES. */
#define CURSOR_HOLD_BYTES (256UL << 20)
int cursor_hold(struct session *session, struct portal *cursor, struct report *r);

#endif
