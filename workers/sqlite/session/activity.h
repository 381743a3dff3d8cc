/*
 * What a session does, for pg_stat_activity; and what its role may do to others: pg_cancel_backend,
 * pg_terminate_backend.
 */
#ifndef BIBD_SQLITE_ACTIVITY_H
#define BIBD_SQLITE_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>

#include "workers/sqlite/settings/sql_context.h"

struct sqlite;
struct session;

/* Kept by the session's thread, read by others: under session->task.lock. */
struct activity {
	const char *state;
	char *query; /* SQL_ACTIVITY_QUERY_BYTES, from the first statement on */
	char application[64];
	const char *holds; /* of the connections and the right to write, static; "": nothing */
	size_t bytes;	   /* of the session's buffers */
	int64_t began_us, transaction_us, query_us, changed_us; /* microseconds since 1970, 0: none */
	int64_t asked_us;    /* since when the client waits for its answer, likewise */
	uint64_t statements; /* that it had run */
};

/* The session takes up this text. */
void activity_begin(struct session *session, const char *sql);
/* The application_name has been set. */
void activity_set_application(struct session *session, const char *name);
/* It waits for its client again. */
void activity_end(struct session *session);
void activity_free(struct session *session);

/* Copies of all that serve a client, malloc'ed for the caller; NULL: out of memory. */
struct sql_activity *activity_copy_all(struct sqlite *sqlite, size_t *n);

/* The server's sessions as statements see them. */
struct sql_sessions activity_sessions(struct sqlite *sqlite);

#endif
