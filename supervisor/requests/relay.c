#include "supervisor/requests/relay.h"

#include <string.h>

#include "supervisor/supervisor.h"

static void
relay_result(struct supervisor *s, uint32_t id, enum status status, const char *code, const char *text)
{
	struct child *control = supervisor_child(s, PROCESS_CONTROL);
	struct message_result result = { .status = status, .code = code, .text = text };

	if (control != NULL)
		(void)channel_send_result(&control->channel, id, &result, -1);
}

static struct relay_request *
relay_find(struct supervisor *s, enum process worker, uint32_t worker_id)
{
	for (size_t i = 0; i < RELAY_MAX && worker_id != 0; i++) {
		struct relay_request *request = &s->relay.requests[i];

		if (request->asked_id != 0 && request->worker == worker && request->worker_id == worker_id)
			return request;
	}
	return NULL;
}

static struct relay_request *
relay_free_place(struct supervisor *s)
{
	for (size_t i = 0; i < RELAY_MAX; i++)
		if (s->relay.requests[i].asked_id == 0)
			return &s->relay.requests[i];
	return NULL;
}

/* The worker that is to be asked under the id given; NULL: the request was answered already. */
static struct child *
relay_begin(struct supervisor *s, unsigned processes, uint32_t asked_id, uint32_t *id)
{
	struct child *worker = supervisor_child(s, processes);
	struct relay_request *request = relay_free_place(s);

	if (asked_id == 0)
		return NULL;
	if (worker == NULL) {
		relay_result(s, asked_id, STATUS_USAGE, "relay.none",
		    "this node has no such thing: it runs no worker that could answer");
		return NULL;
	}
	if (request == NULL || !child_is_worker_up(worker)) {
		relay_result(s, asked_id, STATUS_UNAVAILABLE, "relay.busy",
		    request == NULL ? "too many ask at once: try again" : "the worker that knows is not up: try again");
		return NULL;
	}
	*id = channel_next_id(&worker->channel);
	*request = (struct relay_request) { .asked_id = asked_id, .worker_id = *id,
		.worker = worker->program->process };
	return worker;
}

#define RELAY_ROW(name, process)                                                                         \
	void relay_take_##name(void *context, struct frame *frame, const struct message_##name *message) \
	{                                                                                                \
		struct child *control = context, *worker;                                                \
		uint32_t id;                                                                             \
                                                                                                         \
		worker = relay_begin(control->supervisor, process, frame->header.id, &id);               \
		if (worker != NULL)                                                                      \
			(void)channel_send_##name(&worker->channel, id, message, -1);                    \
	}
RELAY_REQUESTS(RELAY_ROW)
#undef RELAY_ROW

/* Where an answer goes, and under which id; NULL when nobody waits for it. */
static struct channel *
relay_asker(struct child *worker, const struct frame *frame, uint32_t *id)
{
	struct supervisor *s = worker->supervisor;
	struct child *control = supervisor_child(s, PROCESS_CONTROL);
	struct relay_request *request = relay_find(s, worker->program->process, frame->header.id);

	if (request == NULL || control == NULL)
		return NULL;
	*id = request->asked_id;
	return &control->channel;
}

/* What comes unasked is the supervisor's own to keep. */
static void
relay_keep_certificate(struct child *worker, const struct frame *frame, const struct message_certificate *message)
{
	if (frame->header.id == 0)
		certificates_keep(worker->supervisor, message);
}

#define relay_keep_identity(worker, frame, message) ((void)0)
#define relay_keep_operator_certificate(worker, frame, message) ((void)0)
#define relay_keep_clients(worker, frame, message) ((void)0)
#define RELAY_ROW(name)                                                                                  \
	void relay_take_##name(void *context, struct frame *frame, const struct message_##name *message) \
	{                                                                                                \
		struct child *worker = context;                                                          \
		struct channel *control;                                                                 \
		uint32_t id;                                                                             \
                                                                                                         \
		relay_keep_##name(worker, frame, message);                                               \
		if ((control = relay_asker(worker, frame, &id)) != NULL)                                 \
			(void)channel_send_##name(control, id, message, frame_take_fd(frame));           \
	}
RELAY_ANSWERS(RELAY_ROW)
#undef RELAY_ROW

static void
relay_end(struct supervisor *s, struct relay_request *request, enum status status, const char *code, const char *text)
{
	uint32_t id = request->asked_id;

	request->asked_id = 0;
	relay_result(s, id, status, code, text);
}

void
relay_take_result(void *context, struct frame *frame, const struct message_result *message)
{
	struct child *worker = context;
	struct relay_request *request = relay_find(worker->supervisor, worker->program->process, frame->header.id);

	if (request != NULL)
		relay_end(worker->supervisor, request, (enum status)message->status, message->code, message->text);
}

bool
relay_fail(struct supervisor *supervisor, enum process worker, uint32_t id, const struct error *e)
{
	struct relay_request *request = relay_find(supervisor, worker, id);

	if (request == NULL)
		return false;
	relay_end(supervisor, request, e->status, e->code, e->text);
	return true;
}

void
relay_worker_gone(struct supervisor *supervisor, enum process worker)
{
	for (size_t i = 0; i < RELAY_MAX; i++) {
		struct relay_request *request = &supervisor->relay.requests[i];

		if (request->asked_id != 0 && request->worker == worker)
			relay_end(supervisor, request, STATUS_UNAVAILABLE, "relay.gone",
			    "the worker that was asked has gone: try again");
	}
}

void
relay_forget(struct supervisor *supervisor)
{
	memset(&supervisor->relay, 0, sizeof(supervisor->relay));
}
