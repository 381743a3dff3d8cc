/*
 * The workers' library in a child of its own, with a small program in it, and the supervisor that the test plays. One
 * such scene a test: Check runs each in a process of its own.
 */
#ifndef BIBD_TESTS_WORKER_SCENE_H
#define BIBD_TESTS_WORKER_SCENE_H

#include <check.h>
#include <sys/types.h>

#include "workers/worker.h"

/* What the program in the child saw, in memory that both share. */
struct scene_seen {
	char order[64];
	char name[16];
	char node_id[32], boot_id[32], migrations_dir[32], group[32];
	int no_new_privileges_before, no_new_privileges, dumpable, death_signal;
	bool sandboxed;
	uint32_t incarnation;
	bool separated, operational;
	uid_t uid;
	gid_t gid;
	unsigned listens;
	int purpose;
	ino_t inode; /* of the socket that LISTEN brought */
	unsigned stops;
	int64_t timeouts[4];
};

/* File scope: Check's fixtures and tests take no arguments, and the program's functions know the worker alone. */
extern struct scene_seen *scene_seen;
extern pid_t scene_pid;
extern int scene_channel_fd;
extern int scene_error_fd; /* a memory file that is the worker's standard error */

/* A worker with a function for everything: it is healthy until something has been committed, refuses a configuration
 * whose listen.group is "refused", stops when it is given less than a second, answers OPEN_STORE with FAILED and
 * PING_STORE with an event. The other has nothing of its own. */
extern const struct worker_program scene_program;
extern const struct worker_program scene_bare_program;

/* Check's fixtures. */
void scene_set_up(void);
void scene_tear_down(void);

/* Starts a worker; the arguments after the program's name end with NULL, and SCENE_PARENT stands for our pid. */
#define SCENE_PARENT "parent"
void scene_spawn_with(const struct worker_program *which, const char *const *arguments);
void scene_spawn(const struct worker_program *which);

/* scene_spawn, START with the configuration "first", and its READY. */
void scene_begin(const struct worker_program *which);

/* SCENE_SEND(name, id, fd, fields...): a message of that name, and the descriptor with it, which is then closed. */
void scene_send(struct frame *frame, int encoded);
#define SCENE_SEND(name, id, fd, ...) \
	do { \
		const struct message_##name message_ = { __VA_ARGS__ }; \
		struct frame frame_; \
\
		scene_send(&frame_, message_encode_##name(&frame_, id, &message_, fd, NULL)); \
	} while (0)
void scene_send_start(const char *group, uint64_t hash);

/* A memory file with a configuration, which tells itself apart by listen.group. */
int scene_conf(const char *group);

/* The next frame, which must be of this type. scene_await_answer: one that is a boolean and a text, as HEALTH and
 * PREPARED are, with this in the text. */
struct frame *scene_await(enum message_type type);
void scene_await_answer(enum message_type type, uint32_t id, bool wanted, const char *text);

/* Waits until the worker has handled all that was sent before. */
void scene_catch_up(bool healthy);

/* Waits for the worker's end, which must have this status, and this on standard error; "": nothing at all. */
void scene_assert_ends(int status, const char *text);

#endif
