/*
 * Routines on behalf of a session: what a block or a function of PL/pgSQL asks for is done by the session's own
 * portals.
 */
#ifndef BIBD_SQLITE_SESSION_ROUTINE_H
#define BIBD_SQLITE_SESSION_ROUTINE_H

#include "workers/sqlite/routines/routines.h"
#include "workers/sqlite/session/command.h"

command_fn routine_command_do;

/* routine_call.c */
command_fn routine_command_create, routine_command_call;

/* ---- what routine_call.c needs of routine.c ---- */

struct routine_host routine_host(struct session *session);
/* The lease and a transaction, so that nothing within has to wait; in a READ ONLY one what it takes to read. */
enum transaction_result routine_begin(struct session *session, struct report *r);
/* A column's value in the form in which a parameter of the type is given; it owns its bytes. */
int routine_take_value(struct session *session, sqlite3_stmt *stmt, int column, uint32_t oid, struct type_value *out,
    struct report *r);

#endif
