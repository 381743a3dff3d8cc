/*
 * What `bibctl status` asks: the node, each process, the server with its use of memory, and the storage worker's
 * statistics; the last two are waited for a second.
 */
#ifndef BIBD_SUPERVISOR_STATUS_H
#define BIBD_SUPERVISOR_STATUS_H

#include <stdint.h>

#include "common/loop.h"
#include "common/message.h"

#define STATUS_REQUESTS_MAX 16

struct supervisor;

struct status_requests {
	struct status_request {
		struct supervisor *supervisor;
		uint32_t asked_id;	/* control's id; 0: this place is free */
		uint32_t statistics_id; /* ours, at the storage worker; 0: not awaited */
		uint32_t usage_id;	/* ours, at the container worker; 0: not awaited */
		struct loop_timer timer;
	} requests[STATUS_REQUESTS_MAX];
};

/* control asks. */
void status_take_request(struct supervisor *supervisor, uint32_t id);
/* The storage worker answers. */
void status_take_statistics(struct supervisor *supervisor, uint32_t id, const struct message_statistics *statistics);
/* The container worker answers. */
void status_take_usage(struct supervisor *supervisor, uint32_t id, uint64_t memory_bytes);
/* control has gone, and with it whoever asked. */
void status_forget(struct supervisor *supervisor);
/* The storage worker has gone: what waits for it is answered without it. */
void status_storage_gone(struct supervisor *supervisor);

#endif
