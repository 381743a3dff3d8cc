/*
 * What messages.def generates: the types, a struct for each message, its encoder and decoder, and the dispatch to a
 * table of handlers with the check that this message may come from that process.
 */
#ifndef BIBD_MESSAGE_H
#define BIBD_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/frame.h"
#include "common/routes.h"

enum message_type {
#define MESSAGE(NAME, name, route, reply, fds, fields) MESSAGE_##NAME,
#include "common/messages.def"
#undef MESSAGE
	MESSAGE_TYPES,
	MESSAGE_NO_REPLY = MESSAGE_TYPES
};

/* What a listening socket is for. LISTEN_METRICS_TCP is there when metrics.address is set, LISTEN_REMOTE once for each
 * of listen.tcp.addresses. */
enum listen_purpose {
	LISTEN_CLIENTS,
	LISTEN_CONTROL,
	LISTEN_METRICS,
	LISTEN_METRICS_TCP,
	LISTEN_REMOTE,
	LISTEN_PURPOSES
};

/* The files of REMOTE_FILE, by the keys of listen.tcp that name them. */
enum remote_file { REMOTE_FILE_CERTIFICATE, REMOTE_FILE_KEY, REMOTE_FILE_LOGINS, REMOTE_FILES };

/* The version that HELLO bears: raised when an older bibctl would misread an answer. */
#define MESSAGE_CONTROL_PROTOCOL 1

typedef bool message_boolean;
typedef uint32_t message_u32;
typedef uint64_t message_u64;
typedef int64_t message_i64;
typedef const char *message_text; /* in a decoded message: points into the frame */

#define FIELD(type, name) message_##type name;
#define NO_FIELDS char nothing;
#define MESSAGE(NAME, name, route, reply, fds, fields) \
	struct message_##name { \
		fields \
	};
#include "common/messages.def"
#undef MESSAGE
#undef FIELD
#undef NO_FIELDS

/* message_encode_NAME(frame, id, message, fd): fills the frame; the descriptor (-1: none) becomes the frame's. Returns
 * -1 (message.too_long) when the fields do not fit. */
#define MESSAGE(NAME, name, route, reply, fds, fields) \
	int message_encode_##name(struct frame *frame, uint32_t id, const struct message_##name *message, int fd, \
	    struct error *e);
#include "common/messages.def"
#undef MESSAGE

/* One handler for each message that a process takes; NULL where it takes none. context is what was given to
 * message_dispatch. The frame is valid until the handler returns; a descriptor in it that is not taken is closed. */
struct message_handlers {
#define MESSAGE(NAME, name, route, reply, fds, fields) \
	void (*name)(void *context, struct frame *frame, const struct message_##name *message);
#include "common/messages.def"
#undef MESSAGE
};

/* Decodes the frame and calls its handler. Returns -1 (message.*) for a type that is unknown, that peer may not send
 * to self or that self does not take, for fields that are malformed, too few or too many, and for a descriptor that is
 * missing or unexpected: the caller then ends the channel. Closes the frame's descriptor in every case. */
int message_dispatch(const struct message_handlers *handlers, void *context, enum process self, enum process peer,
    struct frame *frame, struct error *e);

/* "START"; "unknown" for a type out of range. */
const char *message_name(unsigned type);

/* The message that answers a request of this type; MESSAGE_NO_REPLY for one that is no request. */
enum message_type message_reply(unsigned type);

/* A hash of the whole table: two programs understand each other when theirs are equal. */
uint64_t message_table_hash(void);

#endif
