/*
 * What `bibctl status` asks: the node, each process, and the storage worker's statistics, which are waited for a
 * second.
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
		uint32_t statistics_id; /* ours, at the storage worker */
		struct loop_timer timer;
	} requests[STATUS_REQUESTS_MAX];
};

/* control asks. */
void status_take_request(struct supervisor *supervisor, uint32_t id);
/* The storage worker answers. */
void status_take_statistics(struct supervisor *supervisor, uint32_t id, const struct message_statistics *statistics);
/* control has gone, and with it whoever asked. */
void status_forget(struct supervisor *supervisor);
/* The storage worker has gone: what waits for it is answered without it. */
void status_storage_gone(struct supervisor *supervisor);

#endif
