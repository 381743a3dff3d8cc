#include "supervisor/record/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/advice.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "supervisor/supervisor.h"

struct audit_waiting {
	STAILQ_ENTRY(audit_waiting) link;
	int64_t time_us, uid, pid;
	char *source, *code, *text, *result;
};

/* The events that are entries of the trail, by the beginning of their code: what changes the node, who may what, and
 * what is known of its secrets. */
static const struct {
	const char *prefix;
	const char *result;
} audit_events[] = {
	{ "node.", "done" },
	{ "reload.done", "done" },
	{ "reload.", "failed" },
	{ "conf.", "failed" }, /* a reload that was refused */
	{ "process.failed", "failed" },
	{ "process.start_failed", "failed" },
	{ "component.failed", "failed" },
	{ "storage.failed", "failed" },
	{ "store.set_aside", "done" },
	{ "store.damaged", "failed" },
	{ "server.", "done" },
	{ "session.terminated", "done" },
	{ "clients.not_paused", "failed" },
	{ "clients.paused", "done" },
	{ "clients.resumed", "done" },
	{ "identity.", "done" },
	{ "secrets.", "done" },
	{ "credentials.", "done" },
	{ "certificate", "done" },
	{ "rotation.", "done" },
	{ "roles.", "done" },
	{ "sandbox.", "done" },
	{ "audit.begun_anew", "done" },
	{ "audit.", "failed" },
};

void
audit_open(struct audit *audit)
{
	STAILQ_INIT(&audit->waiting);
}

static void
audit_free_waiting(struct audit_waiting *waiting)
{
	free(waiting->source);
	free(waiting->code);
	free(waiting->text);
	free(waiting->result);
	free(waiting);
}

static struct audit_waiting *
audit_take_first(struct audit *audit)
{
	struct audit_waiting *waiting = STAILQ_FIRST(&audit->waiting);

	if (waiting != NULL) {
		STAILQ_REMOVE_HEAD(&audit->waiting, link);
		audit->nwaiting--;
	}
	return waiting;
}

void
audit_close(struct audit *audit)
{
	struct audit_waiting *waiting;

	while ((waiting = audit_take_first(audit)) != NULL)
		audit_free_waiting(waiting);
}

/* ---- entries ---- */

/* The storage worker, when it can take entries: before its store is open it is busy with that, and reads nothing. */
static struct child *
audit_keeper_of_the_trail(struct supervisor *s)
{
	struct child *storage = supervisor_child(s, PROCESS_STORAGE);
	enum lifecycle_state state = s->lifecycle.state;
	bool open = state == LIFECYCLE_OPERATIONAL ||
	    ((state == LIFECYCLE_STOPPING_COMPONENTS || state == LIFECYCLE_STOPPING_STORAGE) && s->was_ready);

	return open && storage != NULL && storage->program != NULL && child_has_process(storage) &&
		channel_is_open(&storage->channel) ? storage : NULL;
}

static void
audit_wait(struct audit *audit, const struct message_audit_event *event)
{
	struct audit_waiting *waiting = audit->nwaiting < AUDIT_WAITING_MAX ? calloc(1, sizeof(*waiting)) : NULL;

	if (waiting == NULL) {
		audit->lost++;
		return;
	}
	waiting->time_us = event->time_us;
	waiting->uid = event->uid;
	waiting->pid = event->pid;
	waiting->source = strdup(event->source);
	waiting->code = strdup(event->code);
	waiting->text = strdup(event->text);
	waiting->result = strdup(event->result);
	if (waiting->source == NULL || waiting->code == NULL || waiting->text == NULL || waiting->result == NULL) {
		audit_free_waiting(waiting);
		audit->lost++;
		return;
	}
	STAILQ_INSERT_TAIL(&audit->waiting, waiting, link);
	audit->nwaiting++;
}

void
audit_take_event(struct supervisor *supervisor, const struct message_audit_event *event)
{
	struct child *storage = audit_keeper_of_the_trail(supervisor);

	if (storage == NULL)
		audit_wait(&supervisor->audit, event);
	else if (channel_send_audit_event(&storage->channel, 0, event, -1) == -1)
		supervisor->audit.lost++;
}

void
audit_note_event(struct supervisor *supervisor, const char *source, const char *code, const char *text)
{
	struct message_audit_event event = { .time_us = clock_realtime_us(), .source = source, .uid = (int64_t)geteuid(),
		.pid = (int64_t)getpid(), .code = code, .text = text };

	for (size_t i = 0; i < sizeof(audit_events) / sizeof(audit_events[0]); i++)
		if (strncmp(code, audit_events[i].prefix, strlen(audit_events[i].prefix)) == 0) {
			event.result = audit_events[i].result;
			audit_take_event(supervisor, &event);
			return;
		}
}

void
audit_store_opened(struct supervisor *supervisor)
{
	struct audit *audit = &supervisor->audit;
	struct child *storage = audit_keeper_of_the_trail(supervisor);
	struct message_audit_lost lost = { .count = audit->lost };
	struct audit_waiting *waiting;

	if (storage == NULL)
		return;
	while ((waiting = audit_take_first(audit)) != NULL) {
		struct message_audit_event event = { .time_us = waiting->time_us, .source = waiting->source, .uid = waiting->uid,
			.pid = waiting->pid, .code = waiting->code, .text = waiting->text, .result = waiting->result };

		(void)channel_send_audit_event(&storage->channel, 0, &event, -1);
		audit_free_waiting(waiting);
	}
	audit->lost = 0;
	if (lost.count > 0)
		(void)channel_send_audit_lost(&storage->channel, 0, &lost, -1);
}

/* ---- heads ---- */

void
audit_take_sign(struct supervisor *supervisor, uint32_t id, const struct message_audit_sign *message)
{
	struct child *keeper = supervisor_child(supervisor, PROCESS_KEEPER);

	/* Whoever asked asks again: one that is not there is not answered for. */
	if (keeper != NULL && child_is_worker_up(keeper))
		(void)channel_send_audit_sign(&keeper->channel, id, message, -1);
}

/* Keeper's reason, kept in e, with advice that can be applied as it is printed. */
static const char *
audit_name_why(const struct supervisor *supervisor, struct error *e, const char *why)
{
	(void)error_set(e, STATUS_DATA, "audit.unsigned", "%s", why);
	advice_name_configuration(e->text, sizeof(e->text), supervisor->conf_path);
	return e->text;
}

void
audit_take_signed(struct supervisor *supervisor, uint32_t id, const struct message_audit_signed *message)
{
	struct child *storage = supervisor_child(supervisor, PROCESS_STORAGE);
	struct message_audit_signed named = *message;
	struct error e;

	named.why = audit_name_why(supervisor, &e, message->why);
	if (storage != NULL && child_has_process(storage) && channel_is_open(&storage->channel))
		(void)channel_send_audit_signed(&storage->channel, id, &named, -1);
}

void
audit_take_check(struct supervisor *supervisor, uint32_t id, int fd)
{
	struct child *keeper = supervisor_child(supervisor, PROCESS_KEEPER);

	if (keeper != NULL && child_is_worker_up(keeper))
		(void)channel_send_audit_check(&keeper->channel, id, NULL, fd);
	else
		close(fd);
}

void
audit_take_checked(struct supervisor *supervisor, uint32_t id, const struct message_audit_checked *message)
{
	struct child *storage = supervisor_child(supervisor, PROCESS_STORAGE);
	struct message_audit_checked named = *message;
	struct error e;

	named.why = audit_name_why(supervisor, &e, message->why);
	if (storage != NULL && child_is_worker_up(storage))
		(void)channel_send_audit_checked(&storage->channel, id, &named, -1);
}

/* ---- bibctl audit verify ---- */

static void
audit_result(struct supervisor *s, uint32_t id, enum status status, const char *code, const char *text)
{
	struct child *control = supervisor_child(s, PROCESS_CONTROL);
	struct message_result result = { .status = status, .code = code, .text = text };

	if (control != NULL && id != 0)
		(void)channel_send_result(&control->channel, id, &result, -1);
}

static void
audit_finish_request(struct audit_verify_request *request, enum status status, const char *code, const char *text)
{
	uint32_t id = request->asked_id;

	loop_timer_cancel(&request->timer);
	request->asked_id = 0;
	audit_result(request->supervisor, id, status, code, text);
}

static void
audit_is_late(struct loop_timer *timer)
{
	audit_finish_request(timer->arg, STATUS_UNAVAILABLE, "audit.late", "the audit trail could not be read in time");
}

void
audit_take_verify(struct supervisor *supervisor, uint32_t id)
{
	struct child *storage = supervisor_child(supervisor, PROCESS_STORAGE);
	struct child *keeper = supervisor_child(supervisor, PROCESS_KEEPER);
	bool can = storage != NULL && keeper != NULL && child_is_worker_up(keeper) &&
	    supervisor->lifecycle.state == LIFECYCLE_OPERATIONAL;
	struct audit_verify_request *request = NULL;

	for (size_t i = 0; i < AUDIT_VERIFY_MAX; i++)
		if (supervisor->audit.requests[i].asked_id == 0)
			request = &supervisor->audit.requests[i];
	if (request == NULL || !can) {
		audit_result(supervisor, id, STATUS_UNAVAILABLE, "audit.busy",
		    request == NULL ? "too many ask at once: try again" : "the store or bibd-keeper is not up: try again");
		return;
	}
	request->supervisor = supervisor;
	request->asked_id = id;
	request->worker_id = channel_next_id(&storage->channel);
	loop_timer_set(&supervisor->loop, &request->timer, AUDIT_VERIFY_MS, audit_is_late, request);
	(void)channel_send_audit_verify(&storage->channel, request->worker_id, NULL, -1);
}

static const char *
audit_verdict_code(uint32_t status)
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
audit_take_verified(struct supervisor *supervisor, uint32_t id, const struct message_audit_verified *message)
{
	struct child *control = supervisor_child(supervisor, PROCESS_CONTROL);

	for (size_t i = 0; i < AUDIT_VERIFY_MAX; i++) {
		struct audit_verify_request *request = &supervisor->audit.requests[i];

		if (request->asked_id == 0 || request->worker_id != id)
			continue;
		if (control != NULL)
			(void)channel_send_audit_verified(&control->channel, request->asked_id, message, -1);
		/* That a check could not be made is no word about the trail. */
		if (message->status == STATUS_DATA)
			log_warning("the audit trail is not intact: %s", message->why);
		audit_finish_request(request, (enum status)message->status, audit_verdict_code(message->status), message->why);
		return;
	}
}

void
audit_storage_gone(struct supervisor *supervisor)
{
	for (size_t i = 0; i < AUDIT_VERIFY_MAX; i++)
		if (supervisor->audit.requests[i].asked_id != 0)
			audit_finish_request(&supervisor->audit.requests[i], STATUS_UNAVAILABLE, "audit.busy",
			    "the storage worker has gone: try again");
}

void
audit_control_gone(struct supervisor *supervisor)
{
	for (size_t i = 0; i < AUDIT_VERIFY_MAX; i++) {
		loop_timer_cancel(&supervisor->audit.requests[i].timer);
		supervisor->audit.requests[i].asked_id = 0;
	}
}
