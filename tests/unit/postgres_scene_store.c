/*
 * A store that is open at the server, its clients, and its end.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/postgres_scene.h"

void
scene_open_roles(void)
{
	scene_start_server();
	scene_make_store(true, NULL);
	scene_give_peer();
	pg_store_open(scene.store, 1);
	scene_until(&scene.opened, 1);
}

void
scene_close_roles(void)
{
	scene_free_store();
	scene_stop_server(SIGINT);
}

PGconn *
scene_client(const char *role)
{
	char login[32];
	PGconn *connection;

	(void)snprintf(login, sizeof(login), "bibd_%s_a", role);
	connection = scene_connect(login, SCENE_PASSWORD);
	ck_assert_msg(connection != NULL, "%s cannot log in", login);
	return connection;
}

/* Runs a statement as a client of its own, and compares its first value or its SQLSTATE. */
void
scene_expect(const char *role, const char *sql, const char *wanted)
{
	PGconn *connection = role == NULL ? scene_connect(NULL, NULL) : scene_client(role);
	const char *got = scene_sql(connection, sql);

	ck_assert_msg(strcmp(got, wanted) == 0, "%s: %s: %s instead of %s", role == NULL ? "postgres" : role, sql, got,
	    wanted);
	PQfinish(connection);
}

void
scene_open_store(void)
{
	scene_make_store(true, NULL);
	scene_give_peer();
	pg_store_open(scene.store, 7);
	scene_until(&scene.opened, 1);
}

void
scene_closed(void *context)
{
	scene.closed = true;
	*(bool *)context = true;
}

void
scene_end_store(void)
{
	unsigned lost_calls = scene.lost_calls;
	bool done = false;

	pg_store_close(scene.store, 5000, scene_closed, &done);
	while (!done)
		scene_run(10);
	ck_assert_uint_eq(scene.lost_calls, lost_calls);
	scene_free_store();
}
