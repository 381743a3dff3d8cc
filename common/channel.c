/*
 * Sends and receives the frames of a channel, queues what cannot be sent at once, and closes on a broken rule.
 */
#include "common/channel.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"

struct channel_pending {
	STAILQ_ENTRY(channel_pending) entry;
	struct frame frame;
};

/* What was in a frame may have been a secret: nothing of it stays in memory. The descriptor is left alone. */
static void
channel_wipe(struct frame *frame)
{
	explicit_bzero(frame->payload, frame->header.length);
}

static void
channel_end(struct channel *channel, const struct error *why)
{
	channel_closed_fn *closed = channel->closed;

	if (!channel_is_open(channel))
		return;
	channel_close(channel);
	if (closed != NULL)
		closed(channel, why);
}

/* Sends what is queued until the socket is full. -1: the channel has ended. */
static int
channel_drain(struct channel *channel)
{
	struct channel_pending *pending;
	struct error why;
	int result = 0;

	while ((pending = STAILQ_FIRST(&channel->queue)) != NULL) {
		if ((result = frame_send(channel->watch.fd, &pending->frame, &why)) == -1) {
			channel_end(channel, &why);
			return -1;
		}
		if (result == 1)
			break;
		STAILQ_REMOVE_HEAD(&channel->queue, entry);
		channel->queued--;
		frame_close(&pending->frame);
		channel_wipe(&pending->frame);
		free(pending);
	}
	loop_watch_events(&channel->watch, result == 1 ? EPOLLIN | EPOLLOUT : EPOLLIN);
	return 0;
}

/* ---- what the peer has not answered ---- */

static void
channel_forget_request(struct channel *channel, unsigned i)
{
	channel->nasked--;
	memmove(&channel->asked[i], &channel->asked[i + 1], (channel->nasked - i) * sizeof(channel->asked[0]));
}

static void
channel_note_request(struct channel *channel, const struct frame_header *sent)
{
	if (message_reply(sent->type) == MESSAGE_NO_REPLY)
		return;
	for (unsigned i = channel->nasked; i-- > 0;)
		if (channel->asked[i].type == sent->type)
			channel_forget_request(channel, i);
	if (channel->nasked == CHANNEL_ASKED_MAX)
		channel_forget_request(channel, 0);
	channel->asked[channel->nasked++] = (struct channel_request) { .type = sent->type, .id = sent->id };
}

static void
channel_note_reply(struct channel *channel, const struct frame_header *taken)
{
	const bool ends_any = taken->type == MESSAGE_FAILED || taken->type == MESSAGE_RESULT;

	for (unsigned i = channel->nasked; i-- > 0;)
		if (channel->asked[i].id == taken->id &&
		    (ends_any || message_reply(channel->asked[i].type) == taken->type))
			channel_forget_request(channel, i);
}

void
channel_unanswered(const struct channel *channel, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < channel->nasked && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%s", i > 0 ? ", " : "",
		    message_name(channel->asked[i].type));
}

static void
channel_take(struct channel *channel)
{
	struct frame frame;
	struct error why;
	int result = frame_receive(channel->watch.fd, &frame, &why);

	if (result == 1) {
		channel_note_reply(channel, &frame.header);
		result =
		    message_dispatch(channel->handlers, channel->context, channel->self, channel->peer, &frame, &why);
		channel_wipe(&frame);
	}
	if (result == -1)
		channel_end(channel, &why);
}

static void
channel_ready(struct loop_watch *watch, uint32_t events)
{
	struct channel *channel = watch->arg;

	/* To a peer that is gone nothing is sent, but what it said before is still heard. */
	if ((events & EPOLLOUT) != 0 && (events & EPOLLHUP) == 0 && channel_drain(channel) == -1)
		return;
	/* One frame a turn, so that a handler may close the channel, and no peer keeps the loop to itself. */
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		channel_take(channel);
}

int
channel_open(struct channel *channel, struct loop *loop, int fd, enum process self, enum process peer,
    const struct message_handlers *handlers, void *context, channel_closed_fn *closed, struct error *e)
{
	*channel =
	    (struct channel) { .self = self, .peer = peer, .handlers = handlers, .context = context, .closed = closed };
	STAILQ_INIT(&channel->queue);
	if (loop_watch_add(loop, &channel->watch, fd, EPOLLIN, channel_ready, channel, e) == -1) {
		close(fd);
		return -1;
	}
	return 0;
}

void
channel_close(struct channel *channel)
{
	struct channel_pending *pending;
	int fd = channel->watch.fd;

	if (!channel_is_open(channel))
		return;
	loop_watch_delete(&channel->watch);
	loop_timer_cancel(&channel->overflow);
	close(fd);
	while ((pending = STAILQ_FIRST(&channel->queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&channel->queue, entry);
		frame_close(&pending->frame);
		channel_wipe(&pending->frame);
		free(pending);
	}
	channel->queued = 0;
}

bool
channel_is_open(const struct channel *channel)
{
	return channel->watch.loop != NULL && channel->watch.fd != -1;
}

uint32_t
channel_next_id(struct channel *channel)
{
	if (++channel->next_id == 0)
		channel->next_id = 1;
	return channel->next_id;
}

static void
channel_overflowed(struct loop_timer *timer)
{
	struct channel *channel = timer->arg;
	struct error why;

	(void)error_set(&why, STATUS_BUG, "channel.full", "%s does not read its messages", process_name(channel->peer));
	channel_end(channel, &why);
}

static int
channel_enqueue(struct channel *channel, const struct frame *frame)
{
	struct channel_pending *pending;

	if (channel->queued == CHANNEL_QUEUE_MAX || (pending = malloc(sizeof(*pending))) == NULL) {
		/* A frame is lost, so the channel ends; not here, where the caller still holds on to it. */
		loop_timer_set(channel->watch.loop, &channel->overflow, 0, channel_overflowed, channel);
		return -1;
	}
	pending->frame = *frame;
	STAILQ_INSERT_TAIL(&channel->queue, pending, entry);
	channel->queued++;
	loop_watch_events(&channel->watch, EPOLLIN | EPOLLOUT);
	return 0;
}

static int
channel_send(struct channel *channel, struct frame *frame)
{
	int result = 1;

	if (!channel_is_open(channel)) {
		frame_close(frame);
		return -1;
	}
	channel_note_request(channel, &frame->header);
	if (STAILQ_EMPTY(&channel->queue))
		result = frame_send(channel->watch.fd, frame, NULL);
	if (result == 1 && channel_enqueue(channel, frame) == 0)
		return 0;
	/* A failed send shows again as the end of the stream, which the loop deals with. */
	frame_close(frame);
	return result == 0 ? 0 : -1;
}

#define FIELD(type, name)
#define NO_FIELDS
#define MESSAGE(NAME, name, route, reply, fds, fields) \
	int channel_send_##name(struct channel *channel, uint32_t id, const struct message_##name *message, int fd) \
	{ \
		static const struct message_##name empty; \
		struct frame frame; \
		struct error e; \
		int sent; \
\
		if (message_encode_##name(&frame, id, message == NULL ? &empty : message, fd, &e) == -1) { \
			log_error("%s", e.text); \
			frame_close(&frame); \
			channel_wipe(&frame); \
			return -1; \
		} \
		sent = channel_send(channel, &frame); \
		channel_wipe(&frame); \
		return sent; \
	}
#include "common/messages.def"
#undef MESSAGE
#undef FIELD
#undef NO_FIELDS

void
channel_flush(struct channel *channel, int ms)
{
	int64_t end = clock_now_ms() + ms;

	while (channel_is_open(channel) && !STAILQ_EMPTY(&channel->queue)) {
		struct pollfd pfd = { .fd = channel->watch.fd, .events = POLLOUT };
		int64_t left = end - clock_now_ms();

		int n = left <= 0 ? 0 : poll(&pfd, 1, (int)left);

		if (n == 0 || (n == -1 && errno != EINTR) || (n == 1 && channel_drain(channel) == -1))
			return;
	}
}
