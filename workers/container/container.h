/*
 * bibd-container: runs PostgreSQL in a container by means of the engine's own program. Private to this room.
 *
 * It holds the engine's socket, which is as good as root, so it takes orders from the supervisor alone, runs nothing
 * but argument vectors of its own making, and keeps no secret longer than one job. Nothing in it waits: every question
 * to the engine is a job with a deadline.
 */
#ifndef BIBD_CONTAINER_CONTAINER_H
#define BIBD_CONTAINER_CONTAINER_H

#include "workers/container/drill_script.h"
#include "workers/container/server.h"
#include "workers/worker.h"

/* The state of the worker, in worker->state. */
struct container {
	struct worker *worker;
	char *home; /* <data_dir>/container: what the engine's programs may write to */
	struct jobs jobs;
	struct managed_server server;
	struct job *drill; /* NULL: none is under way */
	uint32_t drill_id; /* the request's */
	struct drill_output drill_output;
};

/* logs.c, usage.c: LOG_REQUEST and USAGE_REQUEST (context: the worker). */
void container_take_log_request(void *context, struct frame *frame, const struct message_log_request *message);
void container_take_usage_request(void *context, struct frame *frame, const struct message_usage_request *message);
/* drill.c: DRILL_PROVE and DRILL_END, likewise. */
void container_take_drill_prove(void *context, struct frame *frame, const struct message_drill_prove *message);
void container_take_drill_end(void *context, struct frame *frame, const struct message_drill_end *message);

#endif
