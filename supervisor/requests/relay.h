/*
 * What control asks of another worker on behalf of bibctl, and the answers: handed on as they come. A new request is a
 * row in the table of relay.c.
 */
#ifndef BIBD_SUPERVISOR_RELAY_H
#define BIBD_SUPERVISOR_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/message.h"

struct child;
struct requests;

enum relay_kind {
	RELAY_IDENTITY,
	RELAY_CERTIFICATES,
	RELAY_OPERATOR_CERTIFICATE,
	RELAY_ROTATE,
	RELAY_CLIENTS,
	RELAY_KILL,
	RELAY_BACKUP,
	RELAY_KINDS
};

void relay_init(struct requests *requests);

/* control asks; message is the struct message_... of that request. */
void relay_ask(struct requests *requests, enum relay_kind kind, uint32_t asked_id, const void *message);

/* A worker answers with a part, or ends its answer with RESULT. A part that nobody waits for is dropped. */
void relay_take_part(struct requests *requests, const struct child *worker, struct frame *frame, const void *message);
void relay_take_result(struct requests *requests, const struct child *worker, uint32_t id,
    const struct message_result *message);

/* A worker answers FAILED. Returns false when that is no answer to a request of these. */
bool relay_fail(struct requests *requests, enum process worker, uint32_t id, const struct error *e);

#endif
