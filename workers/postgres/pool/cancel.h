/*
 * Cancel requests, and the threads that do what blocks: libpq's PQcancel, and the look-up of a host's name.
 */
#ifndef BIBD_POSTGRES_CANCEL_H
#define BIBD_POSTGRES_CANCEL_H

#include "workers/postgres/pool/backend.h"

/* A client's CancelRequest: finds the session with this key and cancels what it runs or waits for. */
void cancel_request(struct pg_pool *pool, uint32_t pid, uint32_t secret);

/* For a cancel that came before its statement was sent to the server; now it may have been. */
void cancel_late(struct pg_session *session);

/* Cancels what the server connection runs; no other session gets it until that has been done. */
void cancel_server(struct backend *backend);

/* ---- cancel_helper.c ---- */
struct helper;

/* NULL: cannot start. */
struct helper *helper_new(struct pg_pool *pool, struct error *e);

/* Each runs in a thread; then cancel_done or backend_resolved is called in the loop's thread. The connection is not
 * freed before. */
void helper_cancel(struct helper *helper, struct backend *backend, PGcancel *cancel);
int helper_resolve(struct helper *helper, struct backend *backend, const char *host);

/* Called in the loop's thread: the cancel was sent, or could not be; the address was found, or is NULL. */
void cancel_done(struct backend *backend, PGcancel *cancel);
void backend_resolved(struct backend *backend, const char *address);

#endif
