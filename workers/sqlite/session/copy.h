/*
 * COPY FROM STDIN and TO STDOUT of a session.
 */
#ifndef BIBD_SQLITE_COPY_H
#define BIBD_SQLITE_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "workers/pgwire/pgwire.h"
#include "workers/sqlite/copy/format.h"
#include "workers/sqlite/session/portal.h"

struct session;

struct copy {
	bool active;		  /* FROM STDIN: the client sends */
	bool extended;		  /* begun by Execute, not by Query */
	struct prepared *source;  /* the INSERT that rows go through */
	bool fires;		  /* its table has triggers */
	struct fire *fire;	  /* which it fires, from its first row on, or its end */
	struct statement *insert; /* NULL until rows are inserted, and it has become the writer */
	unsigned what;		  /* it is for transaction_before_write */
	bool row_waits;		  /* to become it, with a row that has been read */
	struct copy_reader reader;
	char **names; /* of the columns */
	unsigned ncolumns;
	uint64_t rows;
};

/* Begins either; FROM answers CopyInResponse and makes copy.active true, TO runs to its end (resumable as a portal
 * is). */
enum portal_result copy_begin(struct session *session, struct portal *portal, struct report *r);

/* CopyData, CopyDone, CopyFail while copy.active. Returns 1 when the COPY is over (rows are in copy.rows), 0 to go on,
 * COPY_WAITS when the session is to be parked and the message taken again, -1 with the report when it failed and is
 * over. */
#define COPY_WAITS 2
int copy_take(struct session *session, const struct pgwire_message *message, struct report *r);

/* Drops what is left of one. */
void copy_end(struct session *session);

#endif
