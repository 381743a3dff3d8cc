/*
 * One end of a SOCK_SEQPACKET socket in a loop: frames in, frames out, in order. What cannot be sent at once is queued
 * up to a bound; a peer that breaks the rules or does not read costs its channel, never this process.
 */
#ifndef BIBD_CHANNEL_H
#define BIBD_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "common/loop.h"
#include "common/message.h"

/* Frames that may wait for a peer that does not read. */
#define CHANNEL_QUEUE_MAX 256
#define CHANNEL_ASKED_MAX 8

struct channel;
struct channel_pending;

/* Called once, when the peer is gone or has broken a rule; why says which ("channel.closed" is the ordinary end). The
 * channel is closed already; the callback may free the struct around it. */
typedef void channel_closed_fn(struct channel *channel, const struct error *why);

/* A request that was sent; its answer is message_reply() of its type, FAILED or RESULT, under its id. */
struct channel_request {
	unsigned type;
	uint32_t id;
};

struct channel {
	struct loop_watch watch;
	enum process self;
	enum process peer;
	const struct message_handlers *handlers;
	void *context; /* given to the handlers */
	channel_closed_fn *closed;
	STAILQ_HEAD(channel_queue, channel_pending) queue;
	size_t queued;
	struct loop_timer overflow; /* set when the queue was full: ends the channel from the loop */
	struct channel_request asked[CHANNEL_ASKED_MAX]; /* what the peer has not answered, the oldest first */
	unsigned nasked;
	uint32_t next_id;
};

/* Takes over the descriptor. Errors: loop.watch (the descriptor is closed then too). */
int channel_open(struct channel *channel, struct loop *loop, int fd, enum process self, enum process peer,
    const struct message_handlers *handlers, void *context, channel_closed_fn *closed, struct error *e);

/* Closes without a callback; does nothing to a closed channel. */
void channel_close(struct channel *channel);

bool channel_is_open(const struct channel *channel);

/* "OPEN_STORE, HEARTBEAT": the requests that the peer has not answered, also after the channel was closed; "" when it
 * has answered all. Of one that was sent again only the last counts. */
void channel_unanswered(const struct channel *channel, char *text, size_t size);

/* A fresh id for a request, never 0. */
uint32_t channel_next_id(struct channel *channel);

/* channel_send_NAME(channel, id, message, fd): encodes and sends, or queues. The descriptor (-1: none) is the
 * channel's from then on, also after an error. Returns -1 when the channel is closed, the message too long or the queue
 * full; the last also ends the channel from the loop. message may be NULL where there are no fields. */
#define MESSAGE(NAME, name, route, reply, fds, fields) \
	int channel_send_##name(struct channel *channel, uint32_t id, const struct message_##name *message, int fd);
#include "common/messages.def"
#undef MESSAGE

/* Tries to send what is queued, waiting at most ms in all. For the last words of a process that ends. */
void channel_flush(struct channel *channel, int ms);

#endif
