/*
 * Passes entries on to the storage worker, or keeps them until there is one.
 */
#include "supervisor/record/audit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/channel.h"

struct audit_relay_waiting {
	STAILQ_ENTRY(audit_relay_waiting) link;
	int64_t time_us, uid, pid;
	char *source, *code, *text, *result;
};

/* The events that become entries of the audit trail, by the beginning of their code: those that change the node, who
 * has which rights, or its secrets. */
static const struct {
	const char *prefix;
	const char *result;
} audit_relay_events[] = {
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
	{ "backup.key_wrapped", "done" },
	{ "drill.passed", "done" },
	{ "drill.", "failed" },
	{ "sandbox.", "done" },
	{ "audit.begun_anew", "done" },
	{ "audit.", "failed" },
};

void
audit_relay_open(struct audit_relay *audit, audit_relay_trail_fn *trail, void *context)
{
	*audit = (struct audit_relay) { .trail = trail, .context = context };
	STAILQ_INIT(&audit->waiting);
}

static void
audit_relay_free_waiting(struct audit_relay_waiting *waiting)
{
	free(waiting->source);
	free(waiting->code);
	free(waiting->text);
	free(waiting->result);
	free(waiting);
}

static struct audit_relay_waiting *
audit_relay_take_first(struct audit_relay *audit)
{
	struct audit_relay_waiting *waiting = STAILQ_FIRST(&audit->waiting);

	if (waiting != NULL) {
		STAILQ_REMOVE_HEAD(&audit->waiting, link);
		audit->nwaiting--;
	}
	return waiting;
}

void
audit_relay_close(struct audit_relay *audit)
{
	struct audit_relay_waiting *waiting;

	while ((waiting = audit_relay_take_first(audit)) != NULL)
		audit_relay_free_waiting(waiting);
}

/* ---- entries ---- */

static void
audit_relay_wait(struct audit_relay *audit, const struct message_audit_event *event)
{
	struct audit_relay_waiting *waiting = audit->nwaiting < AUDIT_WAITING_MAX ? calloc(1, sizeof(*waiting)) : NULL;

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
		audit_relay_free_waiting(waiting);
		audit->lost++;
		return;
	}
	STAILQ_INSERT_TAIL(&audit->waiting, waiting, link);
	audit->nwaiting++;
}

void
audit_relay_take_event(struct audit_relay *audit, const struct message_audit_event *event)
{
	struct channel *trail = audit->trail(audit->context);

	if (trail == NULL)
		audit_relay_wait(audit, event);
	else if (channel_send_audit_event(trail, 0, event, -1) == -1)
		audit->lost++;
}

void
audit_relay_note_event(void *context, const struct event *event)
{
	struct message_audit_event entry = { .time_us = event->time_us,
		.source = event->source,
		.uid = (int64_t)geteuid(),
		.pid = (int64_t)getpid(),
		.code = event->code,
		.text = event->text };

	for (size_t i = 0; i < sizeof(audit_relay_events) / sizeof(audit_relay_events[0]); i++)
		if (strncmp(event->code, audit_relay_events[i].prefix, strlen(audit_relay_events[i].prefix)) == 0) {
			entry.result = audit_relay_events[i].result;
			audit_relay_take_event(context, &entry);
			return;
		}
}

void
audit_relay_store_opened(struct audit_relay *audit)
{
	struct channel *trail = audit->trail(audit->context);
	struct message_audit_lost lost = { .count = audit->lost };
	struct audit_relay_waiting *waiting;

	if (trail == NULL)
		return;
	while ((waiting = audit_relay_take_first(audit)) != NULL) {
		struct message_audit_event event = { .time_us = waiting->time_us,
			.source = waiting->source,
			.uid = waiting->uid,
			.pid = waiting->pid,
			.code = waiting->code,
			.text = waiting->text,
			.result = waiting->result };

		(void)channel_send_audit_event(trail, 0, &event, -1);
		audit_relay_free_waiting(waiting);
	}
	audit->lost = 0;
	if (lost.count > 0)
		(void)channel_send_audit_lost(trail, 0, &lost, -1);
}
