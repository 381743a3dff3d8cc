/*
 * The last events, and those who read them. A reader has a cursor into the ring and is sent what its socket takes, so
 * that neither a replay nor a slow follower makes a queue grow; a reader whose cursor is overtaken, or that takes
 * nothing for a while, is dropped.
 */
#include <bsd/string.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/control/control.h"

#define EVENTS_QUEUED_MAX 32 /* frames queued for one reader */
#define EVENTS_PUMP_MIN_MS 4
#define EVENTS_PUMP_MAX_MS 256

int
control_events_open(struct control_events *events, struct error *e)
{
	events->next = 0;
	if ((events->ring = calloc(CONTROL_EVENTS, sizeof(*events->ring))) == NULL)
		return error_set_errno(e, STATUS_OS, "control.memory", "cannot keep events");
	return 0;
}

void
control_events_close(struct control_events *events)
{
	free(events->ring);
	events->ring = NULL;
}

static uint64_t
events_oldest(const struct control_events *events)
{
	return events->next > CONTROL_EVENTS ? events->next - CONTROL_EVENTS : 0;
}

static int
events_send(struct control_client *client, uint64_t sequence)
{
	const struct control_event *kept = &client->control->events.ring[sequence % CONTROL_EVENTS];
	struct message_event event = { .number = kept->number,
		.time_us = kept->time_us,
		.source = kept->source,
		.code = kept->code,
		.text = kept->text };

	return channel_send_event(&client->channel, client->asked_id, &event, -1);
}

static uint64_t
events_end(const struct control_client *client)
{
	return client->following ? client->control->events.next : client->replay_end;
}

static void
events_pump_again(struct loop_timer *timer)
{
	(void)control_events_pump(timer->arg);
}

static int
events_drop(struct control_client *client)
{
	log_debug("bibctl of uid %u (pid %d): too slow a reader of events", (unsigned)client->uid, (int)client->pid);
	control_client_end(client);
	return -1;
}

/* Tries again later, at longer and longer intervals while the reader takes nothing. */
static void
events_wait(struct control_client *client, bool moved)
{
	client->pump_ms = moved || client->pump_ms == 0 ? EVENTS_PUMP_MIN_MS : client->pump_ms * 2;
	if (client->pump_ms > EVENTS_PUMP_MAX_MS)
		client->pump_ms = EVENTS_PUMP_MAX_MS;
	loop_timer_set(&client->control->worker->loop, &client->pump, client->pump_ms, events_pump_again, client);
}

int
control_events_pump(struct control_client *client)
{
	uint64_t start = client->cursor;
	int64_t now = clock_now_ms();

	if (client->cursor < events_oldest(&client->control->events))
		return events_drop(client);
	while (client->cursor < events_end(client) && client->channel.queued < EVENTS_QUEUED_MAX) {
		if (events_send(client, client->cursor) == -1)
			return events_drop(client);
		client->cursor++;
	}
	if (client->cursor != start || client->channel.queued == 0)
		client->progress_at = now;
	if (client->cursor < events_end(client)) {
		if (now - client->progress_at > CONTROL_SLOW_MS)
			return events_drop(client);
		events_wait(client, client->cursor != start);
		return 0;
	}
	if (client->replaying) {
		client->replaying = false;
		control_client_answer(client, client->asked_id, STATUS_OK, "control.events", "");
	}
	return 0;
}

void
control_take_events_request(void *context, struct frame *frame, const struct message_events_request *message)
{
	struct control_client *client = context;
	const struct control_events *events = &client->control->events;

	if (!control_client_may_ask(client, frame->header.id))
		return;
	/* From here on the connection ends when the reader is too slow, not at a deadline. */
	loop_timer_cancel(&client->deadline);
	client->asked_id = frame->header.id;
	client->cursor = events_oldest(events);
	client->replay_end = events->next;
	client->following = message->follow;
	client->replaying = !message->follow;
	client->progress_at = clock_now_ms();
	(void)control_events_pump(client);
}

void
control_take_event(void *context, struct frame *frame, const struct message_event *message)
{
	struct worker *worker = context;
	struct control *control = worker->state;
	struct control_client *client, *next;
	struct control_event *kept;

	(void)frame;
	if (control == NULL)
		return;
	control_failures_note(&control->failures, message);
	kept = &control->events.ring[control->events.next++ % CONTROL_EVENTS];
	kept->number = message->number;
	kept->time_us = message->time_us;
	(void)strlcpy(kept->source, message->source, sizeof(kept->source));
	(void)strlcpy(kept->code, message->code, sizeof(kept->code));
	(void)strlcpy(kept->text, message->text, sizeof(kept->text));
	for (client = TAILQ_FIRST(&control->clients); client != NULL; client = next) {
		next = TAILQ_NEXT(client, entry);
		if (client->following)
			(void)control_events_pump(client);
	}
}
