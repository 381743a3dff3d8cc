/*
 * Private to pool/: what the files about a session's LISTEN share. What others call is in session.h.
 */
#ifndef BIBD_POSTGRES_POOL_SESSION_LISTEN_H
#define BIBD_POSTGRES_POOL_SESSION_LISTEN_H

#include <inttypes.h>

#include "workers/postgres/pool/backend_answer.h"
#include "workers/postgres/pool/session.h"

/* The channel by which a LISTEN or UNLISTEN is known to have taken effect: the pool's token and a number. */
#define MARK "bibd_%016" PRIx64 "_%" PRIx64
#define MARK_SIZE 48

/* Whether the session's connection speaks the encoding in which the listener is notified. */
bool listening_has_encoding(const struct pg_session *session);
/* Ends the subscriptions that are not committed; committed: those too. */
void listening_unsubscribe(struct listening *listening, bool committed);

#endif
