/*
 * Sends and receives one packet with its descriptor, and puts fields into its payload and takes them out.
 */
#include "common/frame.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

void
frame_close(struct frame *frame)
{
	if (frame->fd != -1)
		close(frame->fd);
	frame->fd = -1;
}

int
frame_take_fd(struct frame *frame)
{
	int fd = frame->fd;

	frame->fd = -1;
	return fd;
}

int
frame_send(int socket_fd, const struct frame *frame, struct error *e)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov[2] = {
		{ .iov_base = (void *)(uintptr_t)&frame->header, .iov_len = sizeof(frame->header) },
		{ .iov_base = (void *)(uintptr_t)frame->payload, .iov_len = frame->header.length },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	if (frame->fd != -1) {
		struct cmsghdr *cmsg;

		memset(&control, 0, sizeof(control));
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &frame->fd, sizeof(int));
	}
	for (;;) {
		if (sendmsg(socket_fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
			return 1;
		if (errno != EINTR)
			return error_set_errno(e, STATUS_OS, "frame.send", "cannot send a frame");
	}
}

/* Keeps the first descriptor that came along and closes the others; returns how many there were. */
static int
frame_collect_fds(struct msghdr *msg, int *fd)
{
	int count = 0;

	*fd = -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int received;

			memcpy(&received, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (count++ == 0)
				*fd = received;
			else
				close(received);
		}
	}
	return count;
}

int
frame_receive(int socket_fd, struct frame *frame, struct error *e)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct iovec iov[2] = {
		{ .iov_base = &frame->header, .iov_len = sizeof(frame->header) },
		{ .iov_base = frame->payload, .iov_len = sizeof(frame->payload) },
	};
	struct msghdr msg = { .msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	ssize_t n;
	int nfds, resets = 0;

	frame->fd = -1;
	/* When the peer has closed before it had read everything, the kernel reports a reset, once, ahead of the frames
	 * that the peer had sent: receive again to get its last words. */
	do
		n = recvmsg(socket_fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n == -1 && (errno == EINTR || (errno == ECONNRESET && resets++ == 0)));
	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n == -1 && errno != ECONNRESET)
		return error_set_errno(e, STATUS_OS, "frame.receive", "cannot receive a frame");
	/* An empty packet looks like the end of the stream, but may have brought descriptors. */
	nfds = n == -1 ? 0 : frame_collect_fds(&msg, &frame->fd);
	if (n <= 0) {
		frame_close(frame);
		return error_set(e, STATUS_OS, "channel.closed", "the peer closed its channel");
	}
	if (nfds > 1 || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || (size_t)n < sizeof(frame->header) ||
	    (size_t)n != sizeof(frame->header) + frame->header.length) {
		frame_close(frame);
		return error_set(e, STATUS_BUG, "frame.malformed", "the peer sent a malformed frame");
	}
	return 1;
}

static void
frame_put(struct frame_writer *w, const void *data, size_t size)
{
	struct frame *f = w->frame;

	if (w->failed || size > sizeof(f->payload) - f->header.length) {
		w->failed = true;
		return;
	}
	memcpy(f->payload + f->header.length, data, size);
	f->header.length = (uint16_t)(f->header.length + size);
}

void
frame_put_boolean(struct frame_writer *w, bool value)
{
	frame_put(w, &(uint8_t) { value }, 1);
}

void
frame_put_u32(struct frame_writer *w, uint32_t value)
{
	frame_put(w, &value, sizeof(value));
}

void
frame_put_u64(struct frame_writer *w, uint64_t value)
{
	frame_put(w, &value, sizeof(value));
}

void
frame_put_i64(struct frame_writer *w, int64_t value)
{
	frame_put(w, &value, sizeof(value));
}

void
frame_put_text(struct frame_writer *w, const char *value)
{
	size_t length = value == NULL ? 0 : strlen(value);

	if (length > FRAME_PAYLOAD_MAX) {
		w->failed = true;
		return;
	}
	frame_put_u32(w, (uint32_t)length);
	frame_put(w, value == NULL ? "" : value, length + 1);
}

/* The next size bytes of the payload, or NULL when there are fewer. */
static const uint8_t *
frame_get(struct frame_reader *r, size_t size)
{
	const uint8_t *at = r->frame->payload + r->offset;

	if (r->failed || size > (size_t)r->frame->header.length - r->offset) {
		r->failed = true;
		return NULL;
	}
	r->offset += size;
	return at;
}

void
frame_get_boolean(struct frame_reader *r, bool *value)
{
	const uint8_t *at = frame_get(r, 1);

	*value = at != NULL && *at == 1;
	if (at != NULL && *at > 1)
		r->failed = true;
}

void
frame_get_u32(struct frame_reader *r, uint32_t *value)
{
	const uint8_t *at = frame_get(r, sizeof(*value));

	*value = 0;
	if (at != NULL)
		memcpy(value, at, sizeof(*value));
}

void
frame_get_u64(struct frame_reader *r, uint64_t *value)
{
	const uint8_t *at = frame_get(r, sizeof(*value));

	*value = 0;
	if (at != NULL)
		memcpy(value, at, sizeof(*value));
}

void
frame_get_i64(struct frame_reader *r, int64_t *value)
{
	uint64_t bits;

	frame_get_u64(r, &bits);
	memcpy(value, &bits, sizeof(*value));
}

void
frame_get_text(struct frame_reader *r, const char **value)
{
	uint32_t length;
	const uint8_t *at;

	*value = "";
	frame_get_u32(r, &length);
	if (r->failed || (at = frame_get(r, (size_t)length + 1)) == NULL)
		return;
	if (memchr(at, '\0', (size_t)length + 1) != at + length) {
		r->failed = true;
		return;
	}
	*value = (const char *)at;
}
