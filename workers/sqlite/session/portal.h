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
#include "workers/sqlite/session/transaction.h"
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
	uint32_t *oids;		  /* the OIDs of the parameters' types, as the client gave them */
	unsigned noids;
	struct statement_plan *shared;
	LIST_ENTRY(prepared) entry;
};

struct copy_format;
struct kept_cursor;
struct portal;

/* Puts the row that the portal's statement is at to session->out. */
typedef int portal_put_row_fn(struct session *session, struct portal *portal, struct report *r);

struct portal {
	char *name;
	struct prepared *source; /* the portal has a reference to it; NULL: the text is that of the session's query */
	struct portal *inner;	 /* of EXECUTE and COPY TO: the portal that they run */
	portal_put_row_fn *put_row; /* NULL: rows are put out as DataRow */
	struct copy_format *copy;   /* of an inner portal: the format in which COPY TO writes its rows */
	struct pgwire_buffer field; /* of an inner portal: a field of COPY TO before it is escaped */
	const struct dialect_text *text;
	const uint32_t *oids;
	unsigned noids;
	struct statement_plan *shared;
	struct statement *statement; /* the statement of the session's connection, while the portal runs */
	struct type_value *values;   /* parameters, decoded, with the bytes that they point into */
	unsigned nvalues;
	int16_t *formats; /* the formats of the result's columns; NULL: all are text */
	unsigned nformats;
	bool described;	       /* RowDescription was sent */
	bool bound;	       /* the statement has its parameters, and runs */
	struct portal *around; /* while its statement is stepped: the portal whose statement is stepped around it */
	bool done;
	bool hold;		  /* WITH HOLD */
	bool is_cursor;		  /* DECLARE made it */
	unsigned long commits;	  /* how many commits the file had when the portal was first read from */
	bool binary;		  /* DECLARE BINARY */
	char *declaration;	  /* the whole text of DECLARE; NULL: a portal of the protocol */
	int64_t made_us;	  /* microseconds since 1970 */
	bool runs;		  /* a cursor: FETCH runs it now, or its rows are put by */
	struct kept_cursor *kept; /* of a cursor that PL/pgSQL opened; else NULL */
	/* DECLARE has SCROLL: its rows are kept in memory before the first of them is read */
	bool declared_scroll;
	bool scrolls;			   /* it may be read in any direction: see scroll.h */
	size_t *starts, nstarts, position; /* where each kept row begins, and where the cursor stands */
	bool discards;			   /* rows are counted, not sent: MOVE */
	uint64_t rows;			   /* rows that were sent in all */
	uint64_t sent;			   /* rows that were sent in this run, towards its limit */
	uint64_t changes;
	/* the tag where it is not the plan's, as of a COMMIT that became a ROLLBACK; else NULL */
	const char *tag;
	bool survives;	/* WITH HOLD, and its transaction was committed */
	bool unsettled; /* it survives if the commit under way succeeds */
	bool lost;	/* its other rows are not known: its functions read what was changed since */
	/* its rows are kept in memory: since COMMIT (WITH HOLD), or since its session has written */
	bool is_held;
	struct late_set late;	   /* what is looked at of deferrable keys when it is done */
	struct pgwire_buffer held; /* the rows that it has left, as DataRow messages */
	LIST_ENTRY(portal) entry;
};

enum portal_result { PORTAL_DONE, PORTAL_SUSPENDED, PORTAL_WAITS, PORTAL_BLOCKED, PORTAL_FAILED };

/* That of a transaction which is not ready. */
enum portal_result portal_result_of(enum transaction_result result);

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

/* The statement of the connection at hand for the portal's text, if it has none. -1: reported. */
int portal_get_statement(struct session *session, struct portal *portal, struct report *r);
/* Gives the statement back, be it finished or not. */
void portal_release_statement(struct session *session, struct portal *portal);

/* A statement of the session's connection with the portal's parameters, ready to be stepped. */
int portal_bind_now(struct session *session, struct portal *portal, struct report *r);
/* Steps its statement, within which functions of the file may run. Returns SQLite's code. */
int portal_step(struct session *session, struct portal *portal);
/* Whether there is memory for the row that the statement is at, and its copy in the answer. -1: reported. */
int portal_check_room(struct portal *portal, struct report *r);
/* Puts the row that the statement is at as DataRow: a portal_put_row_fn. */
int portal_put_row(struct session *session, struct portal *portal, struct report *r);

/* Runs up to max rows (0: all). */
enum portal_result portal_run(struct session *session, struct portal *portal, uint64_t max, struct report *r);

/* The plan whose columns the portal answers: of FETCH that of its cursor, of EXECUTE that of its statement. */
const struct dialect_plan *portal_shape(struct session *session, const struct dialect_plan *plan);

void portal_put_row_description(struct pgwire_buffer *out, const struct dialect_plan *plan, const int16_t *formats);

/* Writes the tag for what the portal has done: "SELECT 3", "INSERT 0 1", "CREATE TABLE". */
void portal_tag(const struct portal *portal, char *tag, size_t size);

#endif
