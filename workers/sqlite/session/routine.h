/*
 * Routines on behalf of a session: what a block or a function of PL/pgSQL asks for is done by the session's own
 * portals.
 */
#ifndef BIBD_SQLITE_SESSION_ROUTINE_H
#define BIBD_SQLITE_SESSION_ROUTINE_H

#include "workers/sqlite/routines/routines.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/session/command.h"

/* DO (routine_do.c); CREATE FUNCTION, and a call that is a whole statement (routine_call.c). */
command_fn routine_command_do, routine_command_create, routine_command_call;

/* ---- routine_host.c ---- */

/* What routines/ may ask of this session. */
struct routine_host routine_host(struct session *session);

/* ---- routine_do.c ---- */

/* Takes the right to write and begins a transaction, so that nothing within has to wait; in a transaction that is READ
 * ONLY it takes what is needed to read. */
enum transaction_result routine_begin(struct session *session, struct report *r);
/* Whether what calls functions that write may do so: as its role, or since one of them is SECURITY DEFINER. Where it
 * may not, the transaction needs no lease, and routine_before_read begins it. */
enum transaction_result routine_may_write(struct session *session, bool *may, struct report *r);
enum transaction_result routine_before_read(struct session *session, struct report *r);

/* ---- routine.c ---- */

/* Runs a statement of a routine, and adds the rows that it answers to `rows`, which the caller frees with
 * routine_rows_free(). *plan, where it is asked for, gets a share of the statement's plan as soon as there is one, also
 * where -1 is returned; the caller gives it back. -1: the report is filled. */
int routine_run_planned(struct session *session, const struct routine_call *call, struct routine_rows *rows,
    struct statement_plan **plan, struct report *r);
/* The same without the plan: struct routine_host.run; arg is the session. */
int routine_host_run(void *arg, const struct routine_call *call, struct routine_rows *rows, struct report *r);
/* Runs a statement that answers nothing, within a transaction that was begun; its notices are sent. */
int routine_run_text(struct session *session, const char *sql, struct report *r);

/* ---- routine_rows.c ---- */

/* A column's value of the statement's row, in the form in which a parameter of the type is given; it owns its bytes.
 * -1: the report is filled, and *out is NULL. */
int routine_take_value(struct session *session, sqlite3_stmt *stmt, int column, uint32_t oid, struct type_value *out,
    struct report *r);
/* The same of a value at hand, which keeps its own bytes. */
int routine_form_value(struct session *session, struct type_value value, uint32_t oid, struct type_value *out,
    struct report *r);

/* ---- routine_call.c ---- */

/* Puts out rows that are in memory as those of a statement of SQLite's: by a query of its parameters. */
int routine_put_rows(struct session *session, struct portal *portal, const struct routine_rows *rows, struct report *r);

/* ---- routine_cache.c: functions as they were read, kept with the connection until its schema changes ---- */

struct routine_kept {
	struct schema_routine routine;
	char *types;		/* the types of its parameters, where they depend on the call; else "" */
	struct routine *parsed; /* NULL: a body of SQL */
	unsigned ncolumns;	/* the result's columns; 0: each call says which */
	struct routine_column *columns;
	unsigned users; /* calls under way: while there are any it is not freed */
	bool stale;	/* the schema has changed: the last user frees it */
	LIST_ENTRY(routine_kept) entry;
};
/* The function of that OID, parsed, with the types of that call (sql_call.types). The caller gives it back with
 * routine_let_go(). NULL: the report is filled. */
struct routine_kept *routine_keep(struct session *session, uint32_t oid, const char *types, struct report *r);
void routine_let_go(struct session *session, struct routine_kept *kept);

/* ---- routine_body.c ---- */

/* The routine's parameters as routines/ takes them: malloc'ed, their texts the routine's. NULL: the report is
 * filled. */
struct routine_parameter *routine_parameters(const struct schema_routine *routine, struct report *r);
struct routine_signature routine_signature(const struct schema_routine *routine,
    const struct routine_parameter *parameters);
/* Puts the columns that a call answers into an empty result. -1: the report is filled. */
int routine_set_result(const struct routine_kept *kept, const char *types, struct routine_rows *result,
    struct report *r);
/* The same of a routine that was not parsed: the columns that the schema knows of, none for record. */
int routine_find_columns(struct session *session, const struct schema_routine *routine, struct routine_rows *result,
    struct report *r);
/* Makes the session's role and settings those of its connection. */
void routine_apply_settings(struct session *session);
/* Runs a routine; the result has its columns already. A routine that returns one value has one row then. -1: the report
 * is filled. */
int routine_run_kept(struct session *session, const struct routine_kept *kept, const struct routine_value *arguments,
    struct routine_rows *result, struct report *r);
/* ---- routine_sql.c ---- */

/* Runs a body in SQL; the result has its columns already. -1: the report is filled. */
int routine_run_sql(struct session *session, const struct schema_routine *routine,
    const struct routine_value *arguments, struct routine_rows *result, struct report *r);
/* Looks whether a body in SQL can be run, and answers the columns that its declaration says. -1: the report is
 * filled. */
int routine_check_sql(struct session *session, const struct schema_routine *routine, struct routine_rows *result,
    struct report *r);

/* ---- routine_within.c: calls within a statement that SQLite runs ---- */

/* How deep calls may stand within each other: each takes some KiB of a stack of 256 MiB. */
#define ROUTINE_CALLS_MAX 200

/* sql_context.call; arg is the session. */
int routine_call_within(void *arg, const struct sql_call *call, struct sql_rows *rows, struct report *r);
/* Before a statement of a function runs: refuses it where the statements around the call use what it reads or changes,
 * or the function may not do that. -1: the report is filled. */
int routine_check_statement(struct session *session, const struct portal *portal, struct report *r);
/* Whether a statement around the call changes rows: SQLite makes no savepoints then, so what runs within may change
 * nothing. */
bool routine_is_within_writer(const struct session *session);

#endif
