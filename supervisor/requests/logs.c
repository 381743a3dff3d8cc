/*
 * Asks the container worker for its log under an id of the supervisor's own, and gives the answer to control.
 */
#include "supervisor/requests/logs.h"

#include <unistd.h>

#include "supervisor/children/children.h"
#include "supervisor/requests/requests.h"

static void
logs_ended(void *context, const struct pending_request *request, enum pending_end why)
{
	(void)why;
	requests_result(context, request->asked_id, STATUS_UNAVAILABLE, "logs.busy",
	    "bibd-container ended before it answered: try again");
}

void
logs_init(struct requests *requests)
{
	pending_init(&requests->logs, NULL, REQUESTS_LOGS_MAX, logs_ended, requests);
}

void
logs_ask(struct requests *requests, uint32_t asked_id, uint32_t lines)
{
	struct child *worker = children_find(requests->children, PROCESS_CONTAINER);
	struct pending_request request = { .asked_id = asked_id, .worker = PROCESS_CONTAINER };
	const struct message_log_request ask = { .lines = lines < LOGS_LINES_MAX ? lines : LOGS_LINES_MAX,
		.earlier = true };

	if (asked_id == 0)
		return;
	if (worker == NULL)
		requests_result(requests, asked_id, STATUS_USAGE, "logs.none",
		    "this node runs no container: bibd's own log is where its standard error goes");
	else if (!pending_has_room(&requests->logs, 1))
		requests_result(requests, asked_id, STATUS_UNAVAILABLE, "logs.busy",
		    "too many requests are under way: try again");
	else if (!child_is_worker_up(worker))
		requests_result(requests, asked_id, STATUS_UNAVAILABLE, "logs.busy",
		    "bibd-container is not up: try again");
	else {
		request.worker_id = channel_next_id(&worker->channel);
		(void)pending_add(&requests->logs, &request, 0);
		(void)channel_send_log_request(&worker->channel, request.worker_id, &ask, -1);
	}
}

bool
logs_answer(struct requests *requests, uint32_t id, int fd)
{
	struct child *control = children_find(requests->children, PROCESS_CONTROL);
	struct pending_request request;

	if (control == NULL || !pending_take(&requests->logs, PROCESS_CONTAINER, id, &request)) {
		if (fd != -1)
			close(fd);
		return false;
	}
	(void)channel_send_log(&control->channel, request.asked_id, NULL, fd);
	requests_result(requests, request.asked_id, STATUS_OK, "logs", "");
	return true;
}

bool
logs_fail(struct requests *requests, uint32_t id, const struct error *e)
{
	struct pending_request request;

	if (!pending_take(&requests->logs, PROCESS_CONTAINER, id, &request))
		return false;
	requests_result(requests, request.asked_id, e->status, e->code, e->text);
	return true;
}
