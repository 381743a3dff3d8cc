/*
 * Adds, finds, takes and ends requests in a table with a deadline each.
 */
#include "supervisor/requests/pending.h"

#include <stddef.h>

void
pending_init(struct pending *pending, struct loop *loop, unsigned max, pending_ended_fn *ended, void *context)
{
	*pending = (struct pending) { .loop = loop,
		.max = max < PENDING_MAX ? max : PENDING_MAX,
		.ended = ended,
		.context = context };
}

static unsigned
pending_count(const struct pending *pending)
{
	unsigned n = 0;

	for (unsigned i = 0; i < pending->max; i++)
		n += pending->requests[i].asked_id != 0;
	return n;
}

bool
pending_has_room(const struct pending *pending, unsigned n)
{
	return pending_count(pending) + n <= pending->max;
}

/* Frees the place; what was there is in *request. */
static void
pending_free(struct pending_request *place, struct pending_request *request)
{
	loop_timer_cancel(&place->timer);
	*request = *place;
	place->asked_id = place->worker_id = 0;
}

static void
pending_end(struct pending_request *place, enum pending_end why)
{
	struct pending *pending = place->pending;
	struct pending_request request;

	pending_free(place, &request);
	pending->ended(pending->context, &request, why);
}

static void
pending_is_late(struct loop_timer *timer)
{
	pending_end(timer->arg, PENDING_LATE);
}

bool
pending_add(struct pending *pending, const struct pending_request *request, int64_t deadline_ms)
{
	for (unsigned i = 0; i < pending->max; i++) {
		struct pending_request *place = &pending->requests[i];

		if (place->asked_id != 0)
			continue;
		*place = (struct pending_request) { .pending = pending,
			.asked_id = request->asked_id,
			.worker_id = request->worker_id,
			.worker = request->worker,
			.kind = request->kind };
		if (deadline_ms > 0)
			loop_timer_set(pending->loop, &place->timer, deadline_ms, pending_is_late, place);
		return true;
	}
	return false;
}

const struct pending_request *
pending_find(const struct pending *pending, unsigned workers, uint32_t worker_id)
{
	for (unsigned i = 0; i < pending->max && worker_id != 0; i++) {
		const struct pending_request *place = &pending->requests[i];

		if (place->asked_id != 0 && (place->worker & workers) != 0 && place->worker_id == worker_id)
			return place;
	}
	return NULL;
}

bool
pending_take(struct pending *pending, unsigned workers, uint32_t worker_id, struct pending_request *request)
{
	const struct pending_request *place = pending_find(pending, workers, worker_id);

	if (place == NULL)
		return false;
	pending_free(&pending->requests[place - pending->requests], request);
	return true;
}

bool
pending_take_any(struct pending *pending, struct pending_request *request)
{
	for (unsigned i = 0; i < pending->max; i++)
		if (pending->requests[i].asked_id != 0) {
			pending_free(&pending->requests[i], request);
			return true;
		}
	return false;
}

bool
pending_is_awaited(const struct pending *pending, uint32_t asked_id)
{
	for (unsigned i = 0; i < pending->max && asked_id != 0; i++)
		if (pending->requests[i].asked_id == asked_id)
			return true;
	return false;
}

void
pending_worker_gone(struct pending *pending, unsigned workers)
{
	for (unsigned i = 0; i < pending->max; i++) {
		struct pending_request *place = &pending->requests[i];

		if (place->asked_id != 0 && (place->worker & workers) != 0)
			pending_end(place, PENDING_GONE);
	}
}

void
pending_forget(struct pending *pending)
{
	struct pending_request request;

	while (pending_take_any(pending, &request))
		;
}
