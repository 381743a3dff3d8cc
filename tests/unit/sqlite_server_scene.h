/*
 * A server of SQLite without threads: a store in a directory of its own, and clients on socket pairs, whose turns the
 * test gives them one by one. So what waits, and for what, is seen between the turns.
 */
#ifndef BIBD_TESTS_SQLITE_SERVER_SCENE_H
#define BIBD_TESTS_SQLITE_SERVER_SCENE_H

#include "workers/sqlite/session/sqlite.h"
#include "workers/sqlite/session/session.h"

struct sqlite_scene {
	char directory[64];
	struct worker worker;
	struct sqlite *sqlite;
};
extern struct sqlite_scene scene;

/* A directory and a configuration; the store is not open yet. */
void scene_setup(void);
void scene_teardown(void);
/* Opens a server on the store of the directory, as a start of the worker does; and ends it, as a stop does. */
int scene_start(struct error *e);
void scene_stop(void);
/* Leaves it as a crash does, or where it did not start. */
void scene_forget(void);
/* scene_setup with a server that serves. */
void scene_setup_serving(void);

struct client {
	int fd;
	struct session *session;
};

/* A client that was let in as this role. */
struct client scene_connect(const char *user);
/* One whose startup packet has come, and what it was answered is not read yet. */
struct client scene_ask_to_connect(const char *user, const char *database);
/* Gives the session a turn, if it waits for its client. */
void scene_turn(struct client *client);
/* Gives those a turn that need not wait any more; how many there were. */
unsigned scene_turn_ready(void);
/* Lets the deadlines of all that wait pass, and gives them a turn. */
void scene_expire(void);

/* What was answered since the last time: "T D(1,<null>) C:SELECT 1 E:42601 N:00000 1 2 3 s n I Z:T", without the
 * messages of a startup. Valid until the next call. */
const char *scene_answer(struct client *client);
/* A Query message, a turn, and its answer. */
const char *scene_query(struct client *client, const char *sql);

/* Messages of the extended protocol, without a turn; values end with NULL, and are texts. */
void scene_parse(struct client *client, const char *name, const char *sql);
void scene_bind(struct client *client, const char *portal, const char *name, ...) __attribute__((sentinel));
void scene_execute(struct client *client, const char *portal, unsigned max);
void scene_close_portal(struct client *client, const char *portal);
/* Sync, a turn, and the answer to all before it. */
const char *scene_sync(struct client *client);

#endif
