/*
 * A node without programs: workers are channels whose other ends the test reads, actions of the lifecycle do nothing,
 * and time stands still until the test lets it pass.
 */
#ifndef BIBD_TESTS_SUPERVISOR_SCENE_H
#define BIBD_TESTS_SUPERVISOR_SCENE_H

#include <check.h>

#include "supervisor/children/children.h"
#include "supervisor/node/node.h"

struct scene {
	struct node node;
	struct children children;
	int ends[CHILDREN_MAX]; /* the workers' ends of their channels, or -1 */
	char directory[64];	/* node.data_dir */
	char conf_path[80];
	char events[1024]; /* the codes of all events, each with a space before it */
};

/* File scope: Check's fixtures and tests take no arguments. */
extern struct scene scene;

/* Opens the scene on this configuration, to which data_dir is added. Hooks that are NULL do nothing. */
void scene_open(const char *yaml, const struct children_hooks *hooks);
void scene_close(void);

/* Writes the configuration file anew. */
void scene_write_conf(const char *yaml);

/* A worker that is up, or has a program of its own to be started (this very test: main calls scene_be_worker first). */
struct child *scene_add_up(enum process process);
struct child *scene_add_program(enum process process);
void scene_be_worker(int argc, char **argv);

/* "PREPARE": the next frame that the worker was sent, or "". */
const char *scene_next(const struct child *child);

/* So many milliseconds pass, and what is due is done. */
void scene_pass(int64_t ms);

/* The process is killed and waited for, as if it had ended with this wait status; then child_reap. */
void scene_end(struct child *child, int wait_status);

/* Whether an event of this code was added since the scene was opened or this was last called. */
bool scene_has_event(const char *code);

#endif
