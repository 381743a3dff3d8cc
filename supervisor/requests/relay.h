/*
 * What control asks of another worker on behalf of bibctl, and the answers: handed on as they come, under ids of our
 * own. A new request is a row in one of the two lists below.
 */
#ifndef BIBD_SUPERVISOR_RELAY_H
#define BIBD_SUPERVISOR_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/message.h"

#define RELAY_MAX 32

/* The requests, and who answers them (a set of which the node runs one). */
#define RELAY_REQUESTS(row)                                  \
	row(identity_request, PROCESS_KEEPER)                \
	row(certificates_request, PROCESS_KEEPER)            \
	row(operator_certificate_request, PROCESS_KEEPER)    \
	row(rotate_request, PROCESS_KEEPER)                  \
	row(clients_request, PROCESS_STORAGE)                \
	row(kill_request, PROCESS_STORAGE)

/* The parts of their answers, beside the RESULT that ends each. */
#define RELAY_ANSWERS(row) \
	row(identity)             \
	row(certificate)          \
	row(operator_certificate) \
	row(clients)

struct supervisor;

struct relay {
	struct relay_request {
		uint32_t asked_id;   /* control's id; 0: this place is free */
		uint32_t worker_id;  /* ours, at the worker */
		enum process worker;
	} requests[RELAY_MAX];
};

/* Handlers of messages (context: the child that it comes from): relay_take_NAME. */
#define RELAY_ROW(name, worker) \
	void relay_take_##name(void *context, struct frame *frame, const struct message_##name *message);
RELAY_REQUESTS(RELAY_ROW)
#undef RELAY_ROW
#define RELAY_ROW(name) \
	void relay_take_##name(void *context, struct frame *frame, const struct message_##name *message);
RELAY_ANSWERS(RELAY_ROW)
#undef RELAY_ROW
void relay_take_result(void *context, struct frame *frame, const struct message_result *message);

/* A worker answers FAILED. Returns false when that is no answer to a request of these. */
bool relay_fail(struct supervisor *supervisor, enum process worker, uint32_t id, const struct error *e);

/* The worker has gone: what it was asked is answered. */
void relay_worker_gone(struct supervisor *supervisor, enum process worker);

/* control has gone, and with it whoever asked. */
void relay_forget(struct supervisor *supervisor);

#endif
