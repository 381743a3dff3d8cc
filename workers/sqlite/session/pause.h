/*
 * bibctl pause: a session that is in no transaction waits with its next statement; transactions that are open, and
 * batches without their Sync, go on, until the last has ended or the time for that is over.
 *
 * THE INVARIANT. A session that works on a statement, or has a transaction open, is counted in server->working. It
 * counts itself before it looks whether the server is paused, and takes that back when it is; whoever pauses says so
 * before it looks at the count. So when the count is 0 after that, nobody works and nobody will.
 */
#ifndef BIBD_SQLITE_PAUSE_H
#define BIBD_SQLITE_PAUSE_H

#include "workers/sqlite/session/session.h"

/* What the loop's thread calls is in sqlite.h; these are for the session's thread. */

/* May the session take up this message? STEP_ON: yes; STEP_PARK: it waits, and asks again; anything else: it was
 * cancelled, or has waited too long, and the client was told: *taken is set, and the message is done with. */
enum session_step pause_enter(struct session *session, const struct pgwire_message *message, bool *taken);
/* It is in no transaction any more, or is freed. */
void pause_leave(struct session *session);

#endif
