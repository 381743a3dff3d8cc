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
	char *query; /* the last statement's text, cut at SQL_ACTIVITY_QUERY_BYTES; NULL: there was none */
	size_t query_size;
	char application[64];
	const char *holds; /* which of the connections and the right to write it holds, a literal; "": nothing */
	size_t bytes;	   /* size of the session's buffers */
	int64_t began_us, transaction_us, query_us, changed_us; /* microseconds since 1970, 0: none */
	int64_t asked_us;    /* since when the client waits for its answer; microseconds since 1970, 0: it does not */
	uint64_t statements; /* statements that the session has run */
};

/* Called when the session takes up this text. */
void activity_begin(struct session *session, const char *sql);
/* Notes whether the plan of its statement was found, or had to be made. */
void activity_note_plan(struct session *session, bool found);
/* Called when application_name has been set. */
void activity_set_application(struct session *session, const char *name);
/* Called when the session waits for its client again. */
void activity_end(struct session *session);
void activity_free(struct session *session);

/* Copies the activity of all sessions that serve a client, malloc'ed, *n of them; the caller frees it. NULL: out of
 * memory. */
struct sql_activity *activity_copy_all(struct sqlite *sqlite, size_t *n);

/* The server's sessions as statements see them. */
struct sql_sessions activity_sessions(struct sqlite *sqlite);

#endif
