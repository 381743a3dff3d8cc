/*
 * Routines on behalf of a session: what a block or a function of PL/pgSQL asks for is done by the session's own
 * portals.
 */
#ifndef BIBD_SQLITE_SESSION_ROUTINE_H
#define BIBD_SQLITE_SESSION_ROUTINE_H

#include "workers/sqlite/session/command.h"

command_fn routine_command_do;

#endif
