/*
 * A message of the server's while it is handled. Shared by backend_relay.c, backend_complete.c and backend_error.c.
 */
#ifndef BIBD_POSTGRES_SERVER_ANSWER_H
#define BIBD_POSTGRES_SERVER_ANSWER_H

#include "workers/postgres/pool/backend.h"

#define ANSWER_HEADER_SIZE 5
/* So many bytes of an error surely hold its severity and code. */
#define ANSWER_ERROR_HEAD_SIZE 256

struct answer {
	char type;
	const uint8_t *data; /* whole message, or its first part */
	size_t size;	     /* of the whole message */
	size_t have;
};

/* Whether the first request, which is being answered, is bibd's own. */
bool answer_is_injected(const struct backend *backend);

/* Passes the message on to the session, or drops it; the rest of a large one likewise, as it comes. */
void answer_pass(struct backend *backend, const struct answer *answer, bool drop);

/* What is behind the header of a message that is there whole. */
const char *answer_text(const struct answer *answer);

/* An answer to a step of the extended protocol (backend_complete.c): the request is done if it was of this kind. -1:
 * the server has answered what nobody asked. */
int answer_take_step(struct backend *backend, const struct answer *answer, enum request_kind kind);
/* CommandComplete, likewise; notes what the tag says. */
int answer_take_complete(struct backend *backend, const struct answer *answer);

/* ErrorResponse. */
void answer_take_error(struct backend *backend, const struct answer *answer);

#endif
