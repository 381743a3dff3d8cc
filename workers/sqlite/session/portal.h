/*
 * A portal: one statement with its parameters, run in steps. It stops where it must (the row limit, a client that does
 * not read, the write lease) and goes on where it stopped.
 */
#ifndef BIBD_SQLITE_PORTAL_H
#define BIBD_SQLITE_PORTAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "workers/sqlite/dialect/dialect.h"
#include "workers/sqlite/connection/statement.h"
#include "workers/sqlite/types/types.h"

struct session;

/* A statement with a name of its own, or the unnamed one: the text, kept. */
struct prepared {
	unsigned references; /* the session's name for it, and portals */
	char *name;
	char *sql;
	char *statement;	  /* PREPARE's own text; NULL: the client's message named it */
	int64_t prepared_us;	  /* since 1970 */
	struct dialect_text text; /* into sql */
	uint32_t *oids;		  /* as the client gave them */
	unsigned noids;
	struct statement_plan *shared;
	LIST_ENTRY(prepared) entry;
};

struct copy_format;
struct portal;

/* Puts the row that the portal's statement is at to session->out. */
typedef int portal_put_row_fn(struct session *session, struct portal *portal, struct report *r);

struct portal {
	char *name;
	struct prepared *source; /* owns text and oids (a reference of the portal's); NULL: the session's query does */
	struct portal *inner;	 /* EXECUTE, COPY TO: what it runs */
	portal_put_row_fn *put_row; /* NULL: as DataRow */
	struct copy_format *copy;   /* of an inner portal: what COPY TO writes its rows in */
	const struct dialect_text *text;
	const uint32_t *oids;
	unsigned noids;
	struct statement_plan *shared;
	struct statement *statement; /* of the session's connection, while it runs */
	struct type_value *values;   /* parameters, decoded */
	unsigned nvalues;
	char *value_bytes; /* what values point into */
	int16_t *formats;  /* of the result columns; NULL: all text */
	unsigned nformats;
	bool described;	       /* RowDescription went out */
	bool bound;	       /* the statement has its parameters: it runs */
	struct portal *around; /* while its statement is run: the one around it */
	bool done;
	bool hold;			   /* WITH HOLD */
	bool is_cursor;			   /* DECLARE made it */
	unsigned long commits;		   /* of the file, when it was first read from */
	bool binary;			   /* DECLARE BINARY */
	char *declaration;		   /* the whole text of DECLARE; NULL: a portal of the protocol */
	int64_t made_us;		   /* microseconds since 1970 */
	bool runs;			   /* a cursor: FETCH runs it now, or its rows are put by */
	bool declared_scroll;		   /* SCROLL was said: its rows are put by before the first of them is read */
	bool scrolls;			   /* it may be read in any direction: see scroll.h */
	size_t *starts, nstarts, position; /* its rows, once they are put by; and where it stands */
	bool discards;			   /* rows are counted, not sent: MOVE */
	uint64_t rows;			   /* sent in all */
	uint64_t sent;			   /* in this run, towards its limit */
	uint64_t changes;
	const char *tag; /* when it is not the plan's: COMMIT that came to ROLLBACK */
	bool survives;	 /* WITH HOLD, and its transaction was committed */
	bool lost;	 /* what is left of its rows is not known: its functions read what was changed since */
	bool is_held;	 /* its rows were put by: at COMMIT (WITH HOLD), or before its session writes */
	struct pgwire_buffer held; /* those that are left, as DataRow messages */
	LIST_ENTRY(portal) entry;
};

enum portal_result { PORTAL_DONE, PORTAL_SUSPENDED, PORTAL_WAITS, PORTAL_BLOCKED, PORTAL_FAILED };

/* A statement from a text, which is copied; oids may be NULL. NULL with the report filled on an error. */
struct prepared *prepared_new(const char *name, const char *sql, const uint32_t *oids, unsigned noids,
    struct report *r);
void prepared_release(struct prepared *prepared); /* takes NULL */

/* Gives an empty portal the text of a prepared statement, and a reference to it. */
void portal_set_source(struct portal *portal, struct prepared *source);
/* Makes a portal of a prepared statement. It is not in the session's list yet. */
struct portal *portal_new(struct session *session, const char *name, struct prepared *source, struct report *r);
/* Frees what a portal holds and empties it; the other one also takes it out of the session's list and frees it. */
void portal_reset(struct session *session, struct portal *portal);
void portal_free(struct session *session, struct portal *portal);

/* Translates and describes the portal's statement, taking a connection if there is none. WAITS or FAILED as in run. */
enum portal_result portal_open(struct session *session, struct portal *portal, struct report *r);

/* If the portal's statement changes temporary tables alone: looks whether it still does. WAITS or FAILED as in run. */
enum portal_result portal_renew(struct session *session, struct portal *portal, struct report *r);

/* Gives the statement back, be it finished or not. */
void portal_release_statement(struct session *session, struct portal *portal);

/* A statement of the session's connection with the portal's parameters, ready to be stepped. */
int portal_bind_now(struct session *session, struct portal *portal, struct report *r);
/* A step of its statement, within which functions of the file's own may run. Returns SQLite's code. */
int portal_step(struct session *session, struct portal *portal);
/* Puts the row that the statement is at as DataRow: a portal_put_row_fn. */
int portal_put_row(struct session *session, struct portal *portal, struct report *r);

/* Runs up to max rows (0: all). */
enum portal_result portal_run(struct session *session, struct portal *portal, uint64_t max, struct report *r);

/* The plan whose columns the portal answers with: FETCH has its cursor's, EXECUTE its statement's. */
const struct dialect_plan *portal_shape(struct session *session, const struct dialect_plan *plan);

void portal_put_row_description(struct pgwire_buffer *out, const struct dialect_plan *plan, const int16_t *formats);

/* "SELECT 3", "INSERT 0 1", "CREATE TABLE" for what the portal has done. */
void portal_tag(const struct portal *portal, char *tag, size_t size);

#endif
