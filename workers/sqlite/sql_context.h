/*
 * What SQL functions and the authorizer may know of the session on whose behalf a connection runs. A connection has
 * one, and the session that takes the connection fills it in.
 */
#ifndef BIBD_SQLITE_SQL_CONTEXT_H
#define BIBD_SQLITE_SQL_CONTEXT_H

#include <stdatomic.h>
#include <stdint.h>

#include "common/conf.h"
#include "workers/pgwire/pgwire.h"
#include "workers/sqlite/settings.h"
#include "workers/sqlite/types.h"

struct sql_context {
	enum role role;
	bool internal;		     /* bibd's own statement: the authorizer lets it pass */
	bool defining;		     /* a client's DDL runs: SQLite changes its own tables for it */
	const char *user;	     /* the role's name: current_user */
	const char *database;
	uint32_t backend_pid;
	int64_t transaction_time_us; /* now(): microseconds since 1970, the same all through a transaction */
	int64_t statement_time_us;
	struct settings *settings;   /* of the session; never NULL while a client's statement runs */
	struct type_settings types;
	int64_t last_sequence_value; /* lastval() */
	bool has_sequence_value;
	bool read_only;		     /* the transaction is READ ONLY: writes are 25006 */
	/* For a function that lasts: asked now and then, it says whether the statement was cancelled; NULL: nobody can. */
	bool (*must_stop)(void *arg);
	void *must_stop_arg;
	struct report report;	     /* a function that fails puts its SQLSTATE here before sqlite3_result_error */
};

#endif
