/*
 * Requests that are not answered yet: under which id control asked, under which we asked a worker, and until when. The
 * table knows no process and no channel; time is the clock's, so a test drives it.
 */
#ifndef BIBD_SUPERVISOR_PENDING_H
#define BIBD_SUPERVISOR_PENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "common/loop.h"
#include "common/process.h"

#define PENDING_MAX 32

struct pending_request {
	struct pending *pending;
	uint32_t asked_id;   /* control's id; 0: this place is free */
	uint32_t worker_id;  /* ours, at the worker; 0: no worker was asked */
	enum process worker; /* whom we asked */
	unsigned kind;	     /* the caller's own */
	struct loop_timer timer;
};

/* Why a request ended without an answer. */
enum pending_end { PENDING_LATE, PENDING_GONE };

/* Its place is free already; the request is valid until the function returns. */
typedef void pending_ended_fn(void *context, const struct pending_request *request, enum pending_end why);

struct pending {
	struct loop *loop;
	unsigned max; /* at most PENDING_MAX */
	pending_ended_fn *ended;
	void *context; /* given to ended */
	struct pending_request requests[PENDING_MAX];
};

/* Makes the table empty. ended may be NULL where no request has a deadline and no worker is asked. */
void pending_init(struct pending *pending, struct loop *loop, unsigned max, pending_ended_fn *ended, void *context);

/* Whether so many more requests have a place. */
bool pending_has_room(const struct pending *pending, unsigned n);

/* Keeps a request by its asked_id (not 0), worker_id, worker and kind. deadline_ms: when it is late; 0: never. Returns
 * false when there is no place. */
bool pending_add(struct pending *pending, const struct pending_request *request, int64_t deadline_ms);

/* The request under our id at one of these workers (a set), or NULL; it stays in the table. */
const struct pending_request *pending_find(const struct pending *pending, unsigned workers, uint32_t worker_id);

/* The same, taken out of the table into *request. Returns false when there is none. */
bool pending_take(struct pending *pending, unsigned workers, uint32_t worker_id, struct pending_request *request);

/* Takes any request out. Returns false when there is none. */
bool pending_take_any(struct pending *pending, struct pending_request *request);

/* Whether something is still awaited for what control asked under this id. */
bool pending_is_awaited(const struct pending *pending, uint32_t asked_id);

/* These workers (a set) have gone: ended is called for each request that they were asked. */
void pending_worker_gone(struct pending *pending, unsigned workers);

/* Control has ended, and with it the connections of every bibctl that asked: empties the table and answers nobody. */
void pending_forget(struct pending *pending);

#endif
