/*
 * The table of what control may ask of workers; asks the worker, and hands each part of its answer back to control.
 */
#include "supervisor/requests/relay.h"

#include "supervisor/children/children.h"
#include "supervisor/requests/requests.h"

/* ---- the table ---- */

static int
relay_send_identity_request(struct channel *worker, uint32_t id, const void *message)
{
	return channel_send_identity_request(worker, id, message, -1);
}

static int
relay_send_certificates_request(struct channel *worker, uint32_t id, const void *message)
{
	return channel_send_certificates_request(worker, id, message, -1);
}

static int
relay_send_operator_certificate_request(struct channel *worker, uint32_t id, const void *message)
{
	return channel_send_operator_certificate_request(worker, id, message, -1);
}

static int
relay_send_rotate_request(struct channel *worker, uint32_t id, const void *message)
{
	return channel_send_rotate_request(worker, id, message, -1);
}

static int
relay_send_clients_request(struct channel *worker, uint32_t id, const void *message)
{
	return channel_send_clients_request(worker, id, message, -1);
}

static int
relay_send_kill_request(struct channel *worker, uint32_t id, const void *message)
{
	return channel_send_kill_request(worker, id, message, -1);
}

static int
relay_send_identity(struct channel *control, uint32_t id, const void *message, int fd)
{
	return channel_send_identity(control, id, message, fd);
}

static int
relay_send_certificate(struct channel *control, uint32_t id, const void *message, int fd)
{
	return channel_send_certificate(control, id, message, fd);
}

static int
relay_send_operator_certificate(struct channel *control, uint32_t id, const void *message, int fd)
{
	return channel_send_operator_certificate(control, id, message, fd);
}

static int
relay_send_clients(struct channel *control, uint32_t id, const void *message, int fd)
{
	return channel_send_clients(control, id, message, fd);
}

static int
relay_send_backup_request(struct channel *worker, uint32_t id, const void *message)
{
	return channel_send_backup_request(worker, id, message, -1);
}

static int
relay_send_backup_report(struct channel *control, uint32_t id, const void *message, int fd)
{
	return channel_send_backup_report(control, id, message, fd);
}

/* Which worker is asked (a set, of which a node runs one), with which message, and how the reply is handed on, if that
 * is not RESULT alone. RESULT ends each answer. No request has a deadline here: control has one for each. */
static const struct relay_row {
	unsigned workers;
	enum message_type request;
	int (*ask)(struct channel *worker, uint32_t id, const void *message);
	int (*hand_on)(struct channel *control, uint32_t id, const void *message, int fd);
} relay_rows[] = {
	[RELAY_IDENTITY] = { PROCESS_KEEPER, MESSAGE_IDENTITY_REQUEST, relay_send_identity_request,
	    relay_send_identity },
	[RELAY_CERTIFICATES] = { PROCESS_KEEPER, MESSAGE_CERTIFICATES_REQUEST, relay_send_certificates_request,
	    relay_send_certificate },
	[RELAY_OPERATOR_CERTIFICATE] = { PROCESS_KEEPER, MESSAGE_OPERATOR_CERTIFICATE_REQUEST,
	    relay_send_operator_certificate_request, relay_send_operator_certificate },
	[RELAY_ROTATE] = { PROCESS_KEEPER, MESSAGE_ROTATE_REQUEST, relay_send_rotate_request, NULL },
	[RELAY_CLIENTS] = { PROCESS_STORAGE, MESSAGE_CLIENTS_REQUEST, relay_send_clients_request, relay_send_clients },
	[RELAY_KILL] = { PROCESS_STORAGE, MESSAGE_KILL_REQUEST, relay_send_kill_request, NULL },
	[RELAY_BACKUP] = { PROCESS_ARCHIVE, MESSAGE_BACKUP_REQUEST, relay_send_backup_request,
	    relay_send_backup_report },
};
_Static_assert(sizeof(relay_rows) / sizeof(relay_rows[0]) == RELAY_KINDS, "one row for each kind");

/* ---- asking ---- */

static void
relay_ended(void *context, const struct pending_request *request, enum pending_end why)
{
	(void)why;
	requests_result(context, request->asked_id, STATUS_UNAVAILABLE, "relay.gone",
	    "the worker ended before it answered: try again");
}

void
relay_init(struct requests *requests)
{
	pending_init(&requests->relayed, NULL, REQUESTS_RELAYED_MAX, relay_ended, requests);
}

void
relay_ask(struct requests *requests, enum relay_kind kind, uint32_t asked_id, const void *message)
{
	const struct relay_row *row = &relay_rows[kind];
	struct child *worker = children_find(requests->children, row->workers);
	struct pending_request request = { .asked_id = asked_id, .kind = kind };

	if (asked_id == 0)
		return;
	if (worker == NULL)
		requests_result(requests, asked_id, STATUS_USAGE, "relay.none",
		    "this node runs no worker that could answer");
	else if (!pending_has_room(&requests->relayed, 1))
		requests_result(requests, asked_id, STATUS_UNAVAILABLE, "relay.busy",
		    "too many requests are under way: try again");
	else if (!child_is_worker_up(worker))
		requests_result(requests, asked_id, STATUS_UNAVAILABLE, "relay.busy",
		    "the worker that could answer is not up: try again");
	else {
		request.worker = worker->program->process;
		request.worker_id = channel_next_id(&worker->channel);
		(void)pending_add(&requests->relayed, &request, 0);
		(void)row->ask(&worker->channel, request.worker_id, message);
	}
}

/* ---- answers ---- */

void
relay_take_part(struct requests *requests, const struct child *worker, struct frame *frame, const void *message)
{
	struct child *control = children_find(requests->children, PROCESS_CONTROL);
	const struct pending_request *request =
	    pending_find(&requests->relayed, worker->program->process, frame->header.id);

	/* The type says what message points to: the reply to another request must not go through this row. */
	if (control != NULL && request != NULL &&
	    message_reply(relay_rows[request->kind].request) == frame->header.type)
		(void)relay_rows[request->kind].hand_on(&control->channel, request->asked_id, message,
		    frame_take_fd(frame));
}

void
relay_take_result(struct requests *requests, const struct child *worker, uint32_t id,
    const struct message_result *message)
{
	struct pending_request request;

	if (pending_take(&requests->relayed, worker->program->process, id, &request))
		requests_result(requests, request.asked_id, (enum status)message->status, message->code, message->text);
}

bool
relay_fail(struct requests *requests, enum process worker, uint32_t id, const struct error *e)
{
	struct pending_request request;

	if (!pending_take(&requests->relayed, worker, id, &request))
		return false;
	requests_result(requests, request.asked_id, e->status, e->code, e->text);
	return true;
}
