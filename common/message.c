/*
 * Expands the table of messages into names, encoders, decoders, the check of direction and the hash of the table.
 */
#include "common/message.h"

#include <stddef.h>

/* What the table says of each message, in its order. */
static const struct message_row {
	const char *name;
	unsigned from;
	unsigned to;
	enum message_type reply;
	unsigned fds;
} message_rows[] = {
#define MESSAGE(NAME, name, route, reply, fds, fields) { #NAME, route, MESSAGE_##reply, fds },
#include "common/messages.def"
#undef MESSAGE
};
_Static_assert(sizeof(message_rows) / sizeof(message_rows[0]) == MESSAGE_TYPES, "one row for each message");

#define MESSAGE_TEXT_(...) #__VA_ARGS__
#define MESSAGE_TEXT(...) MESSAGE_TEXT_(__VA_ARGS__)
/* One literal for each message: ISO C does not promise that a compiler takes one of more than 4095 characters. */
static const char *const message_descriptions[] = {
#define MESSAGE(NAME, name, route, reply, fds, fields) \
#name "(" MESSAGE_TEXT(route) "," #reply "," MESSAGE_TEXT(fds) "," #fields ")",
#include "common/messages.def"
#undef MESSAGE
};

/* FNV-1a, 64 bits. */
uint64_t
message_table_hash(void)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (unsigned i = 0; i < MESSAGE_TYPES; i++)
		for (const char *p = message_descriptions[i]; *p != '\0'; p++)
			hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
	return hash;
}

const char *
message_name(unsigned type)
{
	return type < MESSAGE_TYPES ? message_rows[type].name : "unknown";
}

enum message_type
message_reply(unsigned type)
{
	return type < MESSAGE_TYPES ? message_rows[type].reply : MESSAGE_NO_REPLY;
}

#define FIELD(type, name) frame_put_##type(&w, message->name);
#define NO_FIELDS (void)message;
#define MESSAGE(NAME, name, route, reply, fds, fields) \
	int message_encode_##name(struct frame *frame, uint32_t id, const struct message_##name *message, int fd, \
	    struct error *e) \
	{ \
		struct frame_writer w = { .frame = frame }; \
\
		frame->header = (struct frame_header) { .type = MESSAGE_##NAME, .length = 0, .id = id }; \
		frame->fd = fd; \
		fields if (w.failed) return error_set(e, STATUS_BUG, "message.too_long", \
		    #NAME " does not fit a frame"); \
		return 0; \
	}
#include "common/messages.def"
#undef MESSAGE
#undef FIELD
#undef NO_FIELDS

static int
message_malformed(const struct frame *frame, enum process peer, struct error *e)
{
	return error_set(e, STATUS_BUG, "message.malformed", "%s sent a malformed %s", process_name(peer),
	    message_name(frame->header.type));
}

/* One decoder for each message: fields, nothing left over, then the handler. */
#define FIELD(type, name) frame_get_##type(&r, &message.name);
#define NO_FIELDS message.nothing = 0;
#define MESSAGE(NAME, name, route, reply, fds, fields) \
	static int message_take_##name(const struct message_handlers *handlers, void *context, enum process peer, \
	    struct frame *frame, struct error *e) \
	{ \
		struct frame_reader r = { .frame = frame }; \
		struct message_##name message; \
\
		if (handlers->name == NULL) \
			return error_set(e, STATUS_BUG, "message.unexpected", \
			    "%s sent %s, which this process does not handle", process_name(peer), #NAME); \
		fields if (r.failed || r.offset != frame->header.length) return message_malformed(frame, peer, e); \
		handlers->name(context, frame, &message); \
		return 0; \
	}
#include "common/messages.def"
#undef MESSAGE
#undef FIELD
#undef NO_FIELDS

static int (*const message_takers[])(const struct message_handlers *, void *, enum process, struct frame *,
    struct error *) = {
#define MESSAGE(NAME, name, route, reply, fds, fields) message_take_##name,
#include "common/messages.def"
#undef MESSAGE
};

static int
message_check(const struct frame *frame, enum process self, enum process peer, struct error *e)
{
	const struct message_row *row;

	if (frame->header.type >= MESSAGE_TYPES)
		return error_set(e, STATUS_BUG, "message.unknown", "%s sent a message of unknown type %u",
		    process_name(peer), frame->header.type);
	row = &message_rows[frame->header.type];
	if ((row->from & peer) == 0 || (row->to & self) == 0)
		return error_set(e, STATUS_BUG, "message.direction", "%s may not send %s to %s", process_name(peer),
		    row->name, process_name(self));
	if ((frame->fd != -1) != (row->fds == 1))
		return error_set(e, STATUS_BUG, "message.descriptor", "%s sent %s %s a descriptor", process_name(peer),
		    row->name, row->fds == 1 ? "without" : "with");
	return 0;
}

int
message_dispatch(const struct message_handlers *handlers, void *context, enum process self, enum process peer,
    struct frame *frame, struct error *e)
{
	int result = message_check(frame, self, peer, e);

	if (result == 0)
		result = message_takers[frame->header.type](handlers, context, peer, frame, e);
	frame_close(frame);
	return result;
}
