/*
 * A move as the worker sees it: the logins that it works with, and what the store and the supervisor are told.
 */
#include <unistd.h>

#include "workers/postgres/postgres.h"

static void
moving_progress(void *context, const char *text, bool news)
{
	struct postgres *postgres = context;

	pg_store_progress(postgres->store, text, news);
}

static void
moving_done(void *context, const struct error *e)
{
	struct postgres *postgres = context;
	struct error why;

	if (e != NULL)
		why = *e;
	pg_move_end(postgres->move);
	postgres->move = NULL;
	pg_store_moved(postgres->store, e == NULL ? NULL : &why);
}

/* Begins to log in; the caller waits for the connection, and goes on with PQconnectPoll(). */
static PGconn *
moving_connect(struct postgres *postgres, enum role role)
{
	const char *keywords[STORE_PARAMETERS_MAX], *values[STORE_PARAMETERS_MAX];

	return pg_store_parameters(postgres->store, role, keywords, values) == -1
	    ? NULL
	    : PQconnectStartParams(keywords, values, 0);
}

void
postgres_take_source(struct postgres *postgres, int fd)
{
	if (postgres->source_fd != -1)
		close(postgres->source_fd);
	postgres->source_fd = fd;
	pg_store_expect_move(postgres->store);
}

void
postgres_move(void *context)
{
	static const struct pg_move_hooks hooks = { .progress = moving_progress, .done = moving_done };
	struct postgres *postgres = context;
	int source = postgres->source_fd;
	PGconn *admin, *system;
	struct error e;

	postgres->source_fd = -1;
	if (source == -1 || postgres->move != NULL) {
		(void)error_set(&e, STATUS_UNAVAILABLE, "move.target",
		    "the server was lost while rows were moved to it");
		pg_store_moved(postgres->store, &e);
		return;
	}
	admin = moving_connect(postgres, ROLE_ADMIN);
	system = moving_connect(postgres, ROLES);
	postgres->move = pg_move_begin(&postgres->worker->loop, source, postgres->worker->conf->database.name, admin,
	    system, &hooks, postgres, &e);
	if (postgres->move == NULL)
		pg_store_moved(postgres->store, &e);
}
