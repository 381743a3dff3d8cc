/*
 * Sends control a RESULT, and remembers which requests wait for the end of a stop.
 */
#include "supervisor/requests/requests.h"

#include "supervisor/children/children.h"

void
requests_result(struct requests *requests, uint32_t id, enum status status, const char *code, const char *text)
{
	struct child *control = children_find(requests->children, PROCESS_CONTROL);
	struct message_result result = { .status = (uint32_t)status, .code = code, .text = text };

	if (control != NULL && id != 0)
		(void)channel_send_result(&control->channel, id, &result, -1);
}

void
requests_take_stop(struct requests *requests, uint32_t id)
{
	const struct pending_request request = { .asked_id = id, .worker = PROCESS_SUPERVISOR };

	if (id != 0)
		(void)pending_add(&requests->stops, &request, 0);
}

void
requests_answer_stops(struct requests *requests)
{
	struct pending_request request;

	while (pending_take_any(&requests->stops, &request))
		requests_result(requests, request.asked_id, STATUS_OK, "node.stopped", "");
}
