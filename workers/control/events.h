/*
 * The last events, and sending them to those who read them. Private to bibd-control.
 */
#ifndef BIBD_CONTROL_EVENTS_H
#define BIBD_CONTROL_EVENTS_H

#include "common/message.h"

#define CONTROL_EVENTS 256
#define CONTROL_EVENT_SOURCE_MAX 32
#define CONTROL_EVENT_CODE_MAX 64
#define CONTROL_SLOW_MS 10000 /* how long a reader of events may take nothing */

struct control_client;

struct control_event {
	uint64_t number;
	int64_t time_us;
	char source[CONTROL_EVENT_SOURCE_MAX];
	char code[CONTROL_EVENT_CODE_MAX];
	char text[ERROR_TEXT_MAX];
};

/* The last CONTROL_EVENTS events: the one with sequence s is at s % CONTROL_EVENTS. */
struct control_events {
	struct control_event *ring;
	uint64_t next; /* sequence of the next one: how many there were */
};

/* Errors: control.memory. */
int control_events_open(struct control_events *events, struct error *e);
void control_events_close(struct control_events *events);
/* From the supervisor: keeps the event and hands it to those who follow (context: the worker). */
void control_take_event(void *context, struct frame *frame, const struct message_event *message);
/* From a client: replays what is kept, then RESULT, or goes on (context: the client). */
void control_take_events_request(void *context, struct frame *frame, const struct message_events_request *message);
/* Sends a reader what it can take now. Returns -1 when it was too slow and is gone. */
int control_events_pump(struct control_client *client);

#endif
