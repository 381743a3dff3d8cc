#include "supervisor/requests/log_requests.h"

#include <string.h>
#include <unistd.h>

#include "supervisor/supervisor.h"

static struct log_request *
log_requests_find(struct supervisor *s, uint32_t worker_id)
{
	for (size_t i = 0; i < LOG_REQUESTS_MAX; i++)
		if (s->log_requests.requests[i].asked_id != 0 && s->log_requests.requests[i].worker_id == worker_id)
			return &s->log_requests.requests[i];
	return NULL;
}

static struct log_request *
log_requests_free_place(struct supervisor *s)
{
	for (size_t i = 0; i < LOG_REQUESTS_MAX; i++)
		if (s->log_requests.requests[i].asked_id == 0)
			return &s->log_requests.requests[i];
	return NULL;
}

static void
log_requests_result(struct supervisor *s, uint32_t id, enum status status, const char *code, const char *text)
{
	struct child *control = supervisor_child(s, PROCESS_CONTROL);
	struct message_result result = { .status = status, .code = code, .text = text };

	if (control != NULL)
		(void)channel_send_result(&control->channel, id, &result, -1);
}

void
log_requests_take(struct supervisor *supervisor, uint32_t id, uint32_t lines)
{
	struct child *worker = supervisor_child(supervisor, PROCESS_CONTAINER);
	struct log_request *request = log_requests_free_place(supervisor);
	struct message_log_request ask = {
		.lines = lines < LOG_REQUESTS_LINES_MAX ? lines : LOG_REQUESTS_LINES_MAX, .earlier = true
	};

	if (worker == NULL)
		log_requests_result(supervisor, id, STATUS_USAGE, "logs.none",
		    "this node runs no container: bibd's own log is where its standard error goes");
	else if (!child_is_worker_up(worker) || request == NULL)
		log_requests_result(supervisor, id, STATUS_UNAVAILABLE, "logs.busy",
		    request == NULL ? "too many ask at once: try again" : "the container worker is not up: try again");
	else {
		request->asked_id = id;
		request->worker_id = channel_next_id(&worker->channel);
		(void)channel_send_log_request(&worker->channel, request->worker_id, &ask, -1);
	}
}

bool
log_requests_answer(struct supervisor *supervisor, uint32_t id, int fd)
{
	struct child *control = supervisor_child(supervisor, PROCESS_CONTROL);
	struct log_request *request = log_requests_find(supervisor, id);

	if (request == NULL || control == NULL) {
		if (fd != -1)
			close(fd);
		return false;
	}
	(void)channel_send_log(&control->channel, request->asked_id, NULL, fd);
	log_requests_result(supervisor, request->asked_id, STATUS_OK, "logs", "");
	request->asked_id = 0;
	return true;
}

bool
log_requests_fail(struct supervisor *supervisor, uint32_t id, const struct error *e)
{
	struct log_request *request = log_requests_find(supervisor, id);

	if (request == NULL)
		return false;
	log_requests_result(supervisor, request->asked_id, e->status, e->code, e->text);
	request->asked_id = 0;
	return true;
}

void
log_requests_worker_gone(struct supervisor *supervisor)
{
	for (size_t i = 0; i < LOG_REQUESTS_MAX; i++) {
		struct log_request *request = &supervisor->log_requests.requests[i];

		if (request->asked_id != 0)
			log_requests_result(supervisor, request->asked_id, STATUS_UNAVAILABLE, "logs.busy",
			    "the container worker has gone: try again");
		request->asked_id = 0;
	}
}

void
log_requests_forget(struct supervisor *supervisor)
{
	memset(&supervisor->log_requests, 0, sizeof(supervisor->log_requests));
}
