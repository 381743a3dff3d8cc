/*
 * A connection for replication, whose waits end when the node stops.
 */
#ifndef BIBD_ARCHIVE_POSTGRES_REPLICATION_H
#define BIBD_ARCHIVE_POSTGRES_REPLICATION_H

#include <libpq-fe.h>

#include "workers/archive/postgres/postgres.h"

/* NULL: error. */
PGconn *replication_open(const struct postgres_server *server, struct error *e);

/* The next result of what was sent, of that status; NULL: error. PQclear it. */
PGresult *replication_take(const struct postgres_server *server, PGconn *conn, ExecStatusType wanted, struct error *e);
/* Sends a command and takes its one result. NULL: error. */
PGresult *replication_ask(const struct postgres_server *server, PGconn *conn, const char *command,
    ExecStatusType wanted, struct error *e);

/* The next piece of a copy; *data is the libpq's, for PQfreemem. Returns its size, 0 at the end of the copy, -1. */
int replication_copy(const struct postgres_server *server, PGconn *conn, char **data, struct error *e);

#endif
