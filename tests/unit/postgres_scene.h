/*
 * A PostgreSQL server of the tests' own in a temporary directory, made once for a program and started by each test; and
 * around a store the supervisor and the keeper that the test plays, all in one loop.
 */
#ifndef BIBD_TESTS_POSTGRES_SCENE_H
#define BIBD_TESTS_POSTGRES_SCENE_H

#include <check.h>
#include <libpq-fe.h>
#include <sys/types.h>

#include "workers/postgres/store/store.h"
#include "workers/worker.h"

#define SCENE_SYSTEM_PASSWORD "system-password" /* as postgres_bootstrap.sql has it */
#define SCENE_PASSWORD "a-password-of-a-role"
#define SCENE_NEW_SYSTEM_PASSWORD "new-system-password"
#define SCENE_NEW_PASSWORD "a-new-password-of-a-role"
#define SCENE_SEEN_MAX 64

/* What the keeper's credentials are, as far as a rotation is. */
enum scene_rotation { SCENE_BEFORE, SCENE_PENDING, SCENE_SWITCHED };

/* File scope: Check's fixtures and tests take no arguments. */
extern struct scene {
	char dir[64]; /* data/, run/, migrations/, application/ */
	pid_t backend;
	unsigned tcp_port;	  /* 0: none */
	char server_options[256]; /* words, each one a setting "name=value" */

	struct worker worker;
	struct pg_store *store;
	struct channel supervisor, keeper;
	bool keeper_refuses;
	bool keeper_lies; /* about the passwords of the roles */
	enum scene_rotation rotation;
	unsigned rotated, retired, not_rotated; /* what it was answered */
	char why_not[512];
	const char *system_password; /* NULL: SCENE_SYSTEM_PASSWORD */
	unsigned asked;		     /* how often the keeper was */

	/* what the supervisor was told */
	unsigned opened, answered, failed, lost;
	struct {
		uint32_t status;
		char code[64], text[512];
	} failure;
	char lost_cause[512];
	char progress[SCENE_SEEN_MAX][256];
	unsigned nprogress;
	char event[512];
	unsigned nevents;
	unsigned crashes_looked_for;
	/* what the pool was told */
	unsigned available_calls, lost_calls;
	char lost_text[512];
	bool closed;
} scene;

/* Whether PostgreSQL's programs are there. Without them a program exits with 77. */
bool scene_can_run(void);

/* Check's unchecked fixtures: make and remove the cluster. */
void scene_make_cluster(void);
void scene_remove_cluster(void);

/* Starts the server; scene_await_server: until it accepts. Signals it and waits for its end. */
void scene_start_server(void);
void scene_await_server(void);
/* As the superuser, once the server takes another connection; the caller finishes it. */
PGconn *scene_connect_when_there_is_room(void);
void scene_stop_server(int signal);
/* Sends a signal to it and to all its processes. */
void scene_signal_server(int signal);

/* A connection of the test's own; NULL user: the superuser. Waits. */
PGconn *scene_connect(const char *user, const char *password);
/* Runs a statement there: the first value as text, or the SQLSTATE of the error. */
const char *scene_sql(PGconn *connection, const char *sql);

/* A store with its supervisor and, unless told otherwise, its keeper. */
void scene_make_store(bool managed, const char *host);
void scene_free_store(void);
void scene_give_peer(void);

/* How many times longer everything may take: sanitizers and valgrind say so in the environment. */
int scene_slow(void);

/* The keeper asks for a rotation, or, when it has switched, for the old logins to be retired. */
void scene_ask_rotation(uint32_t id);

/* Runs the loop until the number is reached; aborts after some seconds. */
void scene_until(const unsigned *count, unsigned wanted);
/* Runs the loop for so long, or longer when all is slow. */
void scene_run(int ms);
/* Runs the loop for so long by the clock, which certificates go by. */
void scene_pass(int ms);

/* Writes a file of the application's migrations, or removes it (NULL). */
void scene_migration(const char *name, const char *sql);

/* ---- postgres_scene_store.c ---- */

/* Check's fixture for tests of roles: the server runs, and a store is open at it. */
void scene_open_roles(void);
void scene_close_roles(void);
/* Logs in as an application of that role; the caller finishes the connection. */
PGconn *scene_client(const char *role);
/* Runs a statement as a client of its own (role NULL: the superuser), and compares its first value or its SQLSTATE. */
void scene_expect(const char *role, const char *sql, const char *wanted);

/* Opens a store at the server, which runs; closes it, which loses nothing. */
void scene_open_store(void);
void scene_end_store(void);
/* For pg_store_close(): notes in the scene, and in the bool that is its context, that the store is closed. */
void scene_closed(void *context);

#endif
