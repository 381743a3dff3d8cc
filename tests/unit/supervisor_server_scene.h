/*
 * A supervisor with its states of the managed server, whose container worker and storage worker are played by the test:
 * they answer as the real ones do, and die when they are told to.
 */
#ifndef BIBD_TESTS_SUPERVISOR_SERVER_SCENE_H
#define BIBD_TESTS_SUPERVISOR_SERVER_SCENE_H

#include "supervisor/supervisor.h"

#define STEP_MS 50
/* More than any of the waits on the way: a doubt is the longest, and comes before a stop and a start. */
#define SOON_MS 15000

/* The test's own time, in milliseconds. File scope: the clock's function takes no arguments. */
extern int64_t scene_now;

struct player {
	struct child *child;
	int fd; /* its end of the channel */
};

struct scene {
	struct supervisor *s;
	struct player container, storage;
	/* The world. */
	bool engine_is_down;
	bool server_runs;
	unsigned generation; /* of the server that runs, or ran last */
	/* The container worker. */
	bool watches;
	/* The storage worker. */
	unsigned open_at; /* the generation that the store is open at; 0: not open */
	bool opening;
	uint32_t open_id;
	/* What happened. */
	unsigned faults, deaths;
};

/* A worker's end of its channel: the worker dies, begins, and reads the next message: its type, or 0 for none. */
void player_close(struct player *player);
void player_begin(struct scene *scene, struct player *player);
unsigned player_next(struct player *player, uint32_t *id);

/* Each of them answers what it was sent. */
void container_act(struct scene *scene);
void storage_act(struct scene *scene);

/* The supervisor's loop goes round once. */
void scene_turn(struct scene *scene);
/* Everybody acts until the store is open at the server that runs; fails after that time. */
void scene_settle(struct scene *scene, int64_t within_ms, const char *what);

void scene_open(struct scene *scene);
void scene_close(struct scene *scene);

#endif
