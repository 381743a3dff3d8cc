/*
 * What SQL functions and the authorizer may know of the session on whose behalf a connection runs. A connection has
 * one, and the session that takes the connection fills it in.
 */
#ifndef BIBD_SQLITE_SQL_CONTEXT_H
#define BIBD_SQLITE_SQL_CONTEXT_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdint.h>

#include "common/conf.h"
#include "workers/pgwire/pgwire.h"
#include "workers/sqlite/settings/late_keys.h"
#include "workers/sqlite/settings/settings.h"
#include "workers/sqlite/settings/touched.h"
#include "workers/sqlite/types/types.h"

struct schema;
struct sequences;
struct sequence_memory;
struct steps;

/* A session as pg_stat_activity shows it. Times are in microseconds since 1970, 0 for none. */
#define SQL_ACTIVITY_QUERY_BYTES 1024 /* longer texts are cut, as PostgreSQL cuts them */
struct sql_activity {
	uint32_t pid;
	enum role role;
	char application[64];
	const char *state; /* a literal */
	bool waits;	   /* it waits for the right to write, or for a connection */
	uid_t uid;
	pid_t client_pid;
	const char *holds; /* a literal: what others cannot have meanwhile; "": nothing */
	size_t bytes;	   /* size of its buffers when it last ended a statement */
	int64_t began_us, transaction_us, query_us, changed_us;
	uint64_t statements; /* statements that it has run */
	char query[SQL_ACTIVITY_QUERY_BYTES];
};

/* An advisory lock. */
struct sql_advisory {
	int64_t key;
	bool pair;	  /* the key is two integers, which are no bigint's */
	bool shared;	  /* it is shared: others may have it at the same time */
	bool transaction; /* it is released with the transaction; else with the session */
};

/* A prepared statement as pg_prepared_statements shows it. */
struct sql_prepared {
	const char *name, *statement;
	int64_t prepared_us; /* since 1970 */
	bool from_sql;
	unsigned ntypes;
	const uint32_t *types;
};

/* What a statement may learn of all sessions and do to them. */
struct sql_sessions {
	void *arg;
	/* Copies of all that serve a client, malloc'ed for the caller; NULL: out of memory. */
	struct sql_activity *(*list)(void *arg, size_t *n);
	/* Cancels what the session with this pid runs, or ends the session, if the role may: its own role's, or any for
	 * admin. 1: done, 0: there is none, -1: it may not. */
	int (*signal)(void *arg, uint32_t pid, enum role by, bool terminate);
	/* Takes the lock for the session with this pid, or gives it back (NULL: all of the session's own). 1: done, 0:
	 * another has it, or it has none, -1: there are too many. */
	int (*advise)(void *arg, uint32_t pid, const struct sql_advisory *lock, bool take);
	/* Sends at the commit of that session (sql_context.session); -1 with the report filled. */
	int (*notify)(void *session, const char *channel, const char *payload, struct report *r);
	/* To what that session listens, as an array's text, malloc'ed; NULL: out of memory. */
	char *(*channels)(void *session);
	/* Shows that session's prepared statements. */
	void (*prepared)(void *session, void (*each)(void *arg, const struct sql_prepared *row), void *arg);
};

/* A cursor as pg_cursors shows it; texts are the session's. */
struct sql_cursor {
	const char *name, *statement;
	bool hold, binary, scroll;
	int64_t made_us; /* since 1970 */
};

/* What a function of the file's own answered, row by row: malloc'ed, and each cell owns its bytes. */
struct sql_rows {
	unsigned ncolumns;
	uint32_t *oids; /* of the columns, malloc'ed too */
	size_t nrows;
	struct type_value *cells;
	bool null_row; /* the one row stands for a null */
};

/* A call of a function of the file's own within a statement that SQLite runs. */
struct sql_call {
	uint32_t oid;
	/* Of its result's columns, as the statement was translated: "23 25"; of rows "r23 25", or "r" for a record of
	 * whatever it is. Behind a slash, where they depend on the call, those of the parameters. */
	const char *types;
	int argc;
	sqlite3_value **argv;
};

/* A row that is being stored: the values are its owner's. */
struct sql_row {
	unsigned n;
	const struct type_value *values;
	int64_t rowid; /* bibd_row(n) */
};

/* The rows that a statement has changed, as the function of a trigger names them: a transition table. */
#define SQL_TRANSITION_COLUMNS_MAX 300
struct sql_transition {
	unsigned ncolumns;
	size_t nrows;
	const struct type_value *(*row)(const void *rows, size_t i);
	const void *rows;
};

struct sql_context {
	enum role role;
	bool internal;	     /* bibd's own statement: the authorizer lets it pass */
	bool defining;	     /* a client's DDL runs: SQLite changes its own tables for it */
	bool triggers;	     /* and it may change the table of triggers */
	const char *defined; /* while it does: the table that it is about, as it is stored; else NULL */
	const char *user;    /* the role's name: current_user */
	const char *database;
	uint32_t backend_pid;
	int64_t transaction_time_us; /* now(): microseconds since 1970, the same all through a transaction */
	int64_t transaction_number;  /* begins with when the session began, so that with its pid it is no other's */
	int64_t statement_time_us;
	struct settings *settings; /* of the session; never NULL while a client's statement runs */
	struct type_settings types;
	struct schema *schema;				   /* of the connection */
	struct sequences *sequences, *temporary_sequences; /* where they stand; NULL: nothing is kept, none was made */
	struct sequence_memory *drawn;			   /* what the session was told of them; never NULL */
	bool leased;	/* the write lease is the session's: what is written meanwhile is its transaction's */
	bool local;	/* the statement holds no write lease: nothing in the file may change */
	bool read_only; /* the transaction is READ ONLY: writes are 25006 */
	/* For a function that lasts: asked now and then, it says whether the statement was cancelled; NULL: nobody
	 * can. */
	bool (*must_stop)(void *arg);
	void *must_stop_arg;
	size_t work; /* of functions, since it was last asked by function_must_end() */
	/* The session's cursor of that number, from 0; false: there is none. NULL: no session. */
	bool (*cursor_at)(void *arg, size_t i, struct sql_cursor *cursor);
	void *cursor_arg;
	/* Runs a function of the file's own for `session`; NULL: nobody can. -1 with the report filled. */
	int (*call)(void *session, const struct sql_call *call, struct sql_rows *rows, struct report *r);
	void *session;			     /* for those who are given it by `sessions` */
	const struct sql_sessions *sessions; /* NULL: nobody is served by this connection */
	const char *fires;	   /* the relation whose triggers are being fired: what changes it is bibd's doing */
	struct late_keys *late;	   /* of the session; NULL: none is served */
	struct sql_row *row;	   /* that bibd_row() answers from; NULL: none is at hand */
	struct sql_watch *watches; /* of statements that fire triggers, the innermost first */
	const struct sql_transition *transitions; /* of the trigger at hand, that bibd_transition() answers from */
	unsigned ntransitions;
	unsigned trigger_depth;	    /* triggers under way, one within the other */
	struct key_touched touched; /* what the statement at hand has changed, where that may not be twice */
	/* Of the statement in steps that is stepped (steps/steps.h), and the tables whose changed rows it is told. */
	struct steps *steps;
	struct key_touched *watched;
	unsigned nwatched;
	struct report report; /* a function that fails puts its SQLSTATE here before sqlite3_result_error */
};

#endif
