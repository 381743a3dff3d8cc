/*
 * Connects as bibd_archive, and waits for answers in steps.
 */
#include "workers/archive/postgres/replication.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define REPLICATION_STEP_MS 250

/* libpq's words, on one line. */
static int
replication_error(struct error *e, const char *code, const char *what, const char *words)
{
	return error_set(e, STATUS_UNAVAILABLE, code, "%s: %.*s", what, (int)strcspn(words, "\n"), words);
}

PGconn *
replication_open(const struct postgres_server *server, struct error *e)
{
	char port[16];
	const char *const keywords[] = { "host", "port", "user", "dbname", "replication", "connect_timeout", "sslmode",
		"gssencmode", "password", "application_name", NULL };
	const char *const values[] = { server->directory, port, POSTGRES_ROLE, "replication", "true", "10", "disable",
		"disable", "none", POSTGRES_ROLE, NULL };
	PGconn *conn;

	/* Nobody asks for the password; with one given no file is looked for that could have some. */
	(void)snprintf(port, sizeof(port), "%u", server->port);
	conn = PQconnectdbParams(keywords, values, 0);
	if (PQstatus(conn) == CONNECTION_OK)
		return conn;
	(void)replication_error(e, "postgres.away", "cannot connect to PostgreSQL for a backup", PQerrorMessage(conn));
	PQfinish(conn);
	return NULL;
}

/* Something came, or nothing for a moment. */
static int
replication_wait(const struct postgres_server *server, PGconn *conn, struct error *e)
{
	struct pollfd p = { .fd = PQsocket(conn), .events = POLLIN };
	int n = poll(&p, 1, REPLICATION_STEP_MS);

	if (atomic_load(server->stopping))
		return error_set(e, STATUS_UNAVAILABLE, "archive.stopping", "the node stops");
	if (n == -1 && errno != EINTR)
		return error_set_errno(e, STATUS_OS, "postgres.away", "cannot wait for PostgreSQL");
	if (n > 0 && PQconsumeInput(conn) == 0)
		return replication_error(e, "postgres.away", "PostgreSQL has ended the connection",
		    PQerrorMessage(conn));
	return 0;
}

PGresult *
replication_take(const struct postgres_server *server, PGconn *conn, ExecStatusType wanted, struct error *e)
{
	PGresult *result;

	while (PQisBusy(conn) != 0)
		if (replication_wait(server, conn, e) == -1)
			return NULL;
	result = PQgetResult(conn);
	if (result != NULL && PQresultStatus(result) == wanted)
		return result;
	(void)replication_error(e, "postgres.refused", "PostgreSQL gives no backup",
	    result == NULL ? "it has ended its answer" : PQresultErrorMessage(result));
	PQclear(result);
	return NULL;
}

PGresult *
replication_ask(const struct postgres_server *server, PGconn *conn, const char *command, ExecStatusType wanted,
    struct error *e)
{
	PGresult *result, *rest;

	if (PQsendQuery(conn, command) == 0) {
		(void)replication_error(e, "postgres.away", "cannot ask PostgreSQL", PQerrorMessage(conn));
		return NULL;
	}
	if ((result = replication_take(server, conn, wanted, e)) == NULL)
		return NULL;
	while ((rest = PQgetResult(conn)) != NULL)
		PQclear(rest);
	return result;
}

int
replication_copy(const struct postgres_server *server, PGconn *conn, char **data, struct error *e)
{
	int n;

	while ((n = PQgetCopyData(conn, data, 1)) == 0)
		if (replication_wait(server, conn, e) == -1)
			return -1;
	if (n > 0)
		return n;
	return n == -1 ? 0
		       : replication_error(e, "postgres.away", "PostgreSQL has ended its backup", PQerrorMessage(conn));
}
