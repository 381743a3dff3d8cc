/*
 * Carries heads and their signatures between the storage worker and keeper, and answers `bibctl audit verify`.
 */
#include "supervisor/requests/audit_trail.h"

#include <unistd.h>

#include "common/advice.h"
#include "common/log.h"
#include "supervisor/children/children.h"
#include "supervisor/node/node.h"
#include "supervisor/requests/requests.h"

/* ---- heads ---- */

void
audit_relay_trail_sign(struct requests *requests, uint32_t id, const struct message_audit_sign *message)
{
	struct child *keeper = children_find_up(requests->children, PROCESS_KEEPER);

	/* No reply when keeper is down: the storage worker retries. */
	if (keeper != NULL)
		(void)channel_send_audit_sign(&keeper->channel, id, message, -1);
}

/* Keeper's reason, kept in e, with advice that can be applied as it is printed. */
static const char *
audit_relay_trail_name_why(const struct requests *requests, struct error *e, const char *why)
{
	(void)error_set(e, STATUS_DATA, "audit.unsigned", "%s", why);
	advice_name_configuration(e->text, sizeof(e->text), requests->node->conf_path);
	return e->text;
}

void
audit_relay_trail_signed(struct requests *requests, uint32_t id, const struct message_audit_signed *message)
{
	struct child *storage = children_find(requests->children, PROCESS_STORAGE);
	struct message_audit_signed named = *message;
	struct error e;

	named.why = audit_relay_trail_name_why(requests, &e, message->why);
	/* A storage worker that is being stopped is told too: it has its last head signed then. */
	if (storage != NULL && child_has_process(storage) && channel_is_open(&storage->channel))
		(void)channel_send_audit_signed(&storage->channel, id, &named, -1);
}

void
audit_relay_trail_check(struct requests *requests, uint32_t id, int fd)
{
	struct child *keeper = children_find_up(requests->children, PROCESS_KEEPER);

	if (keeper != NULL)
		(void)channel_send_audit_check(&keeper->channel, id, NULL, fd);
	else
		close(fd);
}

void
audit_relay_trail_checked(struct requests *requests, uint32_t id, const struct message_audit_checked *message)
{
	struct child *storage = children_find_up(requests->children, PROCESS_STORAGE);
	struct message_audit_checked named = *message;
	struct error e;

	named.why = audit_relay_trail_name_why(requests, &e, message->why);
	if (storage != NULL)
		(void)channel_send_audit_checked(&storage->channel, id, &named, -1);
}

/* ---- bibctl audit verify ---- */

static void
audit_relay_trail_ended(void *context, const struct pending_request *request, enum pending_end why)
{
	requests_result(context, request->asked_id, STATUS_UNAVAILABLE,
	    why == PENDING_LATE ? "audit.late" : "audit.busy",
	    why == PENDING_LATE ? "the audit trail could not be read in time"
				: "the storage worker ended before it answered: try again");
}

void
audit_relay_trail_init(struct requests *requests)
{
	pending_init(&requests->verifications, &requests->node->loop, REQUESTS_VERIFY_MAX, audit_relay_trail_ended,
	    requests);
}

void
audit_relay_trail_verify(struct requests *requests, uint32_t asked_id)
{
	struct child *storage = children_find(requests->children, PROCESS_STORAGE);
	struct pending_request request = { .asked_id = asked_id };
	bool can = storage != NULL && children_find_up(requests->children, PROCESS_KEEPER) != NULL &&
	    requests->node->lifecycle.state == LIFECYCLE_OPERATIONAL;

	if (asked_id == 0)
		return;
	if (!pending_has_room(&requests->verifications, 1))
		requests_result(requests, asked_id, STATUS_UNAVAILABLE, "audit.busy",
		    "too many requests are under way: try again");
	else if (!can)
		requests_result(requests, asked_id, STATUS_UNAVAILABLE, "audit.busy",
		    "the store or bibd-keeper is not up: try again");
	else {
		request.worker = storage->program->process;
		request.worker_id = channel_next_id(&storage->channel);
		(void)pending_add(&requests->verifications, &request, AUDIT_TRAIL_VERIFY_MS);
		(void)channel_send_audit_verify(&storage->channel, request.worker_id, NULL, -1);
	}
}

static const char *
audit_relay_trail_verdict_code(uint32_t status)
{
	switch (status) {
	case STATUS_OK:
		return "audit.whole";
	case STATUS_DATA:
		return "audit.broken";
	case STATUS_UNAVAILABLE:
		return "audit.busy";
	default:
		return "audit.unread";
	}
}

void
audit_relay_trail_verified(struct requests *requests, uint32_t id, const struct message_audit_verified *message)
{
	struct child *control = children_find(requests->children, PROCESS_CONTROL);
	struct pending_request request;

	if (!pending_take(&requests->verifications, PROCESS_STORAGE, id, &request))
		return;
	if (control != NULL)
		(void)channel_send_audit_verified(&control->channel, request.asked_id, message, -1);
	/* Other statuses mean that the check could not be made, which says nothing about the trail. */
	if (message->status == STATUS_DATA)
		log_warning("the audit trail is not intact: %s", message->why);
	requests_result(requests, request.asked_id, (enum status)message->status,
	    audit_relay_trail_verdict_code(message->status), message->why);
}
