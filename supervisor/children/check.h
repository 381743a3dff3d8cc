/*
 * Are clients answered? A worker that answers heartbeats may still answer no client. So at each interval the supervisor
 * goes the clients' way: it connects to the client socket, sends a startup packet and `select 1`, and wants the answer
 * within health.timeout.
 *
 * The storage worker recognises the check by the pid that the kernel names for the connection: it is that of the
 * supervisor, its parent. The check needs no access rule, counts against no bound on clients, and shows neither in the
 * audit trail nor in `bibctl clients`. When all connections are taken it gets a spare one, as the role admin does,
 * since clients that hold idle connections are no failure.
 *
 * An answer that is too late is a failure only if no client has been answered since the check began, by the worker's
 * count (HEALTH, answered); where clients are answered, the node is loaded, not dead. A refusal, or a connection that
 * cannot be made, is a failure in any case. When clients wait because all connections are at work, the worker itself
 * says so in HEALTH. Neither ends a process: the worker is then not healthy, which `bibctl status` and an event say,
 * until somebody is answered.
 *
 * No check is made, and none fails, while the node does not serve or clients are paused.
 */
#ifndef BIBD_SUPERVISOR_CHECK_H
#define BIBD_SUPERVISOR_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/loop.h"

/* Bytes of the answer that are kept: no message that answers such a check is longer. */
#define CHECK_ANSWER_MAX 4096
#define CHECK_CAUSE_MAX 256

struct node;

typedef bool check_is_paused_fn(void *context);

struct check_hooks {
	check_is_paused_fn *is_paused; /* clients are made to wait */
	void *paused_context;
	void (*ask_count)(void *context); /* check_take_count is to be called soon */
	void (*concluded)(void *context); /* failed has changed, or may have */
	void *context;
};

struct check {
	struct node *node;
	struct check_hooks hooks;
	struct loop_watch watch; /* fd: the connection, -1 while there is none */
	struct loop_timer deadline;
	struct loop_timer again; /* the socket's queue is full, which cannot be waited for */
	bool running;
	unsigned nready; /* ReadyForQuery: one after the startup packet, one after the statement */
	bool has_row;
	uint8_t answer[CHECK_ANSWER_MAX];
	size_t received;

	bool counted; /* answered_before is known */
	uint64_t answered_before;
	bool late; /* to be judged when the worker says whether others were answered */
	bool failed;
	char cause[CHECK_CAUSE_MAX]; /* of late and failed */
};

void check_init(struct check *check, struct node *node, const struct check_hooks *hooks);
/* The next one is due; does nothing while one is under way. */
void check_begin(struct check *check);
/* The worker has answered so many clients. */
void check_take_count(struct check *check, uint64_t answered);
/* The worker is gone, or going: nothing is known of it. */
void check_forget(struct check *check);

#endif
