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
	bool active;		 /* a COPY FROM STDIN is under way: the client sends */
	bool extended;		 /* it was begun by Execute, and not by Query */
	struct prepared *source; /* the INSERT that rows go through */
	bool fires;		 /* the table has triggers */
	/* the triggers under way, from the first row on, or from the end where there is none */
	struct fire *fire;
	struct statement *insert; /* NULL before rows are inserted; then the session has the right to write */
	unsigned what;		  /* the argument for transaction_before_write() */
	bool row_waits;		  /* a row has been read, and waits for the right to write */
	struct copy_reader reader;
	char **names; /* the columns' names */
	unsigned ncolumns;
	uint64_t rows;
	struct late_set late; /* what is to be looked at of deferrable keys */
};

/* Begins either; FROM answers CopyInResponse and makes copy.active true, TO runs to its end (resumable as a portal
 * is). */
enum portal_result copy_begin(struct session *session, struct portal *portal, struct report *r);

/* CopyData, CopyDone, CopyFail while copy.active. Returns 1 when the COPY is over (rows are in copy.rows), 0 to go on,
 * COPY_WAITS when the session is to be parked and the message taken again, -1 with the report when it failed and is
 * over. */
#define COPY_WAITS 2
int copy_take(struct session *session, const struct pgwire_message *message, struct report *r);

/* Drops what is left of a COPY. */
void copy_end(struct session *session);

#endif
