/*
 * The processes of the node: started, watched, reaped, and started again by the policy. Who takes their messages, and
 * who is told of their deaths, is handed in: this room knows neither requests nor the server.
 */
#ifndef BIBD_SUPERVISOR_CHILDREN_H
#define BIBD_SUPERVISOR_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>

#include "common/message.h"
#include "supervisor/children/check.h"
#include "supervisor/children/child.h"
#include "supervisor/children/process.h"

#define CHILDREN_MAX 9

/* A row of the table of those who are told of starts and deaths; they are told in its order. */
struct children_watcher {
	unsigned processes; /* of which workers: a set of enum process; 0: of every child, components too */
	void (*started)(void *context, struct child *child); /* also when starting failed; NULL: does not care */
	void (*gone)(void *context, struct child *child);    /* reaped, before the lifecycle hears; NULL */
};

/* What the supervisor hands in. The context of the handlers is the struct child, that of the others
 * children->context. */
struct children_hooks {
	const struct message_handlers *handlers; /* of every worker's channel */
	/* The first words to a worker: START and its sockets. */
	int (*begin)(void *context, struct child *child, struct error *e);
	/* The supplementary groups that a worker is started with; returns how many. */
	size_t (*find_groups)(void *context, const struct child *child, gid_t groups[PROCESS_GROUPS_MAX]);
	check_is_paused_fn *is_paused; /* while clients are paused, the check of the client socket rests */
	const struct children_watcher *watchers;
	size_t nwatchers;
};

struct children {
	struct node *node;
	const struct children_hooks *hooks;
	void *context;
	struct child list[CHILDREN_MAX];
	size_t n;
	struct check check;
	struct loop_timer heartbeat; /* the next ones are due */
	bool said_sandbox;	     /* what the kernel lacks was told */
};

/* Makes it empty; hooks and context stay the caller's. */
void children_init(struct children *children, struct node *node, const struct children_hooks *hooks, void *context);

/* Adds the workers that the configuration needs, then a child for each enabled component. Errors: users.missing,
 * process.program, conf.check (no user named where bibd runs as root). */
int children_add_all(struct children *children, const struct process_places *places, struct error *e);
/* Adds bibd-sqlite beside bibd-postgres, as the source of a move. Errors: as before. */
int children_add_source(struct children *children, const struct process_places *places, struct error *e);
void children_close(struct children *children);

/* The worker of that process (a set is fine), or NULL. */
struct child *children_find(struct children *children, unsigned processes);
/* The same if it is up, else NULL. */
struct child *children_find_up(struct children *children, unsigned processes);

/* Gives two workers a channel of their own (PEER). Does nothing until both are up. */
void children_connect(struct children *children, enum process a, enum process b);

/* Reaps every process that has ended. */
void children_reap(struct children *children);

/* Tells the lifecycle if no worker has a process. */
void children_note_worker_end(struct children *children);

/* Tells the watchers. */
void children_tell_started(struct child *child);
void children_tell_gone(struct child *child);

/* Writes the state of each to the log. */
void children_log_state(const struct children *children);

/* ---- component.c: programs that bibd runs beside storage ---- */

int component_add_all(struct children *children, struct error *e);
void component_start_all(struct children *children);
/* Asks all to stop; tells the lifecycle when there are none. */
void component_stop_all(struct children *children);
void component_kill_all(struct children *children);
/* One of them was reaped: tells the lifecycle when it was the last. */
void component_note_end(struct children *children);

#endif
