/*
 * A session's transaction: PostgreSQL's rules on SQLite's one writer.
 *
 * READ COMMITTED opens no SQLite transaction at BEGIN: each read runs by itself, on any connection. The first write
 * takes the write lease and a connection, which the session then keeps (BEGIN IMMEDIATE, savepoints made again): its
 * holder is the only writer, so what it reads is current. REPEATABLE READ and SERIALIZABLE open a snapshot with the
 * first statement; one that turns writer when another has written since gets 40001.
 *
 * Temporary tables are the session's own, in a database of their own, which nobody else waits for: a statement that
 * changes nothing else takes no lease when it is a transaction by itself, or in one with a snapshot. Not so within READ
 * COMMITTED: SQLite's transaction, which a rollback needs, would keep the first snapshot that it reads of the file, but
 * each statement is to see what others have committed. There the lease keeps others from committing.
 */
#ifndef BIBD_SQLITE_TRANSACTION_H
#define BIBD_SQLITE_TRANSACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "workers/sqlite/dialect/dialect.h"
#include "workers/sqlite/pool/pool.h"

struct session;

enum transaction_block {
	TRANSACTION_NONE,     /* each statement for itself */
	TRANSACTION_IMPLICIT, /* several statements of one Query, or an extended batch up to Sync */
	TRANSACTION_OPEN,     /* after BEGIN */
	TRANSACTION_FAILED,   /* after an error in an open transaction: 25P02 until ROLLBACK */
};
enum transaction_isolation { ISOLATION_READ_COMMITTED, ISOLATION_REPEATABLE_READ, ISOLATION_SERIALIZABLE, ISOLATIONS };
/* As SET and SHOW spell them. */
extern const char *const transaction_isolation_names[ISOLATIONS];

#define TRANSACTION_SAVEPOINTS_MAX 1000

struct transaction_savepoint {
	char *name;
	/* whether the transaction was READ ONLY when the savepoint was made, which a rollback to it restores */
	bool read_only;
};

struct transaction {
	enum transaction_block block;
	enum transaction_isolation isolation;
	bool read_only;
	bool deferrable; /* it changes nothing */
	bool used;	 /* a statement has run: the isolation is fixed */
	bool begun;	 /* a SQLite transaction is open on the session's connection */
	bool writes;	 /* the session has the right to write */
	bool stored;	 /* its commit is answered when the repository has it */
	bool pinned;	 /* counted against the cap on pinned connections */
	bool defined;	 /* DDL ran in it */
	/* SET CONSTRAINTS ALL IMMEDIATE: foreign keys hold after each statement */
	bool immediate;
	int64_t time_us;			  /* now() */
	int64_t number;				  /* a number that grows with each transaction of the session */
	struct transaction_savepoint *savepoints; /* outermost first */
	unsigned nsavepoints;
};

enum transaction_result { TRANSACTION_READY, TRANSACTION_WAITS, TRANSACTION_ERROR };

/* How a statement writes: bits. */
#define TRANSACTION_ALONE 1U   /* it is the whole transaction, and SQLite's own autocommit does for it */
#define TRANSACTION_LOCAL 2U   /* it changes nothing but temporary tables */
#define TRANSACTION_DEFINES 4U /* it is DDL: nothing of that in a READ ONLY transaction, temporary or not */

/* Makes the session ready to run a statement that reads, or writes. WAITS: session->wait says for what, and the session
 * is to be parked and the statement tried again. */
enum transaction_result transaction_before_read(struct session *session, struct report *r);
enum transaction_result transaction_before_write(struct session *session, unsigned what, struct report *r);
/* 25006 in a READ ONLY transaction. transaction_before_write does it. */
int transaction_check_writable(struct session *session, unsigned what, struct report *r);
/* Whether a statement like that would go without the lease. */
bool transaction_is_local(const struct session *session, unsigned what);
/* A statement that only reads would begin a transaction which keeps its connection, and too many do. */
bool transaction_lacks_pin(struct session *session);

/* 23503 while rows break a deferred foreign key; tag: of the statement that is over, on the target (or NULL). */
int transaction_check_keys(struct session *session, const struct dialect_plan *plan, struct report *r);

/* A statement that ran by itself is over: gives back lease and connection unless the transaction keeps them. */
void transaction_after_statement(struct session *session);

/* BEGIN ... ROLLBACK TO; what the plan says. Fills the tag to answer with. COMMIT may fail (-1). */
int transaction_command(struct session *session, const struct dialect_plan *plan, const char **tag, struct report *r);

/* What comes shares a transaction with what follows it, up to the end of the Query or Sync. */
void transaction_begin_implicit(struct session *session);

/* Ends an implicit block; -1 with the report when the commit failed. */
int transaction_end_implicit(struct session *session, struct report *r);

/* An error happened: an open block fails, anything else is rolled back. */
void transaction_fail(struct session *session);

/* Rolls back whatever there is: the session ends. */
void transaction_abandon(struct session *session);

/* ---- between transaction.c, transaction_end.c and transaction_command.c ---- */

/* Something was rolled back while the session holds the lease: what the database was told of sequences may be too. */
void transaction_forget_notes(struct session *session);
/* Ends it; the commit may fail (-1), and it is rolled back then. */
int transaction_commit(struct session *session, struct report *r);
void transaction_rollback(struct session *session);
/* SQLite's savepoints bear numbers, since PostgreSQL's names may repeat and hide each other. */
int transaction_savepoint_script(struct session *session, const char *verb, unsigned number, struct report *r);
/* Frees the names of all but the first `keep` savepoints. */
void transaction_forget_savepoints(struct transaction *t, unsigned keep);

/* 'I', 'T' or 'E' for ReadyForQuery. */
char transaction_status(const struct session *session);

#endif
