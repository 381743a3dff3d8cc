/*
 * Routines on behalf of a session: what a block or a function of PL/pgSQL asks for is done by the session's own
 * portals.
 */
#ifndef BIBD_SQLITE_SESSION_ROUTINE_H
#define BIBD_SQLITE_SESSION_ROUTINE_H

#include "workers/sqlite/routines/routines.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/session/command.h"

command_fn routine_command_do;

/* routine_call.c */
command_fn routine_command_create, routine_command_call;

/* ---- routine.c ---- */

struct routine_host routine_host(struct session *session);
/* The lease and a transaction, so that nothing within has to wait; in a READ ONLY one what it takes to read. */
enum transaction_result routine_begin(struct session *session, struct report *r);
/* A column's value in the form in which a parameter of the type is given; it owns its bytes. */
int routine_take_value(struct session *session, sqlite3_stmt *stmt, int column, uint32_t oid, struct type_value *out,
    struct report *r);
/* The same of a value, whose bytes stay whose they are. */
int routine_form_value(struct session *session, struct type_value value, uint32_t oid, struct type_value *out,
    struct report *r);

/* ---- routine_cache.c: functions as they were read, kept with the connection until its schema changes ---- */

struct routine_kept {
	struct schema_routine routine;
	char *types;		/* of its parameters, where they depend on the call; "" */
	struct routine *parsed; /* NULL: a body of SQL */
	unsigned ncolumns;	/* of the result; 0: each call says which */
	struct routine_column *columns;
	unsigned users; /* calls under way */
	bool stale;
	LIST_ENTRY(routine_kept) entry;
};
/* The function of that OID, parsed, with the types of that call (sql_call.types). Give it back. NULL: reported. */
struct routine_kept *routine_keep(struct session *session, uint32_t oid, const char *types, struct report *r);
void routine_let_go(struct session *session, struct routine_kept *kept);

/* ---- routine_body.c ---- */

/* What a routine is, for routines/: parameters malloc'ed, their texts the routine's. NULL: reported. */
struct routine_parameter *routine_parameters(const struct schema_routine *routine, struct report *r);
struct routine_signature routine_signature(const struct schema_routine *routine,
    const struct routine_parameter *parameters);
/* Puts the columns that a call answers into an empty result; and those that the schema knows of, none for record. */
int routine_set_result(const struct routine_kept *kept, const char *types, struct routine_rows *result,
    struct report *r);
int routine_find_columns(struct session *session, const struct schema_routine *routine, struct routine_rows *result,
    struct report *r);
/* Runs it; the result has its columns. One that returns one value has one row then. */
int routine_run_kept(struct session *session, const struct routine_kept *kept, const struct routine_value *arguments,
    struct routine_rows *result, struct report *r);
/* Looks whether a body in SQL can be run and answers what it says. */
int routine_check_sql(struct session *session, const struct schema_routine *routine, struct routine_rows *result,
    struct report *r);

/* ---- routine_within.c: calls within a statement that SQLite runs ---- */

/* Calls within each other: each takes some KiB of a stack of 256 MiB. */
#define ROUTINE_CALLS_MAX 200

/* sql_context.call; arg is the session. */
int routine_call_within(void *arg, const struct sql_call *call, struct sql_rows *rows, struct report *r);
/* Before a statement of a function's runs: whether what it reads and changes is left alone by the statements around
 * it, and the function may do that. -1: reported. */
int routine_check_statement(struct session *session, const struct portal *portal, struct report *r);
/* Whether a statement around it changes rows, so that SQLite makes no savepoints: what runs within changes nothing. */
bool routine_is_within_writer(const struct session *session);

/* Runs a statement that answers nothing, within a transaction that was begun; its notices are sent. */
int routine_run_text(struct session *session, const char *sql, struct report *r);

#endif
